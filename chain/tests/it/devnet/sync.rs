//! `eth_sendRawTransactionSync` (EIP-7966).

use std::time::Duration;

use alloy::{
    primitives::{Address, Bytes},
    providers::{Provider, ProviderBuilder, WsConnect},
    rpc::{
        client::{ClientBuilder, RpcClient},
        json_rpc::ErrorPayload,
        types::TransactionReceipt,
    },
};
use latchkey::devnet::Devnet;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::support::*;

const METHOD: &str = "eth_sendRawTransactionSync";

/// Longest wait for something that is on its way.
const DEADLINE: Duration = Duration::from_secs(10);

/// Sends over a connection of its own and says what came of it.
fn send_sync(client: &RpcClient, params: Value) -> tokio::task::JoinHandle<Result<TransactionReceipt, ErrorPayload>> {
    let client = client.clone();
    tokio::spawn(async move {
        let sent = client.request(METHOD, params).await;
        sent.map_err(|error| error.as_error_resp().expect("an error answer").clone())
    })
}

/// Waits until the transaction is in the pool: only then it is certain that somebody waits.
async fn pooled(devnet: &Devnet, count: usize) {
    let arrived = async {
        while devnet.with_chain(|chain| chain.pending()) < count {
            tokio::task::yield_now().await;
        }
    };
    timeout(DEADLINE, arrived).await.expect("the transaction reaches the pool");
}

async fn waits_for_its_block(devnet: &Devnet, client: RpcClient) {
    let raw = sign(&account(0), transaction(0, account(1).address()));
    let sent = send_sync(&client, json!([raw, 9_000]));
    pooled(devnet, 1).await;
    assert!(!sent.is_finished(), "nothing is mined yet");
    // The connection answers others meanwhile.
    let number = timeout(DEADLINE, ProviderBuilder::new().connect_client(client).get_block_number()).await;
    assert_eq!(number.expect("in time").expect("an answer"), 0);
    let block = devnet.mine();
    let receipt = timeout(DEADLINE, sent).await.expect("in time").expect("runs").expect("a receipt");
    assert_eq!((receipt.block_hash, receipt.status()), (Some(block.hash()), true));
}

#[tokio::test]
async fn a_receipt_is_waited_for_in_process() {
    let devnet = on_demand();
    waits_for_its_block(&devnet, RpcClient::new(devnet.connection(), true)).await;
    let devnet = on_demand();
    let client = ClientBuilder::default().pubsub(devnet.connection()).await.expect("connects");
    waits_for_its_block(&devnet, client).await;
}

#[tokio::test]
async fn a_receipt_is_waited_for_over_sockets() {
    let devnet = on_demand();
    let server = devnet.serve(0).expect("a free port");
    waits_for_its_block(&devnet, RpcClient::new_http(server.http_url().parse().expect("a URL"))).await;
    let devnet = on_demand();
    let server = devnet.serve(0).expect("a free port");
    let client = ClientBuilder::default().ws(WsConnect::new(server.ws_url())).await.expect("connects");
    waits_for_its_block(&devnet, client).await;
}

#[tokio::test]
async fn a_mined_transaction_is_answered_at_once() {
    let devnet = Devnet::builder().automine().spawn().expect("a devnet");
    let client = RpcClient::new(devnet.connection(), true);
    let raw = sign(&account(0), transaction(0, account(1).address()));
    let receipt = send_sync(&client, json!([raw])).await.expect("runs").expect("a receipt");
    assert_eq!(receipt.block_number, Some(1));
}

#[tokio::test]
async fn what_is_not_mined_in_time_is_code_4_with_the_hash() {
    let devnet = on_demand();
    let client = RpcClient::new(devnet.connection(), true);
    let raw = sign(&account(0), transaction(0, account(1).address()));
    let error = send_sync(&client, json!([raw, "0x1"])).await.expect("runs").expect_err("no block comes");
    assert_eq!(error.code, 4);
    assert!(error.message.contains("wasn't processed in 1ms"), "{error}");
    let hash = alloy::primitives::keccak256(&raw);
    assert_eq!(error.data.map(|data| data.get().to_owned()), Some(format!("\"{hash}\"")));
    assert_eq!(devnet.with_chain(|chain| chain.pending()), 1, "it still waits for a block");
}

#[tokio::test]
async fn refusals_come_at_once() {
    let devnet = on_demand();
    let client = RpcClient::new(devnet.connection(), true);
    let check = async |raw: Bytes, code: i64, words: &str, data: Option<&str>| {
        let error = send_sync(&client, json!([raw])).await.expect("runs").expect_err(words);
        assert_eq!(error.code, code, "{error}");
        assert!(error.message.contains(words), "{error}");
        assert_eq!(error.data.as_ref().map(|data| data.get()), data);
    };
    let alice = account(0);
    check(sign(&alice, transaction(2, Address::ZERO)), 6, "leaves a gap", Some("\"0x0\"")).await;
    assert_eq!(devnet.with_chain(|chain| chain.pending()), 0, "a gap is not queued");
    check(Bytes::from([2, 0xc0]), -32602, "failed to decode", None).await;
    let poor = alloy::signers::local::PrivateKeySigner::random();
    check(sign(&poor, transaction(0, Address::ZERO)), -32000, "insufficient funds", None).await;
    send(&devnet, &sign(&alice, transaction(0, Address::ZERO))).expect("the pool takes it");
    check(sign(&alice, transaction(0, Address::ZERO)), -32000, "already known", None).await;
}

#[tokio::test]
async fn only_so_many_may_wait() {
    let devnet = on_demand();
    let client = RpcClient::new(devnet.connection(), true);
    let mut waiting = Vec::new();
    // Sixteen slots for each of ten senders, so that 160 wait, and 96 more on replacements.
    let most = latchkey::devnet::limits::MAX_SYNC_WAITERS;
    for index in 0..most {
        let (sender, nonce) = (account(index / 16 % 10), (index % 16) as u64);
        let mut tx = transaction(nonce, Address::ZERO);
        let raise = if index < 160 { 1 } else { 2 };
        (tx.max_fee_per_gas, tx.max_priority_fee_per_gas) = (FEE * raise, TIP * raise);
        waiting.push(send_sync(&client, json!([sign(&sender, tx), 60_000])));
        pooled(&devnet, (index + 1).min(160)).await;
    }
    // The last ones replace and leave the count as it is: yield until each was polled.
    let full = async {
        loop {
            let raw = sign(&account(9), transaction(0, Address::ZERO));
            let Err(error) = send_sync(&client, json!([raw])).await.expect("runs") else { continue };
            if error.message.contains("too many requests wait") {
                break error.code;
            }
        }
    };
    assert_eq!(timeout(DEADLINE, full).await.expect("in time"), -32005);
    drop(devnet);
    for sent in waiting {
        let error = timeout(DEADLINE, sent).await.expect("in time").expect("runs").expect_err("it stopped");
        assert!(error.message.contains("stopped"), "{error}");
    }
}

#[test]
fn without_a_server_nobody_waits() {
    use latchkey::devnet::{DevChain, Genesis};
    let mut chain = DevChain::new(&Genesis::default()).expect("a chain");
    let raw = sign(&account(0), transaction(0, Address::ZERO));
    let error = chain.request(METHOD, json!([raw])).expect_err("nothing mines it");
    assert_eq!((error.code, chain.pending()), (4, 1));
}
