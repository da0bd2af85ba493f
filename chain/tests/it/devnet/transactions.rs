//! What transactions of each kind do.

use alloy::{
    consensus::{TxEip2930, TxLegacy},
    primitives::{Address, B256, Bytes, U256, keccak256},
    rpc::types::{Log, Transaction, TransactionReceipt},
    sol_types::{Revert, SolError},
};
use latchkey::devnet::{CHAIN_ID, CREATE2_PROXY, DEV_BALANCE, Devnet, create2_address};
use serde_json::json;

use super::support::*;

#[test]
fn a_transfer_moves_ether_and_leaves_a_receipt() {
    let devnet = on_demand();
    let (alice, bob) = (account(0), account(1).address());
    let mut tx = transaction(0, bob);
    tx.value = U256::from(5);
    let receipt = mined(&devnet, &sign(&alice, tx));
    assert!(receipt.status());
    assert_eq!((receipt.gas_used, receipt.block_number), (21_000, Some(1)));
    assert_eq!((receipt.from, receipt.to), (alice.address(), Some(bob)));
    let paid = U256::from(receipt.effective_gas_price * 21_000) + U256::from(5);
    let balance: U256 = ask(&devnet, "eth_getBalance", json!([alice.address(), "latest"]));
    assert_eq!(balance, DEV_BALANCE - paid);
    assert_eq!(devnet.with_chain(|chain| chain.balance(bob)), DEV_BALANCE + U256::from(5));
    let found: Transaction = ask(&devnet, "eth_getTransactionByHash", json!([receipt.transaction_hash]));
    assert_eq!(found.block_number, Some(1));
    assert_eq!(found.inner.signer(), alice.address());
}

#[test]
fn every_type_but_blobs_is_mined() {
    let devnet = on_demand();
    let (alice, bob) = (account(0), account(1));
    let legacy = TxLegacy {
        chain_id: Some(CHAIN_ID),
        gas_price: FEE,
        gas_limit: 21_000,
        to: bob.address().into(),
        ..TxLegacy::default()
    };
    let listed = TxEip2930 {
        chain_id: CHAIN_ID,
        nonce: 1,
        gas_price: FEE,
        gas_limit: 21_000,
        to: bob.address().into(),
        ..TxEip2930::default()
    };
    let raws = [
        sign(&alice, legacy),
        sign(&alice, listed),
        sign(&alice, transaction(2, bob.address())),
        sign(&alice, set_code(3, bob.address(), authorize(&bob, Address::ZERO, 0))),
    ];
    for raw in &raws {
        send(&devnet, raw).expect("the pool takes it");
    }
    devnet.mine();
    let receipts: Vec<TransactionReceipt> = ask(&devnet, "eth_getBlockReceipts", json!(["latest"]));
    assert!(receipts.iter().all(TransactionReceipt::status));
    let kinds: Vec<u8> = receipts.iter().map(|receipt| receipt.transaction_type().into()).collect();
    assert_eq!(kinds, [0, 1, 2, 4]);
}

#[test]
fn a_contract_is_created_logs_and_stores() {
    let devnet = on_demand();
    let contract = deploy(&devnet, STORE_AND_LOG);
    assert_eq!(contract, account(0).address().create(0));
    let code: Bytes = ask(&devnet, "eth_getCode", json!([contract, "latest"]));
    assert_eq!(code.as_ref(), STORE_AND_LOG);
    let word = U256::from(77);
    let mut tx = transaction(1, contract);
    tx.input = word.to_be_bytes_vec().into();
    let receipt = mined(&devnet, &sign(&account(0), tx));
    let stored: U256 = ask(&devnet, "eth_getStorageAt", json!([contract, "0x0", "latest"]));
    assert_eq!(stored, word);
    let log = &receipt.logs()[0];
    assert_eq!(log.address(), contract);
    assert_eq!(log.topics(), [B256::from(word)]);
    assert_eq!((log.block_number, log.log_index, log.transaction_index), (Some(2), Some(0), Some(0)));
    assert_eq!(log.transaction_hash, Some(receipt.transaction_hash));
    assert_eq!(log.block_hash, receipt.block_hash);
    assert_eq!(log.block_timestamp, Some(1_700_000_002));
}

#[test]
fn predeploys_and_the_proxy_agree_on_addresses() {
    let devnet = Devnet::builder().on_demand().create2(init_code(REVERT)).spawn().expect("a devnet");
    let there = create2_address(&init_code(REVERT));
    assert_eq!(devnet.with_chain(|chain| chain.code(there)).as_ref(), REVERT);
    let mut tx = transaction(0, CREATE2_PROXY);
    tx.input = [&[0; 32], init_code(STORE_AND_LOG).as_ref()].concat().into();
    assert!(mined(&devnet, &sign(&account(0), tx)).status());
    let later = create2_address(&init_code(STORE_AND_LOG));
    assert_eq!(devnet.with_chain(|chain| chain.code(later)).as_ref(), STORE_AND_LOG);
}

