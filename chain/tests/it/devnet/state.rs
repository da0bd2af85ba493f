//! The state of past blocks, calls that pretend, and chains that go on after a restart.

use std::{
    fs,
    path::{Path, PathBuf},
};

use alloy::{
    primitives::{Address, B256, Bytes, U256, address},
    rpc::types::{Block, Log, Transaction},
};
use latchkey::devnet::{DEV_BALANCE, DevChain, Devnet, DevnetError, Genesis, LoadError, StateFileError};
use serde_json::{Value, json};

use super::support::*;

/// Returns the word in slot 0.
const READ: &[u8] = &[0x5f, 0x54, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3];

/// Returns timestamp, number, base fee, beneficiary and randomness.
const BLOCK_FIELDS: &[u8] = &[
    0x42, 0x5f, 0x52, 0x43, 0x60, 0x20, 0x52, 0x48, 0x60, 0x40, 0x52, 0x41, 0x60, 0x60, 0x52, 0x44, 0x60, 0x80, 0x52,
    0x60, 0xa0, 0x5f, 0xf3,
];

/// Returns the hash of block 1.
const HASH_OF_ONE: &[u8] = &[0x60, 0x01, 0x40, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3];

fn store(devnet: &Devnet, contract: Address, word: u64) {
    let nonce = devnet.with_chain(|chain| chain.nonce(account(0).address()));
    let mut tx = transaction(nonce, contract);
    tx.input = U256::from(word).to_be_bytes_vec().into();
    mined(devnet, &sign(&account(0), tx));
}

#[test]
fn earlier_blocks_are_read_as_they_were() {
    let devnet = on_demand();
    let contract = deploy(&devnet, STORE_AND_LOG);
    for word in 10..14 {
        store(&devnet, contract, word);
    }
    let _: Value = ask(&devnet, "anvil_setBalance", json!([contract, "0x1"]));
    for (block, word) in [(0, 0), (1, 0), (2, 10), (3, 11), (4, 12), (5, 13)] {
        let number = format!("{block:#x}");
        let hash = ask::<Block>(&devnet, "eth_getBlockByNumber", json!([number, false])).header.hash;
        for id in [json!(number), json!({ "blockHash": hash })] {
            let stored: U256 = ask(&devnet, "eth_getStorageAt", json!([contract, "0x0", id]));
            assert_eq!(stored, U256::from(word), "slot at block {block}");
            let nonce: U256 = ask(&devnet, "eth_getTransactionCount", json!([account(0).address(), id]));
            assert_eq!(nonce, U256::from(block), "nonce at block {block}");
            let code: Bytes = ask(&devnet, "eth_getCode", json!([contract, id]));
            assert_eq!(code.is_empty(), block == 0, "code at block {block}");
            let pretended = json!({ contract.to_string(): { "code": Bytes::from_static(READ) } });
            let called: U256 = ask(&devnet, "eth_call", json!([{ "to": contract }, id, pretended]));
            assert_eq!(called, U256::from(word), "call at block {block}");
        }
    }
    let balance = |block: &str| ask::<U256>(&devnet, "eth_getBalance", json!([account(0).address(), block]));
    assert_eq!(balance("earliest"), DEV_BALANCE);
    assert!(balance("latest") < balance("0x3") && balance("0x3") < balance("0x2"));
}

#[test]
fn a_state_that_is_gone_is_named() {
    let devnet = Devnet::builder().on_demand().history(257).spawn().expect("a devnet");
    for _ in 0..400 {
        devnet.mine();
    }
    let read = |block: Value| devnet.request("eth_getBalance", json!([Address::ZERO, block]));
    assert!(read(json!("0x90")).is_ok(), "block 144 is the oldest of 257");
    let check = |block: Value, words: &str| {
        let error = read(block).expect_err(words);
        assert!(error.message.contains(words), "{error}");
        assert_eq!(error.code, -32000);
    };
    check(json!("0x8f"), "pruned history unavailable: the oldest block kept is 144");
    check(json!("0x191"), "header not found");
    check(json!({ "blockHash": B256::ZERO }), "header not found");
}

