//! Blocks: how they hang together, their fees and their times.

use std::time::Duration;

use alloy::{
    consensus::proofs::{calculate_receipt_root, calculate_transaction_root},
    eips::eip1559::{BaseFeeParams, calc_next_block_base_fee},
    primitives::{B256, TxKind, U256},
    rpc::types::{Block, FeeHistory, TransactionReceipt},
};
use latchkey::devnet::Devnet;
use serde_json::json;

use super::support::*;

fn block(devnet: &Devnet, number: u64) -> Block {
    ask(devnet, "eth_getBlockByNumber", json!([format!("{number:#x}"), true]))
}

#[test]
fn headers_hash_to_their_hash_and_name_their_parent() {
    let devnet = on_demand();
    deploy(&devnet, STORE_AND_LOG);
    mined(&devnet, &sign(&account(0), transaction(1, account(1).address())));
    devnet.mine();
    let mut parent = B256::ZERO;
    let mut states = Vec::new();
    for number in 0..=3 {
        let block = block(&devnet, number);
        assert_eq!(block.header.inner.hash_slow(), block.header.hash, "block {number}");
        assert_eq!(block.header.parent_hash, parent, "block {number}");
        let by_hash: Block = ask(&devnet, "eth_getBlockByHash", json!([block.header.hash, true]));
        assert_eq!(by_hash, block);
        parent = block.header.hash;
        states.push(block.header.state_root);
    }
    assert_ne!(states[0], states[1]);
    assert_eq!(states[2], states[3], "an empty block changes no state");
}

#[test]
fn roots_are_those_of_the_contents() {
    let devnet = on_demand();
    let contract = deploy(&devnet, STORE_AND_LOG);
    for nonce in 1..4 {
        let mut tx = transaction(nonce, contract);
        tx.input = U256::from(nonce).to_be_bytes_vec().into();
        send(&devnet, &sign(&account(0), tx)).expect("the pool takes it");
    }
    devnet.mine();
    let block = block(&devnet, 2);
    let transactions: Vec<_> = block.transactions.txns().map(|tx| tx.inner.inner().clone()).collect();
    assert_eq!(block.header.transactions_root, calculate_transaction_root(&transactions));
    let receipts: Vec<TransactionReceipt> = ask(&devnet, "eth_getBlockReceipts", json!(["0x2"]));
    let logs: Vec<_> = receipts.iter().flat_map(|receipt| receipt.logs()).collect();
    let indexes: Vec<_> = logs.iter().filter_map(|log| log.log_index).collect();
    assert_eq!(indexes, [0, 1, 2], "logs are numbered through the block");
    let gas = receipts.last().map(|receipt| receipt.inner.cumulative_gas_used());
    assert_eq!(gas, Some(block.header.gas_used));
    let envelopes: Vec<_> = receipts.into_iter().map(|receipt| receipt.inner.map_logs(|log| log.inner)).collect();
    assert_eq!(block.header.receipts_root, calculate_receipt_root(&envelopes));
}

#[test]
fn the_base_fee_follows_eip_1559() {
    let devnet = on_demand();
    // An invalid opcode at once: the whole gas limit is used, and the fee rises.
    for nonce in 0..4 {
        if nonce % 2 == 0 {
            let mut tx = transaction(nonce, TxKind::Create);
            tx.input = [0xfe].into();
            tx.gas_limit = 16_000_000;
            send(&devnet, &sign(&account(0), tx)).expect("the pool takes it");
        } else {
            send(&devnet, &sign(&account(0), transaction(nonce, account(1).address()))).expect("the pool takes it");
        }
        devnet.mine();
    }
    let fees: Vec<u64> = (0..=4)
        .map(|number| {
            let header = block(&devnet, number).header;
            header.base_fee_per_gas.expect("EIP-1559 is in force")
        })
        .collect();
    for number in 1..=4 {
        let parent = block(&devnet, number as u64 - 1).header;
        let params = BaseFeeParams::ethereum();
        let expected = calc_next_block_base_fee(parent.gas_used, parent.gas_limit, fees[number - 1], params);
        assert_eq!(fees[number], expected, "block {number}");
    }
    assert!(fees[2] > fees[1], "a block above its target raises the fee: {fees:?}");
    assert!(fees[3] < fees[2], "a block below its target lowers it: {fees:?}");
    let history: FeeHistory = ask(&devnet, "eth_feeHistory", json!(["0x3", "latest", [50.0]]));
    let expected: Vec<u128> = fees[2..].iter().map(|fee| u128::from(*fee)).collect();
    assert_eq!(history.base_fee_per_gas[..3], expected);
    assert_eq!(history.oldest_block, 2);
    assert_eq!(history.reward.map(|rewards| rewards.len()), Some(3));
}

#[test]
fn stepped_time_moves_by_one_block_time_per_block() {
    let check = |block_time_ms, expected: [u64; 5]| {
        let devnet = Devnet::builder()
            .on_demand()
            .genesis_time(100)
            .block_time(Duration::from_millis(block_time_ms))
            .spawn()
            .expect("a devnet");
        let times: [u64; 5] = std::array::from_fn(|_| devnet.mine().timestamp());
        assert_eq!(times, expected, "{block_time_ms} ms");
    };
    check(1_000, [101, 102, 103, 104, 105]);
    check(2_500, [102, 105, 107, 110, 112]);
    check(400, [100, 100, 101, 101, 102]);
}

#[test]
fn interval_blocks_come_by_themselves() {
    let devnet = Devnet::builder().block_time(Duration::from_millis(10)).spawn().expect("a devnet");
    let connection = devnet.connection();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let heads: Vec<u64> = runtime.block_on(async {
        use alloy::providers::{Provider, ProviderBuilder};
        let client = alloy::rpc::client::ClientBuilder::default().pubsub(connection).await.expect("connects");
        let provider = ProviderBuilder::new().connect_client(client);
        let mut heads = provider.subscribe_blocks().await.expect("subscribes");
        let mut numbers = Vec::new();
        for _ in 0..3 {
            let head = tokio::time::timeout(Duration::from_secs(10), heads.recv()).await;
            numbers.push(head.expect("a block within the deadline").expect("the stream is open").number);
        }
        numbers
    });
    assert_eq!(heads[2], heads[0] + 2);
}
