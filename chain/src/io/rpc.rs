//! The few JSON-RPC calls that the engine makes, each with a deadline and counted.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use alloy::eips::BlockNumberOrTag;
use alloy::primitives::{Address, B256, Bytes, U64, U256};
use alloy::rpc::client::RpcClient;
use alloy::rpc::json_rpc::{RpcRecv, RpcSend};
use alloy::rpc::types::{Block, Filter, Header, Log, TransactionInput, TransactionReceipt, TransactionRequest};
use alloy::sol_types::SolCall;
use serde::Deserialize;
use tokio::sync::{Notify, Semaphore, SemaphorePermit};

use super::blocks::Blocks;
use super::fault::{RpcFault, fault};
use super::{Endpoint, EndpointError, meters};

/// Longest wait for an answer. Ten seconds is slow for a node and short for a player who waits.
pub(super) const ANSWER_DEADLINE: Duration = Duration::from_secs(10);

/// Longest wait for a socket whose endpoint can also be asked over HTTP.
const SOCKET_DEADLINE: Duration = Duration::from_secs(2);

/// Blocks over which the block time is averaged.
const BLOCK_TIME_SAMPLE: u64 = 10;

/// Submission that is answered with the receipt (EIP-7966).
const SEND_SYNC: &str = "eth_sendRawTransactionSync";

/// Requests that may be held until their transaction is mined, of all sessions together: each takes a connection.
const SYNC_REQUESTS: usize = 16;

/// JSON-RPC code for parameters that a method cannot take.
const INVALID_PARAMS: i64 = -32602;

/// A connected endpoint. Clones share the connection, the count and what is known of the newest blocks.
#[derive(Clone, Debug)]
pub(crate) struct Rpc {
    link: Arc<Link>,
    requests: Arc<AtomicU64>,
    blocks: Arc<Blocks>,
    held: Arc<Held>,
}

/// Submissions that are answered with the receipt.
#[derive(Debug)]
struct Held {
    places: Semaphore,
    /// Wakes whoever polls: there is a block that it may not have seen.
    block: Notify,
}

impl Default for Held {
    fn default() -> Self {
        Self { places: Semaphore::new(SYNC_REQUESTS), block: Notify::new() }
    }
}

/// What is read of the receipt that answers a submission. It is a promise; the tracker reads the chain's own.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Promise {
    transaction_hash: B256,
    status: Option<U64>,
}

/// A connection that may be lost and made anew.
#[derive(Debug)]
struct Link {
    endpoint: Option<Endpoint>,
    client: Mutex<RpcClient>,
    /// The same endpoint over HTTP, asked while its socket is away.
    polled: Option<RpcClient>,
    away: AtomicBool,
}

impl Link {
    async fn to(endpoint: &Endpoint) -> Result<Arc<Self>, EndpointError> {
        let client = Mutex::new(endpoint.connect().await?);
        let (endpoint, polled) = (Some(endpoint.clone()), endpoint.polled());
        Ok(Arc::new(Self { endpoint, client, polled, away: AtomicBool::new(false) }))
    }
}

impl Rpc {
    pub(crate) async fn connect(endpoint: &Endpoint) -> Result<Self, EndpointError> {
        Ok(Self::through(Link::to(endpoint).await?, Arc::default()))
    }

    fn through(link: Arc<Link>, requests: Arc<AtomicU64>) -> Self {
        Self { link, requests, blocks: Arc::default(), held: Arc::default() }
    }

    /// A connection to another endpoint that counts into the same figure.
    pub(crate) async fn beside(&self, endpoint: &Endpoint) -> Result<Self, EndpointError> {
        Ok(Self::through(Link::to(endpoint).await?, self.requests.clone()))
    }

    /// Over a client that is connected to something of a test's own.
    #[cfg(test)]
    pub(crate) fn over(client: RpcClient, polled: Option<RpcClient>) -> Self {
        let link = Link { endpoint: None, client: Mutex::new(client), polled, away: AtomicBool::new(false) };
        Self::through(Arc::new(link), Arc::default())
    }

    /// The underlying client, for subscriptions.
    pub(crate) fn client(&self) -> RpcClient {
        self.link.client.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits for a turn to read a new head; it ends when the permit is dropped.
    pub(crate) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // Nobody closes it.
        self.blocks.readers.acquire().await.ok()
    }

    /// True while the socket does not answer and requests go over HTTP.
    pub(crate) fn is_away(&self) -> bool {
        self.link.away.load(Ordering::Relaxed)
    }

    /// The socket has spoken: requests go over it again.
    pub(crate) fn is_back(&self) {
        self.link.away.store(false, Ordering::Relaxed);
    }

