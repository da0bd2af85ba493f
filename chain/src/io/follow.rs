//! Follows the canonical chain: heads, the logs of the watched contracts, the receipts of our transactions.

use std::collections::BTreeMap;
use std::sync::Arc;

use alloy::consensus::{Transaction, TxEnvelope};
use alloy::eips::BlockNumberOrTag;
use alloy::eips::eip2718::Decodable2718;
use alloy::primitives::{Address, B256, Bytes};
use alloy::rpc::types::{Filter, Header, Log, TransactionInput, TransactionReceipt, TransactionRequest};
use alloy::sol_types::SolEvent;
use crossbeam::atomic::AtomicCell;

use super::rpc::{Rpc, RpcFault};
use crate::contracts::{self, abi::SessionWallet};
use crate::lane::{FailedCall, Head, OwnReceipt, Revert};
use crate::model::Call;
use crate::pure::{ACT_SELECTOR, CALL_GAS, MethodTable};
use crate::session::MAX_TOKENS;

/// Blocks that one `eth_getLogs` covers when catching up; hosted endpoints refuse much wider ranges.
const LOG_RANGE: u64 = 2_000;

/// Times that a used nonce may lack a receipt of ours before another transaction is taken to have used it.
const MISSES_BEFORE_REPLACED: u32 = 3;

/// Said of a failed call whose reason cannot be found out afterwards.
const UNTOLD: &str = "the game's contract refused the call";

/// A step along the canonical chain.
#[derive(Debug)]
pub(crate) enum Progress {
    /// A block, or several at once when catching up.
    Block { head: Head, logs: Vec<(B256, alloy::primitives::Log)>, receipts: Vec<OwnReceipt> },
    /// The last head is no longer canonical. The history follows again from the start.
    Reorged,
}

/// What is followed.
#[derive(Clone, Debug)]
pub(crate) struct FollowSettings {
    /// The player's account.
    pub(crate) account: Address,
    /// The session key, which sends the transactions.
    pub(crate) session: Address,
    /// Contracts whose logs the game reads.
    pub(crate) targets: Vec<Address>,
    /// The session's allow-list, to read our own batches back.
    pub(crate) methods: MethodTable,
    /// First block that may hold such a log.
    pub(crate) from_block: u64,
    /// What the session has spent of its capped tokens, if it has any.
    pub(crate) spent: Option<TokensSpent>,
}

/// Spent of each capped token, in the order of the session's view; read by the game thread without waiting.
pub(crate) type TokensSpent = Arc<AtomicCell<[u128; MAX_TOKENS]>>;

struct Watched {
    hash: B256,
    raw: Bytes,
    misses: u32,
}

pub(crate) struct Follower {
    rpc: Rpc,
    settings: FollowSettings,
    last: Option<Head>,
    watched: BTreeMap<u64, Watched>,
}

impl Follower {
    pub(crate) fn new(rpc: Rpc, settings: FollowSettings) -> Self {
        Self { rpc, settings, last: None, watched: BTreeMap::new() }
    }

    /// Looks out for the receipt of a transaction.
    pub(crate) fn watch(&mut self, nonce: u64, hash: B256, raw: Bytes) {
        self.watched.entry(nonce).or_insert(Watched { hash, raw, misses: 0 });
    }

    /// Asks for the latest head and goes there.
    pub(crate) async fn poll(&mut self, progress: &mut Vec<Progress>) -> Result<(), RpcFault> {
        let latest = self.rpc.latest_header().await?;
        self.advance(&latest, progress).await
    }

    /// Goes from the last head to `to`, which an endpoint has told, and appends each step to `progress`.
    ///
    /// On an error nothing is lost: the steps made so far stand in `progress`, and the next call goes on from there.
    pub(crate) async fn advance(&mut self, to: &Header, progress: &mut Vec<Progress>) -> Result<(), RpcFault> {
        if !self.continues(to).await? {
            self.last = None;
            progress.push(Progress::Reorged);
        }
        let mut next = self.last.map_or(self.settings.from_block, |last| last.number + 1);
        if self.last.is_none() && next > to.number {
            // Nothing to catch up with; the head alone says where the chain is.
            next = to.number;
        }
        while next <= to.number {
            let end = to.number.min(next.saturating_add(LOG_RANGE - 1));
            let header = match end == to.number {
                true => to.clone(),
                false => self.header_at(end).await?,
            };
            progress.push(self.block(next, &header).await?);
            next = end + 1;
        }
        Ok(())
    }