#[test]
fn calls_pretend_accounts_as_geth_words_it() {
    let devnet = on_demand();
    let contract = deploy(&devnet, STORE_AND_LOG);
    store(&devnet, contract, 7);
    let there = address!("0x00000000000000000000000000000000000000aa");
    let word = |word: u64| B256::from(U256::from(word));
    let read = |pretended: Value| -> U256 {
        let mut account = pretended;
        account["code"] = json!(Bytes::from_static(READ));
        ask(&devnet, "eth_call", json!([{ "to": contract }, "latest", { contract.to_string(): account }]))
    };
    assert_eq!(read(json!({})), U256::from(7), "the real slot");
    assert_eq!(read(json!({ "stateDiff": { word(0).to_string(): word(9) } })), U256::from(9));
    assert_eq!(read(json!({ "stateDiff": { word(1).to_string(): word(9) } })), U256::from(7), "another slot");
    assert_eq!(read(json!({ "state": { word(0).to_string(): word(9) } })), U256::from(9));
    assert_eq!(read(json!({ "state": {} })), U256::ZERO, "slots that are not listed are empty");

    let pay = |pretended: Value| {
        let call = json!({ "from": there, "to": account(1).address(), "value": "0x64" });
        devnet.request("eth_call", json!([call, "latest", { there.to_string(): pretended }]))
    };
    assert!(pay(json!({})).is_err(), "it has nothing");
    assert!(pay(json!({ "balance": "0x64" })).is_ok());
    let call = json!({ "from": there, "to": account(1).address(), "value": "0x64" });
    let rich = json!({ there.to_string(): { "balance": "0x64" } });
    let gas: U256 = ask(&devnet, "eth_estimateGas", json!([call, "latest", rich]));
    assert_eq!(gas, U256::from(21_000));

    let both = json!({ there.to_string(): { "state": {}, "stateDiff": {} } });
    let error = devnet.request("eth_call", json!([{}, "latest", both])).expect_err("one or the other");
    assert!(error.message.contains("has both 'state' and 'stateDiff'"), "{error}");
    let moved = json!({ there.to_string(): { "movePrecompileToAddress": Address::ZERO } });
    let error = devnet.request("eth_call", json!([{}, "latest", moved])).expect_err("not here");
    assert!(error.message.contains("precompiles cannot be moved"), "{error}");
    assert_eq!(devnet.with_chain(|chain| chain.code(contract)).as_ref(), STORE_AND_LOG, "nothing has changed");
}

#[test]
fn calls_pretend_block_fields_as_geth_words_it() {
    let devnet = on_demand();
    let (fields, hash) = (deploy(&devnet, BLOCK_FIELDS), deploy(&devnet, HASH_OF_ONE));
    let overrides = json!({
        "time": "0x1", "number": "0x2", "baseFeePerGas": "0x3",
        "feeRecipient": "0x0000000000000000000000000000000000000004", "prevRandao": B256::from(U256::from(5)),
    });
    let answer: Bytes = ask(&devnet, "eth_call", json!([{ "to": fields }, "latest", {}, overrides]));
    let words: Vec<U256> = answer.chunks(32).map(U256::from_be_slice).collect();
    assert_eq!(words, [1, 2, 3, 4, 5].map(U256::from));
    let one: Block = ask(&devnet, "eth_getBlockByNumber", json!(["0x1", false]));
    let answer: B256 = ask(&devnet, "eth_call", json!([{ "to": hash }, "latest"]));
    assert_eq!(answer, one.header.hash);
}

