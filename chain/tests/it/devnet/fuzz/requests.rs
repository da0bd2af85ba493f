//! Raw request bytes, over a real connection to the real server.

use latchkey::devnet::Devnet;
use serde_json::{Value, json};

use super::Run;
use crate::devnet::{
    support::*,
    wire::{Wire, panics},
};

/// Requests of the suite's run.
const CASES: u64 = 2_000;

/// Requests between two looks at whether the server still answers as it should.
const LOOK_EVERY: u64 = 500;

/// Valid requests of every method, alone and in batches. Only `eth_sendRawTransactionSync` is missing, whose answer
/// may rightly take a minute.
fn corpus(devnet: &Devnet) -> Vec<Vec<u8>> {
    let contract = deploy(devnet, STORE_AND_LOG);
    let raw = sign(&account(2), transaction(0, contract));
    let hash = mined(devnet, &raw).transaction_hash;
    let (alice, latest) = (account(0).address(), "latest");
    let call = json!({ "from": alice, "to": contract, "value": "0x0", "gas": "0x20000", "input": "0x01" });
    let topics = json!([null, [hash, hash]]);
    let requests = json!([
        ["web3_clientVersion", []],
        ["net_version", []],
        ["eth_chainId", []],
        ["eth_syncing", []],
        ["eth_accounts", []],
        ["eth_blockNumber", []],
        ["eth_getBlockByNumber", ["0x1", true]],
        ["eth_getBlockByNumber", ["finalized", false]],
        ["eth_getBlockByHash", [hash, true]],
        ["eth_getBlockReceipts", [latest]],
        ["eth_getTransactionByHash", [hash]],
        ["eth_getTransactionReceipt", [hash]],
        ["eth_getTransactionByBlockNumberAndIndex", ["0x1", "0x0"]],
        ["eth_getLogs", [{ "fromBlock": "0x0", "toBlock": latest, "address": [contract], "topics": topics }]],
        ["eth_getLogs", [{ "blockHash": hash }]],
        ["eth_getBalance", [alice, latest]],
        ["eth_getBalance", [alice, { "blockNumber": "0x1" }]],
        ["eth_getCode", [contract, "pending"]],
        ["eth_getStorageAt", [contract, "0x0", latest]],
        ["eth_getTransactionCount", [alice, "pending"]],
        ["eth_call", [call, latest]],
        ["eth_call", [call, latest, { "0x00": { "balance": "0x1", "code": "0x6001", "stateDiff": { "0x0": "0x1" } } }]],
        ["eth_estimateGas", [call]],
        ["eth_sendRawTransaction", [raw]],
        ["eth_sendRawTransaction", [sign(&account(3), transaction(0, contract))]],
        ["eth_gasPrice", []],
        ["eth_maxPriorityFeePerGas", []],
        ["eth_feeHistory", ["0x4", latest, [0, 50, 100]]],
        ["evm_mine", []],
        ["evm_mine", [{ "blocks": 2 }]],
        ["evm_setAutomine", [false]],
        ["evm_setIntervalMining", [1]],
        ["evm_increaseTime", [10]],
        ["evm_setNextBlockTimestamp", [1_800_000_000]],
        ["evm_snapshot", []],
        ["evm_revert", ["0x1"]],
        ["anvil_setBalance", [alice, "0xffffffffffffffffffff"]],
        ["anvil_setNonce", [alice, "0x5"]],
        ["anvil_setCode", [contract, "0x6001"]],
        ["anvil_setStorageAt", [contract, "0x0", hash]],
        ["anvil_setNextBlockBaseFeePerGas", ["0x7"]],
        ["anvil_reorg", [1, []]],
        ["anvil_dropTransaction", [hash]],
        ["anvil_dropAllTransactions", []],
        ["anvil_nodeInfo", []],
    ]);
    let request = |request: &Value| json!({ "jsonrpc": "2.0", "id": 1, "method": request[0], "params": request[1] });
    let requests: Vec<Value> = requests.as_array().expect("a list").iter().map(request).collect();
    let batches = requests.chunks(3).map(|batch| json!(batch).to_string().into_bytes());
    requests.iter().map(|request| request.to_string().into_bytes()).chain(batches).collect()
}

#[test]
fn mutated_requests_are_answered() {
    let devnet = on_demand();
    let server = devnet.serve(0).expect("a free port");
    let before = panics();
    let mut run = Run::new("requests", CASES, corpus(&devnet));
    let open = || Wire::open(server.local_addr()).expect("it listens");
    let mut wire = open();
    while let Some(input) = run.next() {
        let told = run.told(&input);
        // A server that hangs up has panicked: the body is all that is strange here.
        let answer = wire.post(&input).unwrap_or_else(|error| panic!("{error} at {told}"));
        assert!(matches!(answer.status, 200 | 400 | 413), "{} at {told}", answer.status);
        assert_eq!(panics(), before, "{told}");
        let mut text = String::new();
        // A notification has no answer; the server says so by null.
        if !answer.body.is_empty() && answer.body != b"null" {
            let answer = answer.json();
            let answers = answer.as_array().map_or_else(|| std::slice::from_ref(&answer), Vec::as_slice);
            for answer in answers {
                let one = answer.get("result").is_some() != answer.get("error").is_some();
                assert!(answer["jsonrpc"] == "2.0" && one, "{answer} at {told}");
                text.push_str(answer["error"]["message"].as_str().unwrap_or("answered"));
            }
        }
        run.learn(input, &text);
        if run.cases.is_multiple_of(LOOK_EVERY) {
            wire = open();
            let answer = wire.post(br#"{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}"#).expect("an answer").json();
            assert_eq!(answer["result"], "0x7a69", "{told}");
        }
    }
}