    /// True when `to` lies on the same history as the last head.
    async fn continues(&self, to: &Header) -> Result<bool, RpcFault> {
        let Some(last) = self.last else { return Ok(true) };
        if to.number == last.number + 1 {
            return Ok(to.parent_hash == last.hash);
        }
        if to.number == last.number {
            return Ok(to.hash == last.hash);
        }
        // An endpoint that does not have the block yet lags behind; that says nothing about the history.
        let canonical = self.rpc.header(BlockNumberOrTag::Number(last.number)).await?;
        Ok(canonical.is_none_or(|header| header.hash == last.hash))
    }

    async fn header_at(&self, number: u64) -> Result<Header, RpcFault> {
        let header = self.rpc.header(BlockNumberOrTag::Number(number)).await?;
        header.ok_or_else(|| RpcFault::Malformed {
            method: "eth_getBlockByNumber".to_owned(),
            reason: format!("block {number} is missing below the head"),
        })
    }

    async fn block(&mut self, first: u64, header: &Header) -> Result<Progress, RpcFault> {
        let filter = Filter::new().address(self.settings.targets.clone());
        let filter = match first == header.number {
            true => filter.at_block_hash(header.hash),
            false => filter.from_block(first).to_block(header.number),
        };
        let logs = self.rpc.logs(&filter).await?;
        let receipts = self.receipts(header.number).await?;
        if !receipts.is_empty() {
            self.read_spent().await;
        }
        let head = Head {
            number: header.number,
            hash: header.hash,
            timestamp: header.timestamp,
            base_fee: header.base_fee_per_gas.unwrap_or_default().into(),
        };
        for receipt in &receipts {
            self.watched.remove(&receipt.nonce);
        }
        self.last = Some(head);
        let logs = logs.into_iter().filter_map(|log| self.checked(log)).collect();
        Ok(Progress::Block { head, logs, receipts })
    }

    /// Asks the contract what is left of the token caps. Without an answer the figures stay as they are until the
    /// next block with a transaction of ours: they are shown, and nothing is decided by them.
    async fn read_spent(&self) {
        let Some(spent) = &self.settings.spent else { return };
        let call = SessionWallet::sessionCall { key: self.settings.session };
        if let Ok(session) = self.rpc.view(self.settings.account, &call).await {
            let told = session.tokens.iter().map(|token| token.spent.saturating_to());
            let mut all = [0; MAX_TOKENS];
            all.iter_mut().zip(told).for_each(|(slot, spent)| *slot = spent);
            spent.store(all);
        }
    }

    /// Drops what no filter of ours can have matched: an endpoint is not trusted to filter.
    fn checked(&self, log: Log) -> Option<(B256, alloy::primitives::Log)> {
        let ours = self.settings.targets.contains(&log.inner.address) && !log.removed;
        ours.then_some((log.transaction_hash?, log.inner))
    }

    async fn receipts(&mut self, up_to: u64) -> Result<Vec<OwnReceipt>, RpcFault> {
        if self.watched.is_empty() {
            return Ok(Vec::new());
        }
        let used = self.rpc.nonce(self.settings.session, "latest").await?;
        let mined: Vec<_> = self.watched.range(..used).map(|(nonce, entry)| (*nonce, entry.hash)).collect();
        let mut receipts = Vec::with_capacity(mined.len());
        for (nonce, hash) in mined {
            match self.rpc.receipt(hash).await? {
                // Mined above the head that is being read: told together with that block's logs.
                Some(receipt) if receipt.block_number.is_some_and(|number| number > up_to) => {}
                Some(receipt) => receipts.push(self.own(nonce, &receipt).await),
                None => receipts.extend(self.missed(nonce, hash)),
            }
        }
        Ok(receipts)
    }

