//! Why a transaction of ours, or one call in it, failed: found out by making it again on the block that holds it.

use alloy::consensus::{Transaction, TxEnvelope};
use alloy::eips::BlockNumberOrTag;
use alloy::eips::eip2718::Decodable2718;
use alloy::primitives::Bytes;
use alloy::rpc::types::{TransactionInput, TransactionReceipt, TransactionRequest};
use alloy::sol_types::SolEvent;

use super::FollowSettings;
use crate::contracts::{self, abi::SessionWallet};
use crate::io::fault::RpcFault;
use crate::io::rpc::Rpc;
use crate::lane::{FailedCall, Revert, RevertKind};
use crate::model::Call;
use crate::pure::{ACT_SELECTOR, CALL_GAS};

/// Reasons that are asked for at one head: two full batches. What fails beyond them fails without words.
const MAX_ASKED: u32 = 16;

/// A call keeps one part of so many of its gas from the call that it makes (EIP-150).
const KEPT_BACK: u64 = 64;

/// Said of a transaction that has used all its gas.
const OUT_OF_GAS: &str = "out of gas";

/// Said of a transaction that fails no longer when it is made again, or fails without a word.
const UNTOLD_REVERT: &str = "the transaction reverted; the reason can no longer be told";

/// Said of a failed call whose reason cannot be found out afterwards.
const UNTOLD: &str = "the game's contract refused the call";

pub(super) struct Reasons {
    rpc: Rpc,
    settings: FollowSettings,
    left: u32,
}

impl Reasons {
    pub(super) fn new(rpc: Rpc, settings: FollowSettings) -> Self {
        Self { rpc, settings, left: MAX_ASKED }
    }

    /// A new head: as many reasons may be asked for again.
    pub(super) fn begin(&mut self) {
        self.left = MAX_ASKED;
    }

    /// The calls of a mined batch that failed in isolation.
    pub(super) async fn of_calls(&mut self, raw: &Bytes, receipt: &TransactionReceipt) -> Vec<FailedCall> {
        let logs = receipt.logs().iter().filter(|log| log.inner.address == self.settings.account);
        let mut failed: Vec<usize> = logs
            .filter_map(|log| SessionWallet::CallFailed::decode_log(&log.inner).ok())
            .filter_map(|failed| usize::try_from(failed.index).ok())
            .collect();
        failed.dedup();
        if failed.is_empty() {
            return Vec::new();
        }
        let calls = self.calls(raw).unwrap_or_default();
        let mut told = Vec::with_capacity(failed.len().min(calls.len()));
        for (index, call) in failed.into_iter().filter_map(|index| Some((index, calls.get(index)?))) {
            let request = TransactionRequest {
                from: Some(self.settings.account),
                to: Some(call.target.into()),
                gas: Some(CALL_GAS.into()),
                input: TransactionInput::new([&call.selector[..], &call.args].concat().into()),
                ..Default::default()
            };
            let data = self.again(&request, receipt).await;
            let reason = data.and_then(|data| contracts::decode_revert(&data)).unwrap_or_else(|| UNTOLD.to_owned());
            told.push(FailedCall { index, reason });
        }
        told
    }

    /// Why a whole transaction reverted.
    pub(super) async fn of_revert(&mut self, raw: &Bytes, receipt: &TransactionReceipt) -> Revert {
        let Some(request) = self.as_call(raw) else { return Revert::other("the transaction reverted") };
        let data = self.again(&request, receipt).await.unwrap_or_default();
        // Out of gas at the top takes all of it and leaves no data; in a call below, nearly all (EIP-150).
        let limit = request.gas.unwrap_or(u64::MAX);
        let drained = receipt.gas_used >= limit - limit / KEPT_BACK;
        let reason = match contracts::decode_revert(&data) {
            Some(words) => words,
            None if drained => OUT_OF_GAS.to_owned(),
            None if data.is_empty() => UNTOLD_REVERT.to_owned(),
            None => format!("reverted with {data}"),
        };
        let kind = match &data {
            data if contracts::is_rate_limited(data) => RevertKind::RateLimited,
            data if drained || contracts::is_out_of_gas(data) => RevertKind::OutOfGas,
            _ => RevertKind::Other,
        };
        Revert { reason, kind }
    }

    /// What a call reverts with on the block of a receipt.
    async fn again(&mut self, request: &TransactionRequest, receipt: &TransactionReceipt) -> Option<Bytes> {
        self.left = self.left.checked_sub(1)?;
        let at = receipt.block_number.map_or(BlockNumberOrTag::Latest, BlockNumberOrTag::Number);
        match self.rpc.call(request, at).await {
            Err(RpcFault::Refused { data, .. }) => data,
            _ => None,
        }
    }

    fn calls(&self, raw: &Bytes) -> Option<Vec<Call>> {
        let envelope = TxEnvelope::decode_2718_exact(raw).ok()?;
        self.settings.methods.unpack(envelope.input().get(ACT_SELECTOR.len()..)?)
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
