//! A tree of blocks that answers JSON-RPC: a chain whose every branch a test decides.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};

use alloy::consensus::Header as Sealed;
use alloy::primitives::{Address, B256, Bytes, LogData, U64, keccak256};
use alloy::rpc::client::RpcClient;
use alloy::rpc::json_rpc::{ErrorPayload, RequestPacket, Response, ResponsePacket, ResponsePayload, SerializedRequest};
use alloy::rpc::types::{Header, Log};
use alloy::transports::{TransportError, TransportErrorKind, TransportFut};
use serde_json::{Value, json};

use crate::contracts::clone_code;

/// The contract whose logs are followed.
pub(super) const GAME: Address = Address::repeat_byte(7);

/// What a block holds: transactions of ours by nonce, each with a log or without one, and the logs of others.
#[derive(Clone, Debug, Default)]
pub(super) struct Content {
    pub(super) ours: Vec<(u64, B256, bool)>,
    pub(super) others: Vec<u64>,
}

#[derive(Clone, Debug)]
struct Block {
    number: u64,
    parent: B256,
    content: Content,
}

/// A lie of the node: it gets a method and the true answer.
pub(super) type Tamper = Box<dyn FnMut(&str, &mut Value) + Send>;

/// The tree, and the tip that the node calls its latest.
#[derive(Default)]
pub(super) struct Tree {
    blocks: HashMap<B256, Block>,
    pub(super) tip: B256,
    /// Requests by method.
    pub(super) asked: BTreeMap<String, u64>,
    /// Methods that are refused.
    pub(super) refused: Vec<&'static str>,
    /// Requests until one gets no answer.
    pub(super) fails_in: Option<u64>,
    /// Blocks that one range of logs may cover.
    pub(super) widest: u64,
    /// Changes an answer on its way.
    pub(super) tamper: Option<Tamper>,
    /// The account runs no code.
    pub(super) elsewhere: bool,
}

/// What is told of a canonical block: its height, its logs and our transactions in it.
pub(super) type Told = (u64, Vec<(B256, u64)>, Vec<(u64, B256)>);

impl Tree {
    /// Puts a block on another one and says its hash.
    pub(super) fn grow(&mut self, parent: B256, content: Content) -> B256 {
        let number = self.blocks.get(&parent).map_or(0, |parent| parent.number + 1);
        let hash = keccak256(format!("{parent} {number} {content:?} {}", self.blocks.len()));
        self.blocks.insert(hash, Block { number, parent, content });
        hash
    }

    /// Puts a block on the tip.
    pub(super) fn mine(&mut self, content: Content) {
        self.tip = self.grow(self.tip, content);
    }

    /// The block `back` below the tip.
    pub(super) fn ancestor(&self, back: u64) -> B256 {
        (0..back).fold(self.tip, |hash, _| match self.blocks.get(&hash) {
            Some(block) if block.number > 0 => block.parent,
            _ => hash,
        })
    }

    pub(super) fn header(&self, hash: B256) -> Header {
        let block = &self.blocks[&hash];
        let inner = Sealed {
            number: block.number,
            parent_hash: block.parent,
            timestamp: 1_000 + block.number,
            base_fee_per_gas: Some(7),
            ..Sealed::default()
        };
        Header { hash, inner, total_difficulty: None, size: None }
    }

    /// The canonical chain, from its first block.
    fn canonical(&self) -> Vec<B256> {
        let mut chain: Vec<_> =
            std::iter::successors(Some(self.tip), |hash| Some(self.blocks.get(hash)?.parent)).collect();
        chain.retain(|hash| self.blocks.contains_key(hash));
        chain.reverse();
        chain
    }

    /// All that a client that followed the canonical chain knows.
    pub(super) fn replay(&self) -> Vec<Told> {
        let chain = self.canonical().into_iter().map(|hash| &self.blocks[&hash]);
        chain
            .map(|block| {
                (
                    block.number,
                    block.content.logs(),
                    block.content.ours.iter().map(|(nonce, hash, _)| (*nonce, *hash)).collect(),
                )
            })
            .collect()
    }