    fn missed(&mut self, nonce: u64, hash: B256) -> Option<OwnReceipt> {
        let entry = self.watched.get_mut(&nonce)?;
        entry.misses += 1;
        (entry.misses >= MISSES_BEFORE_REPLACED).then(|| {
            let result = Err(Revert::other("another transaction used this nonce"));
            OwnReceipt { nonce, hash, gas_used: 0, result }
        })
    }

    async fn own(&self, nonce: u64, receipt: &TransactionReceipt) -> OwnReceipt {
        let result = match receipt.status() {
            true => Ok(self.failed_calls(nonce, receipt).await),
            false => Err(self.why(nonce, receipt.block_number).await),
        };
        OwnReceipt { nonce, hash: receipt.transaction_hash, gas_used: receipt.gas_used, result }
    }

    async fn failed_calls(&self, nonce: u64, receipt: &TransactionReceipt) -> Vec<FailedCall> {
        let logs = receipt.logs().iter().filter(|log| log.inner.address == self.settings.account);
        let failed: Vec<usize> = logs
            .filter_map(|log| SessionWallet::CallFailed::decode_log(&log.inner).ok())
            .filter_map(|failed| usize::try_from(failed.index).ok())
            .collect();
        if failed.is_empty() {
            return Vec::new();
        }
        let calls = self.watched.get(&nonce).and_then(|entry| self.calls(&entry.raw)).unwrap_or_default();
        let mut told = Vec::with_capacity(failed.len());
        for index in failed {
            let reason = match calls.get(index) {
                Some(call) => self.why_call(call, receipt.block_number).await,
                None => UNTOLD.to_owned(),
            };
            told.push(FailedCall { index, reason });
        }
        told
    }

    fn calls(&self, raw: &Bytes) -> Option<Vec<Call>> {
        let envelope = TxEnvelope::decode_2718_exact(raw).ok()?;
        self.settings.methods.unpack(envelope.input().get(ACT_SELECTOR.len()..)?)
    }

    /// Makes a failed call again, alone, on the block that holds it.
    async fn why_call(&self, call: &Call, block: Option<u64>) -> String {
        let request = TransactionRequest {
            from: Some(self.settings.account),
            to: Some(call.target.into()),
            gas: Some(CALL_GAS.into()),
            input: TransactionInput::new([&call.selector[..], &call.args].concat().into()),
            ..Default::default()
        };
        let at = block.map_or(BlockNumberOrTag::Latest, BlockNumberOrTag::Number);
        match self.rpc.call(&request, at).await {
            Err(RpcFault::Refused { data: Some(data), .. }) => contracts::decode_revert(&data),
            _ => None,
        }
        .unwrap_or_else(|| UNTOLD.to_owned())
    }

    /// Runs a reverted transaction again as a call on the block that holds it, to learn the reason.
    async fn why(&self, nonce: u64, block: Option<u64>) -> Revert {
        let Some(request) = self.watched.get(&nonce).and_then(|entry| self.as_call(&entry.raw)) else {
            return Revert::other("the transaction reverted");
        };
        let at = block.map_or(BlockNumberOrTag::Latest, BlockNumberOrTag::Number);
        match self.rpc.call(&request, at).await {
            Err(RpcFault::Refused { data: Some(data), .. }) => Revert {
                reason: contracts::decode_revert(&data).unwrap_or_else(|| format!("reverted with {data}")),
                rate_limited: contracts::is_rate_limited(&data),
                session_over: contracts::is_session_over(&data),
            },
            _ => Revert::other("the transaction reverted; the reason can no longer be told"),
        }
    }

    fn as_call(&self, raw: &Bytes) -> Option<TransactionRequest> {
        let envelope = TxEnvelope::decode_2718_exact(raw).ok()?;
        Some(TransactionRequest {
            from: Some(self.settings.session),
            to: Some(self.settings.account.into()),
            gas: Some(envelope.gas_limit()),
            input: TransactionInput::new(envelope.input().clone()),
            ..Default::default()
        })
    }
}
