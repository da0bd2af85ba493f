//! alloy as a client: inside the process, over HTTP and over WebSocket.

use std::time::Duration;

use alloy::{
    network::TransactionBuilder,
    primitives::{Address, B256, Bytes, U256},
    providers::{Provider, ProviderBuilder},
    rpc::{
        client::{ClientBuilder, RpcClient},
        types::{Filter, TransactionRequest},
    },
};
use latchkey::devnet::Devnet;
use tokio::time::timeout;

use super::support::*;

/// Longest wait for something that is on its way.
const DEADLINE: Duration = Duration::from_secs(10);

async fn transfer(provider: impl Provider, devnet: &Devnet) {
    assert_eq!(provider.get_chain_id().await.expect("a chain id"), 31_337);
    let request = TransactionRequest::default().with_to(account(1).address()).with_value(U256::from(3));
    let pending = provider.send_transaction(request).await.expect("alloy fills and signs it");
    devnet.mine();
    let receipt = timeout(DEADLINE, pending.get_receipt()).await.expect("in time").expect("a receipt");
    assert!(receipt.status());
    assert_eq!(receipt.from, account(0).address());
}

#[tokio::test]
async fn in_process_without_subscriptions() {
    let devnet = on_demand();
    let client = RpcClient::new(devnet.connection(), true);
    client.set_poll_interval(Duration::from_millis(10));
    transfer(ProviderBuilder::new().wallet(account(0)).connect_client(client), &devnet).await;
}

#[tokio::test]
async fn in_process_with_subscriptions() {
    let devnet = on_demand();
    let client = ClientBuilder::default().pubsub(devnet.connection()).await.expect("connects");
    let provider = ProviderBuilder::new().wallet(account(0)).connect_client(client);
    subscriptions(provider, &devnet).await;
}

#[tokio::test]
async fn over_http() {
    let devnet = on_demand();
    let server = devnet.serve(0).expect("a free port");
    let client = RpcClient::new_http(server.http_url().parse().expect("a URL"));
    client.set_poll_interval(Duration::from_millis(10));
    transfer(ProviderBuilder::new().wallet(account(0)).connect_client(client.clone()), &devnet).await;
    let mut batch = client.new_batch();
    let number = batch.add_call::<_, U256>("eth_blockNumber", &()).expect("added");
    let balance = batch.add_call::<_, U256>("eth_getBalance", &(Address::ZERO, "latest")).expect("added");
    batch.send().await.expect("a batch is answered");
    assert_eq!(number.await.expect("a number"), U256::from(1));
    balance.await.expect("a balance");
}

#[tokio::test]
async fn over_websocket() {
    let devnet = on_demand();
    let server = devnet.serve(0).expect("a free port");
    let provider = ProviderBuilder::new().wallet(account(0)).connect(&server.ws_url()).await.expect("connects");
    subscriptions(provider, &devnet).await;
}

async fn subscriptions(provider: impl Provider, devnet: &Devnet) {
    let contract = deploy(devnet, STORE_AND_LOG);
    let mut heads = provider.subscribe_blocks().await.expect("subscribes");
    let filter = Filter::new().address(contract);
    let mut logs = provider.subscribe_logs(&filter).await.expect("subscribes");
    let mut waiting = provider.subscribe_pending_transactions().await.expect("subscribes");

    // Sent by hand: alloy's own sending subscribes to newHeads once more under the same local id,
    // and loses a block that comes between the two.
    let mut tx = transaction(1, contract);
    tx.input = U256::from(11).to_be_bytes_vec().into();
    let raw = sign(&account(0), tx);
    let sent = provider.client().request::<_, B256>("eth_sendRawTransaction", (raw,)).await;
    let hash = sent.expect("the pool takes it");
    let heard = timeout(DEADLINE, waiting.recv()).await.expect("in time").expect("open");
    assert_eq!(heard, hash);

    let block = devnet.mine();
    let head = timeout(DEADLINE, heads.recv()).await.expect("in time").expect("open");
    assert_eq!((head.hash, head.number), (block.hash(), block.number()));
    let log = timeout(DEADLINE, logs.recv()).await.expect("in time").expect("open");
    assert_eq!((log.transaction_hash, log.block_hash), (Some(hash), Some(block.hash())));
    let receipt = provider.get_transaction_receipt(hash).await.expect("an answer").expect("a receipt");
    assert_eq!(receipt.logs(), [log]);

    assert!(provider.unsubscribe(*heads.local_id()).await.is_ok());
}

#[tokio::test]
async fn a_revert_reaches_alloy_with_its_data() {
    let devnet = on_demand();
    let contract = deploy(&devnet, REVERT);
    let provider = ProviderBuilder::new().connect_client(RpcClient::new(devnet.connection(), true));
    let request = TransactionRequest::default().with_to(contract).with_input([1, 2, 3, 4]);
    let error = provider.call(request).await.expect_err("it reverts");
    let payload = error.as_error_resp().expect("an error answer");
    assert_eq!(payload.as_revert_data(), Some(Bytes::from([1, 2, 3, 4])));
}

#[tokio::test]
async fn a_dropped_devnet_answers_nobody() {
    let devnet = on_demand();
    let connection = devnet.connection();
    let server = devnet.serve(0).expect("a free port");
    drop(devnet);
    let provider = ProviderBuilder::new().connect_client(RpcClient::new(connection.clone(), true));
    assert!(provider.get_block_number().await.is_err());
    assert!(ClientBuilder::default().pubsub(connection).await.is_err());
    let provider = ProviderBuilder::new().connect_http(server.http_url().parse().expect("a URL"));
    assert!(provider.get_block_number().await.is_err());
}
