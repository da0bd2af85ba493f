//! Steering the chain under the names that anvil uses.

use std::time::Duration;

use alloy::primitives::{Address, B256, U256, address};
use latchkey::devnet::{Devnet, Mining};
use serde_json::{Value, json};

use super::support::*;

#[test]
fn snapshots_bring_back_state_blocks_and_pool() {
    let devnet = on_demand();
    let (alice, bob) = (account(0), account(1).address());
    send(&devnet, &sign(&alice, transaction(0, bob))).expect("the pool takes it");
    let id: Value = ask(&devnet, "evm_snapshot", json!([]));
    let before = devnet.with_chain(|chain| chain.head().hash());
    let mined = devnet.mine();
    assert_eq!(devnet.with_chain(|chain| (chain.nonce(alice.address()), chain.pending())), (1, 0));
    assert!(ask::<bool>(&devnet, "evm_revert", json!([id])));
    assert_eq!(devnet.with_chain(|chain| chain.head().hash()), before);
    assert_eq!(devnet.with_chain(|chain| (chain.nonce(alice.address()), chain.pending())), (0, 1));
    let gone: Value = ask(&devnet, "eth_getBlockByHash", json!([mined.hash(), false]));
    assert_eq!(gone, Value::Null);
    assert!(!ask::<bool>(&devnet, "evm_revert", json!([id])), "a snapshot serves once");
    assert_eq!(devnet.mine().hash(), mined.hash(), "equal contents give equal blocks");
}

#[test]
fn time_can_be_moved_ahead_but_not_back() {
    let devnet = on_demand();
    assert_eq!(devnet.mine().timestamp(), 1_700_000_001);
    let _: Value = ask(&devnet, "evm_increaseTime", json!([100]));
    assert_eq!(devnet.mine().timestamp(), 1_700_000_102);
    let _: Value = ask(&devnet, "evm_setNextBlockTimestamp", json!([1_700_000_500]));
    assert_eq!(devnet.mine().timestamp(), 1_700_000_500);
    assert_eq!(devnet.mine().timestamp(), 1_700_000_501);
    assert!(devnet.request("evm_setNextBlockTimestamp", json!([1_700_000_000])).is_err());
    devnet.advance(Duration::from_secs(9));
    assert_eq!(devnet.mine().timestamp(), 1_700_000_511);
    let _: Value = ask(&devnet, "evm_mine", json!([{ "blocks": 3 }]));
    assert_eq!(devnet.with_chain(|chain| chain.head().number()), 8);
}

#[test]
fn mining_can_be_switched() {
    let devnet = on_demand();
    let _: Value = ask(&devnet, "evm_setAutomine", json!([true]));
    let hash = send(&devnet, &sign(&account(0), transaction(0, Address::ZERO))).expect("the pool takes it");
    assert_eq!(receipt(&devnet, hash).and_then(|receipt| receipt.block_number), Some(1));
    let _: Value = ask(&devnet, "evm_setIntervalMining", json!([0.5]));
    assert_eq!(devnet.with_chain(|chain| chain.mining()), Mining::Interval);
    assert!(devnet.request("evm_setIntervalMining", json!([60])).is_err());
    let _: Value = ask(&devnet, "evm_setIntervalMining", json!([0]));
    assert_eq!(devnet.with_chain(|chain| chain.mining()), Mining::OnDemand);
}

#[test]
fn balances_are_set_and_transactions_dropped() {
    let devnet = on_demand();
    let rich = address!("0x00000000000000000000000000000000000000aa");
    let _: Value = ask(&devnet, "anvil_setBalance", json!([rich, "0x64"]));
    assert_eq!(devnet.with_chain(|chain| chain.balance(rich)), U256::from(100));
    let hash = send(&devnet, &sign(&account(0), transaction(0, rich))).expect("the pool takes it");
    let dropped: Option<B256> = ask(&devnet, "anvil_dropTransaction", json!([hash]));
    assert_eq!(dropped, Some(hash));
    assert_eq!(devnet.mine().transaction_hashes().count(), 0);
    let dropped: Option<B256> = ask(&devnet, "anvil_dropTransaction", json!([hash]));
    assert_eq!(dropped, None);
}

#[test]
fn the_node_tells_who_it_is() {
    let devnet = Devnet::builder().on_demand().chain_id(99).spawn().expect("a devnet");
    let version: String = ask(&devnet, "web3_clientVersion", Value::Null);
    assert!(version.starts_with("latchkey-devnet/"), "{version}");
    assert_eq!(ask::<String>(&devnet, "net_version", json!([])), "99");
    assert_eq!(ask::<U256>(&devnet, "eth_chainId", json!([])), U256::from(99));
    assert!(!ask::<bool>(&devnet, "eth_syncing", json!([])));
    assert_eq!(ask::<Vec<Address>>(&devnet, "eth_accounts", json!([])).len(), 10);
    let info: Value = ask(&devnet, "anvil_nodeInfo", json!([]));
    assert_eq!(info["environment"]["chainId"], 99);
}

#[test]
fn questions_that_cannot_be_answered_say_so() {
    let devnet = on_demand();
    devnet.mine();
    let check = |method: &str, params: Value, code: i32, words: &str| {
        let error = devnet.request(method, params).expect_err(method);
        assert_eq!(error.code, code, "{error}");
        assert!(error.message.contains(words), "{error}");
    };
    check("eth_coinbase", json!([]), -32601, "the method eth_coinbase does not exist");
    check("eth_getBalance", json!([]), -32602, "missing value for required argument 0");
    check("eth_getBalance", json!(["0x12"]), -32602, "invalid argument 0");
    check("eth_getBalance", json!({ "address": 1 }), -32602, "params must be an array");
    check("eth_getBalance", json!([Address::ZERO, "0x9"]), -32000, "header not found");
}
