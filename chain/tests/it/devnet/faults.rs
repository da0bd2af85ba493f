//! Faults on purpose: reorganisations, base fees, accounts changed by hand.

use alloy::{
    primitives::{Address, B256, U256, address},
    rpc::types::{Block, Log, TransactionReceipt},
};
use latchkey::devnet::{DEV_BALANCE, Devnet, Notice};
use serde_json::{Value, json};

use super::support::*;

fn number(devnet: &Devnet) -> u64 {
    devnet.with_chain(|chain| chain.head().number())
}

fn block(devnet: &Devnet, number: u64) -> Block {
    ask(devnet, "eth_getBlockByNumber", json!([format!("{number:#x}"), false]))
}

/// A chain of five blocks, with a transfer in block 2 and a log in blocks 1, 3 and 4.
fn five_blocks(devnet: &Devnet) -> (Address, B256) {
    let contract = deploy(devnet, STORE_AND_LOG);
    let transfer = mined(devnet, &sign(&account(1), transaction(0, account(2).address())));
    for nonce in 1..3 {
        let mut tx = transaction(nonce, contract);
        tx.input = U256::from(nonce).to_be_bytes_vec().into();
        mined(devnet, &sign(&account(0), tx));
    }
    devnet.mine();
    (contract, transfer.transaction_hash)
}

#[test]
fn a_reorg_replaces_blocks_and_drops_their_transactions() {
    let devnet = on_demand();
    let (contract, transfer) = five_blocks(&devnet);
    let before: Vec<Block> = (0..=5).map(|number| block(&devnet, number)).collect();
    let waiting = send(&devnet, &sign(&account(3), transaction(0, contract))).expect("the pool takes it");
    let _: Value = ask(&devnet, "anvil_reorg", json!([4, []]));

    assert_eq!(number(&devnet), 5, "as many blocks as before");
    assert_eq!(block(&devnet, 1), before[1], "the common block stays");
    for number in 2..=5 {
        let (old, new) = (&before[number as usize], block(&devnet, number));
        assert_ne!(new.header.hash, old.header.hash, "block {number}");
        assert_eq!(new.header.parent_hash, block(&devnet, number - 1).header.hash, "block {number}");
        assert_eq!(new.header.timestamp, old.header.timestamp, "block {number}");
        assert_eq!(new.header.inner.hash_slow(), new.header.hash, "block {number}");
        assert_eq!(new.header.state_root, before[1].header.state_root, "block {number} is empty");
        let gone: Option<Block> = ask(&devnet, "eth_getBlockByHash", json!([old.header.hash, false]));
        assert_eq!(gone, None, "block {number}");
    }
    assert!(receipt(&devnet, transfer).is_none(), "its receipt is gone");
    let found: Value = ask(&devnet, "eth_getTransactionByHash", json!([transfer]));
    assert_eq!(found, Value::Null, "and it is not queued again");
    assert_eq!(devnet.with_chain(|chain| chain.balance(account(1).address())), DEV_BALANCE);
    assert_eq!(devnet.with_chain(|chain| chain.nonce(account(1).address())), 0);
    assert_eq!(devnet.with_chain(|chain| chain.storage(contract, U256::ZERO)), U256::ZERO);
    devnet.mine();
    assert!(receipt(&devnet, waiting).is_some(), "what waited in the pool still does");
}

#[test]
fn transactions_for_the_new_blocks_are_signed_or_to_be_signed() {
    let devnet = on_demand();
    five_blocks(&devnet);
    let (alice, bob) = (account(0).address(), account(1));
    let raw = sign(&bob, transaction(0, alice));
    let request = json!({ "from": alice, "to": bob.address(), "value": "0x7" });
    let _: Value = ask(&devnet, "anvil_reorg", json!([4, [[request, 2], [raw, 0], [request, 1]]]));
    let receipts = |number: u64| -> Vec<TransactionReceipt> {
        ask(&devnet, "eth_getBlockReceipts", json!([format!("{number:#x}")]))
    };
    assert_eq!((2..=5).map(|number| receipts(number).len()).collect::<Vec<_>>(), [1, 1, 1, 0]);
    assert!((2..=4).flat_map(receipts).all(|receipt| receipt.status()));
    assert_eq!(receipts(2)[0].from, bob.address());
    assert_eq!(devnet.with_chain(|chain| chain.nonce(alice)), 3, "nonces go on from the common block");
}

#[test]
fn a_reorg_that_cannot_be_is_refused_and_changes_nothing() {
    let devnet = on_demand();
    five_blocks(&devnet);
    let head = devnet.with_chain(|chain| chain.head().hash());
    let check = |params: Value, words: &str| {
        let error = devnet.request("anvil_reorg", params).expect_err(words);
        assert_eq!(error.code, -32602, "{error}");
        assert!(error.message.contains(words), "{error}");
        assert_eq!(devnet.with_chain(|chain| chain.head().hash()), head);
    };
    check(json!([6, []]), "Reorg depth must not exceed current chain height: current height 5, depth 6");
    check(json!([0, []]), "at least 1");
    check(json!([2, [[{ "from": account(0).address() }, 2]]]), "must not exceed (depth-1) 1");
    check(json!([2, [["0x02c0", 0]]]), "failed to decode signed transaction");
    check(json!([2, [[{ "to": Address::ZERO }, 0]]]), "needs `from`");
    check(json!([]), "missing value for required argument 0");
    // Both forms of parameters, and hex as well as numbers.
    let _: Value = ask(&devnet, "anvil_reorg", json!({ "depth": 1, "tx_block_pairs": [] }));
    let _: Value = ask(&devnet, "anvil_reorg", json!(["0x1", []]));
}