    /// Connects anew, for every clone.
    pub(crate) async fn reconnect(&self) -> Result<(), EndpointError> {
        if let Some(endpoint) = &self.link.endpoint {
            let client = endpoint.connect().await?;
            *self.link.client.lock().unwrap_or_else(PoisonError::into_inner) = client;
        }
        Ok(())
    }

    /// Requests sent so far.
    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Asks on one way alone.
    async fn ask_over<P: RpcSend, R: RpcRecv>(
        &self,
        way: &RpcClient,
        method: &'static str,
        params: P,
        deadline: Duration,
    ) -> Result<R, RpcFault> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        meters::requested(method);
        ask(way, method, params, deadline).await
    }

    async fn request<P: RpcSend, R: RpcRecv>(&self, method: &'static str, params: P) -> Result<R, RpcFault> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        meters::requested(method);
        let Some(polled) = &self.link.polled else { return ask(&self.client(), method, params, ANSWER_DEADLINE).await };
        if !self.is_away() {
            match ask(&self.client(), method, params.clone(), SOCKET_DEADLINE).await {
                // Submissions too: identical bytes are harmless.
                Err(RpcFault::Transport { .. } | RpcFault::Silent { .. }) => {
                    self.link.away.store(true, Ordering::Relaxed);
                    tracing::warn!(target: "latchkey::watch", method, "the socket is away; asking over HTTP");
                }
                answer => return answer,
            }
        }
        ask(polled, method, params, ANSWER_DEADLINE).await
    }

    pub(crate) async fn client_version(&self) -> Result<String, RpcFault> {
        self.request("web3_clientVersion", ()).await
    }

    pub(crate) async fn chain_id(&self) -> Result<u64, RpcFault> {
        self.request::<_, U64>("eth_chainId", ()).await.map(|id| id.to())
    }

    pub(crate) async fn latest_header(&self) -> Result<Header, RpcFault> {
        self.header(BlockNumberOrTag::Latest).await?.ok_or_else(|| RpcFault::Malformed {
            method: "eth_getBlockByNumber".to_owned(),
            reason: "there is no latest block".to_owned(),
        })
    }

    pub(crate) async fn header(&self, at: BlockNumberOrTag) -> Result<Option<Header>, RpcFault> {
        let block: Option<Block> = self.request("eth_getBlockByNumber", (at, false)).await?;
        Ok(block.map(|block| block.header))
    }

    pub(crate) async fn header_by_hash(&self, hash: B256) -> Result<Option<Header>, RpcFault> {
        let ask = async {
            let block: Option<Block> = self.request("eth_getBlockByHash", (hash, false)).await?;
            Ok(block.map(|block| block.header))
        };
        // Each field is vouched for by the hash; a chain that hashes other fields is asked each time.
        let fits =
            |header: &Option<Header>| header.as_ref().is_some_and(|of| of.hash == hash && of.hash_slow() == hash);
        self.blocks.headers.get(hash, ask, fits).await.map(|header| (*header).clone())
    }

    /// Average time between the blocks up to `latest`, or `None` on a chain too young to tell.
    pub(crate) async fn block_time(&self, latest: &Header) -> Result<Option<Duration>, RpcFault> {
        // The first block's time is often set by hand, so that it tells nothing.
        let span = BLOCK_TIME_SAMPLE.min(latest.number.saturating_sub(1));
        if span == 0 {
            return Ok(None);
        }
        let earlier = self.header(BlockNumberOrTag::Number(latest.number - span)).await?;
        let seconds = earlier.map(|header| latest.timestamp.saturating_sub(header.timestamp));
        Ok(seconds.map(|seconds| Duration::from_secs_f64(seconds as f64 / span as f64)))
    }

    pub(crate) async fn balance(&self, of: Address) -> Result<U256, RpcFault> {
        self.request("eth_getBalance", (of, "latest")).await
    }

    pub(crate) async fn code(&self, of: Address) -> Result<Bytes, RpcFault> {
        self.request("eth_getCode", (of, "latest")).await
    }

    pub(crate) async fn code_at(&self, of: Address, number: u64) -> Result<Bytes, RpcFault> {
        self.request("eth_getCode", (of, BlockNumberOrTag::Number(number))).await
    }

    pub(crate) async fn nonce(&self, of: Address, tag: &'static str) -> Result<u64, RpcFault> {
        self.request::<_, U64>("eth_getTransactionCount", (of, tag)).await.map(|nonce| nonce.to())
    }

    pub(crate) async fn priority_fee(&self) -> Result<u128, RpcFault> {
        let fee: U256 = self.request("eth_maxPriorityFeePerGas", ()).await?;
        Ok(fee.saturating_to())
    }

    pub(crate) async fn estimate_gas(&self, call: &TransactionRequest) -> Result<u64, RpcFault> {
        self.request::<_, U64>("eth_estimateGas", (call,)).await.map(|gas| gas.to())
    }

    pub(crate) async fn call(&self, call: &TransactionRequest, at: BlockNumberOrTag) -> Result<Bytes, RpcFault> {
        self.request("eth_call", (call, at)).await
    }

    /// Calls a view and decodes what it returns.
    pub(crate) async fn view<C: SolCall>(&self, to: Address, call: &C) -> Result<C::Return, RpcFault> {
        let input = TransactionInput::new(call.abi_encode().into());
        let request = TransactionRequest { to: Some(to.into()), input, ..Default::default() };
        let returned = self.call(&request, BlockNumberOrTag::Latest).await?;
        C::abi_decode_returns(&returned)
            .map_err(|error| RpcFault::Malformed { method: C::SIGNATURE.to_owned(), reason: error.to_string() })
    }

    pub(crate) async fn send_raw(&self, raw: &Bytes) -> Result<B256, RpcFault> {
        self.request("eth_sendRawTransaction", (raw,)).await
    }

    /// True when the endpoint knows `eth_sendRawTransactionSync` (EIP-7966): asked without parameters, it finds fault
    /// with them and not with the method. Nothing is submitted.
    pub(crate) async fn probe_sync_send(&self) -> bool {
        let Some(http) = self.over_http() else { return false };
        let answer = self.ask_over::<_, Option<TransactionReceipt>>(&http, SEND_SYNC, (), ANSWER_DEADLINE).await;
        matches!(answer, Err(RpcFault::Refused { code: INVALID_PARAMS, .. }))
    }

    /// Submits and waits for the receipt, at most as long as `wait` (EIP-7966); true when it says that the
    /// transaction was carried out. `None` when too many wait, or a held request would hold up others.
    pub(super) async fn send_sync(&self, raw: &Bytes, hash: B256, wait: Duration) -> Option<Result<bool, RpcFault>> {
        let _place = self.held.places.try_acquire().ok()?;
        let http = self.over_http()?;
        // The wait that the EIP lets a client ask for is left out: not every endpoint takes a second parameter.
        let promise: Result<Promise, _> = self.ask_over(&http, SEND_SYNC, (raw,), wait).await;
        Some(match promise {
            Ok(promise) if promise.transaction_hash == hash => {
                self.held.block.notify_one();
                Ok(promise.status == Some(U64::from(1)))
            }
            Ok(_) => {
                let reason = "the receipt of another transaction".to_owned();
                Err(RpcFault::Malformed { method: SEND_SYNC.to_owned(), reason })
            }
            Err(fault) => Err(fault),
        })
    }

    /// Ends when a submission was answered with its receipt: there is a new block.
    pub(super) async fn promised(&self) {
        self.held.block.notified().await;
    }

    /// A way to the endpoint on which a request may be held without holding up others.
    fn over_http(&self) -> Option<RpcClient> {
        let polled = self.link.endpoint.as_ref().is_some_and(|endpoint| !endpoint.pushes());
        self.link.polled.clone().or_else(|| polled.then(|| self.client()))
    }

    pub(crate) async fn receipt(&self, hash: B256) -> Result<Option<TransactionReceipt>, RpcFault> {
        self.request("eth_getTransactionReceipt", (hash,)).await
    }

    /// All receipts of a block; not every endpoint has them.
    pub(crate) async fn block_receipts(&self, block: B256) -> Result<Arc<Option<Vec<TransactionReceipt>>>, RpcFault> {
        let fits = |all: &Option<Vec<TransactionReceipt>>| {
            all.as_ref().is_some_and(|all| all.iter().all(|receipt| receipt.block_hash == Some(block)))
        };
        self.blocks.receipts.get(block, self.request("eth_getBlockReceipts", (block,)), fits).await
    }

    /// Logs of some contracts in one block; those that are `sound` are kept for others.
    pub(crate) async fn logs_of_block(
        &self,
        block: B256,
        of: &[Address],
        sound: impl Fn(&Vec<Log>) -> bool,
    ) -> Result<Arc<Vec<Log>>, RpcFault> {
        let filter = Filter::new().at_block_hash(block).address(of.to_vec());
        self.blocks.logs.get((block, of.to_vec()), self.logs(&filter), sound).await
    }

    pub(crate) async fn logs(&self, filter: &Filter) -> Result<Vec<Log>, RpcFault> {
        self.request("eth_getLogs", (filter,)).await
    }
}

async fn ask<P: RpcSend, R: RpcRecv>(
    client: &RpcClient,
    method: &'static str,
    params: P,
    deadline: Duration,
) -> Result<R, RpcFault> {
    match tokio::time::timeout(deadline, client.request(Cow::Borrowed(method), params)).await {
        Ok(Ok(result)) => Ok(result),
        Ok(Err(error)) => Err(fault(method, error)),
        Err(_) => Err(RpcFault::Silent { method: method.to_owned() }),
    }
}
