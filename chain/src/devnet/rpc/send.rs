//! Sending.

use std::time::Duration;

use alloy::{
    consensus::Transaction,
    primitives::{B256, Bytes, U64},
};
use serde_json::Value;

use super::{
    RpcError,
    params::{Params, answer},
    render,
};
#[cfg(feature = "devnet-server")]
use crate::devnet::limits::{MAX_SYNC_WAIT, SYNC_WAIT};
use crate::devnet::{chain::DevChain, pool::decode};

/// What came of a transaction that was sent to be waited for.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) hash: B256,
    /// The receipt, where the transaction was mined at once.
    pub(crate) receipt: Option<Value>,
}

pub(super) fn send_raw_transaction(chain: &mut DevChain, params: &Params) -> Result<Value, RpcError> {
    let raw: Bytes = params.get(0)?;
    answer(chain.submit(&raw)?)
}

/// Without a server there is nobody to wait: what is not mined at once has timed out.
pub(super) fn send_raw_transaction_sync(chain: &mut DevChain, params: &Params) -> Result<Value, RpcError> {
    let sent = chain.send_sync(params)?;
    sent.receipt.ok_or_else(|| RpcError::not_mined_in_time(sent.hash, Duration::ZERO))
}

/// The longest wait for a receipt: the second parameter, in milliseconds. As the EIP asks, one out
/// of range is replaced by the default.
#[cfg(feature = "devnet-server")]
pub(crate) fn sync_wait(params: &Params) -> Duration {
    let wanted = params.number(1).ok().flatten().map(Duration::from_millis);
    wanted.filter(|wait| !wait.is_zero() && *wait <= MAX_SYNC_WAIT).unwrap_or(SYNC_WAIT)
}

impl DevChain {
    /// The part of `eth_sendRawTransactionSync` (EIP-7966) that does not wait.
    ///
    pub(crate) fn send_sync(&mut self, params: &Params) -> Result<Sent, RpcError> {
        let raw: Bytes = params.get(0)?;
        let tx = decode(&raw)?;
        let next = self.pool.next_nonce(tx.signer(), &self.state);
        if tx.nonce() > next {
            return Err(RpcError::nonce_gap(next));
        }
        let hash = self.submit_decoded(tx)?;
        Ok(Sent { hash, receipt: self.receipt(hash) })
    }

    /// The receipt of a mined transaction, as clients read it.
    pub(crate) fn receipt(&self, hash: B256) -> Option<Value> {
        let (block, index) = self.history.transaction(hash)?;
        serde_json::to_value(render::receipt(block, index)).ok()
    }
}

impl RpcError {
    const TIMEOUT: i32 = 4;
    const NONCE_GAP: i32 = 6;

    /// The transaction waits in the pool, but not its sender any longer (EIP-7966).
    pub(crate) fn not_mined_in_time(hash: B256, wait: Duration) -> Self {
        let message = format!("The transaction was added to the transaction pool but wasn't processed in {wait:?}.");
        Self { code: Self::TIMEOUT, message, data: Some(Value::String(hash.to_string())) }
    }

    /// The transaction cannot be executed before another one that is not here (EIP-7966).
    fn nonce_gap(next: u64) -> Self {
        let message = "The transaction was not added to the transaction pool: its nonce leaves a gap. \
                       Send the transaction with the expected nonce first.";
        Self {
            code: Self::NONCE_GAP,
            message: message.to_owned(),
            data: Some(Value::String(format!("{:#x}", U64::from(next)))),
        }
    }
}