#[test]
fn a_reorg_tells_what_was_removed_before_what_is_new() {
    let devnet = on_demand();
    five_blocks(&devnet);
    let (old, told, new) = devnet.with_chain(|chain| {
        chain.take_notices();
        let old = chain.head().hash();
        chain.reorg(2, Vec::new()).expect("two blocks");
        let told = chain.take_notices();
        (old, told, chain.head().hash())
    });
    let told: Vec<_> = told
        .iter()
        .map(|notice| match notice {
            Notice::Removed(block) => (false, block.number(), block.hash()),
            Notice::Head(block) => (true, block.number(), block.hash()),
            Notice::Pending(_) => panic!("nothing entered the pool"),
        })
        .collect();
    assert_eq!(
        told.iter().map(|(new, number, _)| (*new, *number)).collect::<Vec<_>>(),
        [(false, 5), (false, 4), (true, 4), (true, 5),]
    );
    assert_eq!((told[0].2, told[3].2), (old, new));
}

#[test]
fn logs_of_a_reorged_block_are_gone() {
    let devnet = on_demand();
    let (contract, _) = five_blocks(&devnet);
    let logs = || -> Vec<Log> { ask(&devnet, "eth_getLogs", json!([{ "fromBlock": "0x0", "address": contract }])) };
    assert_eq!(logs().len(), 2);
    let _: Value = ask(&devnet, "anvil_reorg", json!([2, []]));
    assert_eq!(logs().iter().filter_map(|log| log.block_number).collect::<Vec<_>>(), [3]);
}

#[test]
fn the_next_base_fee_is_set_once() {
    let devnet = on_demand();
    devnet.mine();
    for fee in [json!("0x77359400"), json!(2_000_000_000)] {
        let _: Value = ask(&devnet, "anvil_setNextBlockBaseFeePerGas", json!([fee]));
        let price: U256 = ask(&devnet, "eth_gasPrice", json!([]));
        assert_eq!(price, U256::from(3_000_000_000_u64), "the next base fee and a tip");
        assert_eq!(devnet.mine().base_fee(), 2_000_000_000);
        assert_eq!(devnet.mine().base_fee(), 1_750_000_000, "an empty block lowers it by an eighth");
    }
    let _: Value = ask(&devnet, "anvil_setNextBlockBaseFeePerGas", json!(["0x0"]));
    assert_eq!(devnet.mine().base_fee(), 0);
}

#[test]
fn a_base_fee_above_the_cap_makes_a_transaction_wait() {
    let devnet = on_demand();
    let hash = send(&devnet, &sign(&account(0), transaction(0, Address::ZERO))).expect("the pool takes it");
    let _: Value = ask(&devnet, "anvil_setNextBlockBaseFeePerGas", json!([format!("{:#x}", FEE + 1)]));
    devnet.mine();
    assert!(receipt(&devnet, hash).is_none(), "it cannot pay");
    let _: Value = ask(&devnet, "anvil_setNextBlockBaseFeePerGas", json!([1]));
    devnet.mine();
    assert!(receipt(&devnet, hash).is_some());
}

#[test]
fn accounts_are_changed_by_hand() {
    let devnet = on_demand();
    let there = address!("0x00000000000000000000000000000000000000aa");
    let _: Value = ask(&devnet, "anvil_setBalance", json!([there, "0x64"]));
    let _: Value = ask(&devnet, "anvil_setNonce", json!([there, "0x5"]));
    let _: Value = ask(&devnet, "anvil_setCode", json!([there, "0x6001"]));
    let word = B256::from(U256::from(9));
    assert!(ask::<bool>(&devnet, "anvil_setStorageAt", json!([there, "0x3", word])));
    devnet.with_chain(|chain| {
        assert_eq!(chain.balance(there), U256::from(100));
        assert_eq!(chain.nonce(there), 5);
        assert_eq!(chain.code(there).as_ref(), [0x60, 0x01]);
        assert_eq!(chain.storage(there, U256::from(3)), U256::from(9));
    });
}

#[test]
fn the_whole_pool_is_dropped() {
    let devnet = on_demand();
    for nonce in 0..3 {
        send(&devnet, &sign(&account(0), transaction(nonce, Address::ZERO))).expect("the pool takes it");
    }
    let _: Value = ask(&devnet, "anvil_dropAllTransactions", json!([]));
    assert_eq!(devnet.with_chain(|chain| chain.pending()), 0);
    assert_eq!(devnet.mine().transaction_hashes().count(), 0);
}

#[test]
fn blocks_are_mined_with_seconds_between_them() {
    let devnet = on_demand();
    let first = devnet.mine().timestamp();
    let _: Value = ask(&devnet, "anvil_mine", json!(["0x3", 10]));
    assert_eq!(number(&devnet), 4);
    let times: Vec<u64> = (2..=4).map(|number| block(&devnet, number).header.timestamp).collect();
    assert_eq!(times, [first + 1, first + 11, first + 21]);
    assert_eq!(devnet.mine().timestamp(), first + 22, "then the schedule goes on");
}