#[test]
fn a_delegation_is_set_used_and_cleared() {
    let devnet = on_demand();
    let (alice, bob) = (account(1), account(2));
    let delegate = deploy(&devnet, STORE_AND_LOG);
    let delegation = authorize(&alice, delegate, 0);
    assert!(mined(&devnet, &sign(&bob, set_code(0, bob.address(), delegation))).status());
    let code = devnet.with_chain(|chain| chain.code(alice.address()));
    assert_eq!(code.as_ref(), [&[0xef, 0x01, 0x00], delegate.as_slice()].concat());
    assert_eq!(devnet.with_chain(|chain| chain.nonce(alice.address())), 1);

    let mut call = transaction(1, alice.address());
    call.input = U256::from(9).to_be_bytes_vec().into();
    let receipt = mined(&devnet, &sign(&bob, call));
    assert_eq!(receipt.logs()[0].address(), alice.address(), "the delegate runs as the account");
    let stored = devnet.with_chain(|chain| chain.storage(alice.address(), U256::ZERO));
    assert_eq!(stored, U256::from(9));

    let clearing = authorize(&alice, Address::ZERO, 1);
    assert!(mined(&devnet, &sign(&bob, set_code(2, bob.address(), clearing))).status());
    assert!(devnet.with_chain(|chain| chain.code(alice.address())).is_empty());
}

#[test]
fn a_revert_is_told_by_receipt_call_and_estimate() {
    let devnet = on_demand();
    let contract = deploy(&devnet, REVERT);
    let reason: Bytes = Revert::from("no such door").abi_encode().into();
    let request = json!({ "from": account(1).address(), "to": contract, "input": reason });
    for method in ["eth_call", "eth_estimateGas"] {
        let error = devnet.request(method, json!([request])).expect_err("it reverts");
        assert_eq!(error.code, 3, "{method}");
        assert_eq!(error.message, "execution reverted: no such door", "{method}");
        assert_eq!(error.data, Some(json!(reason)), "{method}");
    }
    let mut tx = transaction(1, contract);
    tx.input = reason;
    let receipt = mined(&devnet, &sign(&account(0), tx));
    assert!(!receipt.status());
    assert!(receipt.logs().is_empty());
    assert!(receipt.gas_used < 200_000, "a revert returns the gas that is left");
}

#[test]
fn an_estimate_is_enough_and_not_much_more() {
    let devnet = on_demand();
    let contract = deploy(&devnet, STORE_AND_LOG);
    let input: Bytes = U256::from(1).to_be_bytes_vec().into();
    let request = json!({ "from": account(0).address(), "to": contract, "input": input });
    let estimate: U256 = ask(&devnet, "eth_estimateGas", json!([request]));
    let mut tx = transaction(1, contract);
    tx.input = input;
    tx.gas_limit = estimate.to();
    let receipt = mined(&devnet, &sign(&account(0), tx));
    assert!(receipt.status());
    assert!(receipt.gas_used * 103 / 100 >= estimate.to::<u64>(), "{} {estimate}", receipt.gas_used);
}

#[test]
fn a_call_changes_nothing() {
    let devnet = on_demand();
    let contract = deploy(&devnet, STORE_AND_LOG);
    let request = json!({ "to": contract, "input": B256::from(U256::from(5)) });
    let _: Bytes = ask(&devnet, "eth_call", json!([request, "latest"]));
    assert_eq!(devnet.with_chain(|chain| chain.storage(contract, U256::ZERO)), U256::ZERO);
}

#[test]
fn out_of_gas_takes_all_of_it() {
    let devnet = on_demand();
    let contract = deploy(&devnet, STORE_AND_LOG);
    let mut tx = transaction(1, contract);
    tx.input = U256::from(1).to_be_bytes_vec().into();
    tx.gas_limit = 25_000;
    let receipt = mined(&devnet, &sign(&account(0), tx));
    assert!(!receipt.status());
    assert_eq!(receipt.gas_used, 25_000);
}

#[test]
fn logs_are_found_by_range_hash_address_and_topic() {
    let devnet = on_demand();
    let (one, two) = (deploy(&devnet, STORE_AND_LOG), deploy(&devnet, STORE_AND_LOG));
    for (nonce, (to, word)) in (2..).zip([(one, 1), (two, 1), (one, 2)]) {
        let mut tx = transaction(nonce, to);
        tx.input = U256::from(word).to_be_bytes_vec().into();
        mined(&devnet, &sign(&account(0), tx));
    }
    let check = |filter: serde_json::Value, blocks: &[u64]| {
        let logs: Vec<Log> = ask(&devnet, "eth_getLogs", json!([filter]));
        let found: Vec<u64> = logs.iter().filter_map(|log| log.block_number).collect();
        assert_eq!(found, blocks, "{filter}");
    };
    let topic = |word: u64| B256::from(U256::from(word));
    let hash = devnet.with_chain(|chain| chain.head().hash());
    check(json!({ "fromBlock": "earliest" }), &[3, 4, 5]);
    check(json!({ "fromBlock": "0x4", "toBlock": "latest" }), &[4, 5]);
    check(json!({ "fromBlock": "0x0", "address": one }), &[3, 5]);
    check(json!({ "fromBlock": "0x0", "address": [one, two], "topics": [topic(1)] }), &[3, 4]);
    check(json!({ "fromBlock": "0x0", "topics": [[topic(1), topic(2)]] }), &[3, 4, 5]);
    check(json!({ "fromBlock": "0x0", "topics": [null, topic(1)] }), &[]);
    check(json!({ "blockHash": hash }), &[5]);
    check(json!({}), &[5]);
    let unknown = json!([{ "blockHash": keccak256("no block") }]);
    assert!(devnet.request("eth_getLogs", unknown).is_err());
    let backwards = json!([{ "fromBlock": "0x4", "toBlock": "0x2" }]);
    assert!(devnet.request("eth_getLogs", backwards).is_err());
}