    /// Nonces of ours that the canonical chain has used.
    pub(super) fn used(&self) -> u64 {
        self.replay().iter().flat_map(|(_, _, ours)| ours).map(|(nonce, _)| nonce + 1).max().unwrap_or_default()
    }

    fn logs(&self, hash: B256) -> Vec<Log> {
        let block = &self.blocks[&hash];
        let logs = block.content.logs().into_iter().enumerate().map(|(at, (tx, value))| Log {
            inner: alloy::primitives::Log {
                address: GAME,
                data: LogData::new_unchecked(Vec::new(), Bytes::copy_from_slice(&value.to_be_bytes())),
            },
            block_hash: Some(hash),
            block_number: Some(block.number),
            block_timestamp: None,
            transaction_hash: Some(tx),
            transaction_index: Some(0),
            log_index: Some(at as u64),
            removed: false,
        });
        logs.collect()
    }

    fn receipts(&self, hash: B256) -> Vec<Value> {
        let block = &self.blocks[&hash];
        let logs = self.logs(hash);
        let receipt = |tx: &B256| {
            let logs: Vec<_> = logs.iter().filter(|log| log.transaction_hash == Some(*tx)).collect();
            json!({
                "type": "0x2", "status": "0x1", "cumulativeGasUsed": "0x1", "gasUsed": "0x1", "logs": logs,
                "logsBloom": alloy::primitives::Bloom::ZERO, "transactionHash": tx, "transactionIndex": "0x0",
                "blockHash": hash, "blockNumber": U64::from(block.number), "effectiveGasPrice": "0x1",
                "from": Address::ZERO, "to": Address::ZERO, "contractAddress": null,
            })
        };
        block.content.ours.iter().map(|(_, tx, _)| receipt(tx)).collect()
    }

    fn answer(&mut self, method: &str, params: &Value) -> Result<Value, String> {
        *self.asked.entry(method.to_owned()).or_default() += 1;
        if self.refused.contains(&method) {
            return Err(format!("the method {method} does not exist"));
        }
        let hash = |value: &Value| serde_json::from_value::<B256>(value.clone()).ok();
        let block = |tree: &Self, hash: Option<B256>| match hash.filter(|hash| tree.blocks.contains_key(hash)) {
            Some(hash) => {
                let block: alloy::rpc::types::Block =
                    alloy::rpc::types::Block { header: tree.header(hash), ..Default::default() };
                json!(block)
            }
            None => Value::Null,
        };
        let number = |value: &Value| serde_json::from_value::<U64>(value.clone()).map(|number| number.to::<u64>()).ok();
        Ok(match method {
            "eth_getBlockByHash" => block(self, hash(&params[0])),
            "eth_getBlockByNumber" if params[0] == "latest" => block(self, Some(self.tip)),
            "eth_getBlockByNumber" => {
                let at = number(&params[0]).and_then(|number| usize::try_from(number).ok());
                block(self, at.and_then(|at| self.canonical().get(at).copied()))
            }
            "eth_getCode" if self.elsewhere => json!("0x"),
            "eth_getCode" => json!(clone_code(Address::ZERO)),
            "eth_getTransactionCount" => json!(U64::from(self.used())),
            "eth_getTransactionReceipt" => {
                let receipts = self.canonical().into_iter().flat_map(|hash| self.receipts(hash));
                receipts.into_iter().find(|receipt| receipt["transactionHash"] == params[0]).unwrap_or(Value::Null)
            }
            "eth_getBlockReceipts" => json!(self.receipts(hash(&params[0]).ok_or("no such block")?)),
            "eth_getLogs" => match hash(&params[0]["blockHash"]) {
                Some(hash) if self.blocks.contains_key(&hash) => json!(self.logs(hash)),
                Some(_) => return Err("unknown block".to_owned()),
                None => {
                    let (first, last) = (number(&params[0]["fromBlock"]), number(&params[0]["toBlock"]));
                    let (first, last) = (first.ok_or("no fromBlock")?, last.ok_or("no toBlock")?);
                    if last - first >= self.widest {
                        return Err("the range is too wide".to_owned());
                    }
                    let within = |hash: &B256| (first..=last).contains(&self.blocks[hash].number);
                    json!(
                        self.canonical()
                            .into_iter()
                            .filter(within)
                            .flat_map(|hash| self.logs(hash))
                            .collect::<Vec<_>>()
                    )
                }
            },
            _ => return Err(format!("{method} is not known here")),
        })
    }
}