/// A path of its own for each test, removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("latchkey-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }

    fn file(&self) -> PathBuf {
        self.0.join("chain.state")
    }

    fn spawn(&self) -> Result<Devnet, DevnetError> {
        Devnet::builder().on_demand().genesis_time(1_700_000_000).state(self.file()).spawn()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left is the system's to remove.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_chain_goes_on_after_a_restart() {
    let scratch = Scratch::new("restart");
    let devnet = scratch.spawn().expect("a fresh chain");
    let contract = deploy(&devnet, STORE_AND_LOG);
    store(&devnet, contract, 42);
    let alice = account(1);
    mined(&devnet, &sign(&account(2), set_code(0, alice.address(), authorize(&alice, contract, 0))));
    let _: Value = ask(&devnet, "evm_increaseTime", json!([1_000]));
    let waiting = send(&devnet, &sign(&account(3), transaction(0, contract))).expect("the pool takes it");
    let asked = [
        ("eth_getBlockByNumber", json!(["0x2", true])),
        ("eth_getBlockByNumber", json!(["latest", false])),
        ("eth_getBlockReceipts", json!(["0x3"])),
        ("eth_getLogs", json!([{ "fromBlock": "0x0" }])),
        ("eth_getBalance", json!([account(0).address(), "latest"])),
        ("eth_getCode", json!([alice.address(), "latest"])),
        ("eth_getStorageAt", json!([contract, "0x0", "latest"])),
        ("eth_getTransactionCount", json!([account(3).address(), "pending"])),
    ];
    let answers = |devnet: &Devnet| -> Vec<Value> {
        asked.iter().map(|(method, params)| ask(devnet, method, params.clone())).collect()
    };
    let before = answers(&devnet);
    assert_eq!(
        ask::<Vec<Log>>(&devnet, "eth_getLogs", asked[3].1.clone()).len(),
        2,
        "of the contract and of the account"
    );
    devnet.close().expect("saved");

    let devnet = scratch.spawn().expect("the same chain");
    assert_eq!(answers(&devnet), before);
    let found: Transaction = ask(&devnet, "eth_getTransactionByHash", json!([waiting]));
    assert_eq!(found.block_hash, None, "it still waits");
    let head = devnet.with_chain(|chain| chain.head().clone());
    let next = devnet.mine();
    assert_eq!(next.header().parent_hash, head.hash());
    assert_eq!(next.timestamp(), head.timestamp() + 1_001, "time goes on where it was");
    assert!(receipt(&devnet, waiting).is_some());
    let error = devnet.request("eth_getBalance", json!([Address::ZERO, "0x1"])).expect_err("not kept");
    assert!(
        error.message.contains("the state of block 1 is no longer known, the oldest is that of block 3"),
        "{error}"
    );
}

#[test]
fn a_file_has_one_owner() {
    let scratch = Scratch::new("owner");
    let devnet = scratch.spawn().expect("a fresh chain");
    let error = scratch.spawn().expect_err("it is in use");
    assert!(matches!(error, DevnetError::State(StateFileError::InUse(_))), "{error}");
    devnet.close().expect("saved");
    scratch.spawn().expect("free again");
}

#[test]
fn a_torn_file_is_kept_aside() {
    let scratch = Scratch::new("torn");
    scratch.spawn().expect("a fresh chain").close().expect("saved");
    let whole = fs::read(scratch.file()).expect("saved");
    for number in 1..=2 {
        let torn = &whole[..whole.len() - number];
        fs::write(scratch.file(), torn).expect("writes");
        let error = scratch.spawn().expect_err("it is torn");
        let DevnetError::State(StateFileError::Torn { aside, reason: LoadError::Torn(_), .. }) = error else {
            panic!("{error}")
        };
        assert!(aside.ends_with(format!("chain.state.torn-{number}")), "{}", aside.display());
        assert_eq!(fs::read(&aside).expect("kept"), torn);
        assert!(!scratch.file().exists());
    }
    assert_eq!(scratch.spawn().expect("a fresh chain").mine().number(), 1);
}

#[test]
fn a_file_of_something_else_is_left_alone() {
    let scratch = Scratch::new("foreign");
    let check = |contents: &[u8], expected: fn(&LoadError) -> bool| {
        fs::write(scratch.file(), contents).expect("writes");
        let error = scratch.spawn().expect_err("it is not ours");
        let DevnetError::State(StateFileError::Refused { reason, .. }) = &error else { panic!("{error}") };
        assert!(expected(reason), "{error}");
        assert_eq!(fs::read(scratch.file()).expect("still there"), contents);
    };
    check(b"# Notes\n", |reason| matches!(reason, LoadError::Foreign));
    check(b"", |reason| matches!(reason, LoadError::Foreign));
    let other = Genesis { chain_id: 5, ..Genesis::default() };
    let other = DevChain::new(&other).expect("a chain").save();
    check(&other, |reason| matches!(reason, LoadError::ChainId { found: 5, wanted: 31_337 }));
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let missing = Path::new("/nowhere/at/all/chain.state");
    let error = Devnet::builder().state(missing).spawn().expect_err("no folder");
    assert!(matches!(&error, DevnetError::State(StateFileError::Io { path, .. }) if path == missing), "{error}");
}
