//! What a subscriber asked for and what it is sent.

use alloy::rpc::types::{Filter, Log};
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue, value::to_raw_value};

use crate::devnet::{
    Notice, RpcError,
    rpc::{logs::matching, render},
};

/// One subscription of `eth_subscribe`.
#[derive(Clone, Debug)]
pub(super) enum Topic {
    NewHeads,
    Logs(Box<Filter>),
    /// Hashes of transactions, or all of them.
    Pending {
        full: bool,
    },
}

impl Topic {
    /// Reads the parameters of `eth_subscribe`.
    pub(super) fn parse(params: &Value) -> Result<Self, RpcError> {
        let name = params.get(0).and_then(Value::as_str).unwrap_or_default();
        match name {
            "newHeads" => Ok(Self::NewHeads),
            "newPendingTransactions" => {
                let full = params.get(1).filter(|full| !full.is_null()).map_or(Ok(false), bool::deserialize);
                let full = full.map_err(|error| RpcError::invalid_params(format!("invalid argument 1: {error}")))?;
                Ok(Self::Pending { full })
            }
            "logs" => {
                let filter = params.get(1).filter(|filter| !filter.is_null());
                let filter =
                    filter.map_or_else(|| Ok(Filter::default()), |filter| serde_json::from_value(filter.clone()));
                filter
                    .map(|filter| Self::Logs(Box::new(filter)))
                    .map_err(|error| RpcError::invalid_params(format!("invalid filter: {error}")))
            }
            _ => {
                let shown: String = name.chars().take(64).collect();
                Err(RpcError::invalid_params(format!("no \"{shown}\" subscription")))
            }
        }
    }

    /// What a notice means to this subscription, ready to be sent.
    pub(super) fn results(&self, notice: &Notice) -> Vec<Box<RawValue>> {
        match (self, notice) {
            (Self::NewHeads, Notice::Head(block)) => raw(render::header(block)).into_iter().collect(),
            (Self::Logs(filter), Notice::Head(block)) => matching(block, filter).filter_map(raw).collect(),
            (Self::Logs(filter), Notice::Removed(block)) => {
                matching(block, filter).filter_map(|log| raw(Log { removed: true, ..log })).collect()
            }
            (Self::Pending { full: false }, Notice::Pending(pooled)) => raw(pooled.hash()).into_iter().collect(),
            (Self::Pending { full: true }, Notice::Pending(pooled)) => {
                raw(render::pending(pooled)).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }
}

fn raw(value: impl Serialize) -> Option<Box<RawValue>> {
    to_raw_value(&value).inspect_err(|error| tracing::error!(%error, "notice cannot be written as JSON")).ok()
}