impl Content {
    fn logs(&self) -> Vec<(B256, u64)> {
        let ours = self.ours.iter().filter(|(.., logs)| *logs).map(|(nonce, hash, _)| (*hash, *nonce));
        ours.chain(self.others.iter().map(|value| (B256::ZERO, *value))).collect()
    }
}

/// A handle to the tree that alloy can send requests to.
#[derive(Clone)]
pub(super) struct Node(Arc<Mutex<Tree>>);

impl Node {
    /// A chain of one empty block.
    pub(super) fn new() -> Self {
        let mut tree = Tree { widest: u64::MAX, ..Tree::default() };
        tree.tip = tree.grow(B256::ZERO, Content::default());
        Self(Arc::new(Mutex::new(tree)))
    }

    pub(super) fn tree(&self) -> MutexGuard<'_, Tree> {
        self.0.lock().expect("no test panics while it holds the tree")
    }

    /// Puts blocks on the tip.
    pub(super) fn mine(&self, contents: impl IntoIterator<Item = Content>) {
        let mut tree = self.tree();
        contents.into_iter().for_each(|content| tree.mine(content));
    }

    /// Goes `back` from the tip and makes a block there the latest.
    pub(super) fn fork(&self, back: u64, content: Content) {
        let mut tree = self.tree();
        tree.tip = tree.ancestor(back);
        tree.mine(content);
    }

    pub(super) fn latest(&self) -> Header {
        let tree = self.tree();
        tree.header(tree.tip)
    }

    /// Requests of a method so far.
    pub(super) fn asked(&self, method: &str) -> u64 {
        self.tree().asked.get(method).copied().unwrap_or_default()
    }

    pub(super) fn client(&self) -> RpcClient {
        RpcClient::new(self.clone(), true)
    }

    fn respond(&self, request: &SerializedRequest) -> Result<Response, TransportError> {
        let mut tree = self.tree();
        if let Some(left) = &mut tree.fails_in {
            *left = left.saturating_sub(1);
            if *left == 0 {
                tree.fails_in = None;
                return Err(TransportErrorKind::custom_str("the connection broke"));
            }
        }
        let params = request.params().map_or(Value::Null, |raw| serde_json::from_str(raw.get()).unwrap_or_default());
        let mut answer = tree.answer(request.method(), &params);
        if let (Some(tamper), Ok(answer)) = (tree.tamper.as_mut(), &mut answer) {
            tamper(request.method(), answer);
        }
        let payload = match answer {
            Ok(result) => ResponsePayload::Success(serde_json::value::to_raw_value(&result).expect("JSON")),
            Err(message) => {
                ResponsePayload::Failure(ErrorPayload { code: -32_000, message: message.into(), data: None })
            }
        };
        Ok(Response { id: request.id().clone(), payload })
    }
}

impl tower::Service<RequestPacket> for Node {
    type Response = ResponsePacket;
    type Error = TransportError;
    type Future = TransportFut<'static>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, packet: RequestPacket) -> Self::Future {
        let response = match packet {
            RequestPacket::Single(request) => self.respond(&request).map(ResponsePacket::Single),
            RequestPacket::Batch(requests) => {
                let responses = requests.iter().map(|request| self.respond(request)).collect::<Result<Vec<_>, _>>();
                responses.map(ResponsePacket::Batch)
            }
        };
        Box::pin(std::future::ready(response))
    }
}
