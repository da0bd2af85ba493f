//! Methods that steer the chain, under the names that anvil uses.

use std::time::Duration;

use alloy::primitives::{B256, U64, U256};
use serde::Deserialize;
use serde_json::Value;

use super::{
    RpcError,
    params::{Params, answer},
};
use crate::devnet::{
    chain::DevChain,
    genesis::Mining,
    limits::{MAX_MINE, MAX_TIME_SHIFT_S},
};

/// What `evm_mine` may be given.
#[derive(Deserialize)]
#[serde(untagged)]
enum MineOptions {
    Timestamp(U256),
    Options { timestamp: Option<U256>, blocks: Option<U256> },
}

pub(super) fn mine(chain: &mut DevChain, params: &Params) -> Result<Value, RpcError> {
    let (timestamp, blocks) = match params.optional(0)? {
        None => (None, None),
        Some(MineOptions::Timestamp(timestamp)) => (Some(timestamp), None),
        Some(MineOptions::Options { timestamp, blocks }) => (timestamp, blocks),
    };
    let blocks = check_blocks(blocks.map_or(1, |blocks| blocks.saturating_to()))?;
    if let Some(timestamp) = timestamp {
        chain.force_next_timestamp(timestamp)?;
    }
    for _ in 0..blocks {
        chain.mine();
    }
    answer("0x0")
}

/// A number of blocks, and the seconds from one to the next.
pub(super) fn mine_spaced(chain: &mut DevChain, params: &Params) -> Result<Value, RpcError> {
    let blocks = check_blocks(params.number(0)?.unwrap_or(1))?;
    let spacing = params.number(1)?;
    for _ in 0..blocks {
        let block = chain.mine();
        if let Some(seconds) = spacing {
            chain.force_next_timestamp(U256::from(block.timestamp()).saturating_add(U256::from(seconds)))?;
        }
    }
    chain.clock.unforce();
    answer(Value::Null)
}

fn check_blocks(blocks: u64) -> Result<u64, RpcError> {
    if blocks > MAX_MINE {
        return Err(RpcError::invalid_params(format!("at most {MAX_MINE} blocks at once")));
    }
    Ok(blocks)
}

pub(super) fn set_next_base_fee(chain: &mut DevChain, params: &Params) -> Result<Value, RpcError> {
    chain.set_next_base_fee(params.required_number(0)?);
    answer(Value::Null)
}

pub(super) fn set_automine(chain: &mut DevChain, params: &Params) -> Result<Value, RpcError> {
    let on: bool = params.get(0)?;
    chain.set_mining(if on { Mining::Automine } else { Mining::OnDemand });
    answer(Value::Null)
}

/// Seconds, with fractions when given as a number; zero stops interval mining.
#[derive(Deserialize)]
#[serde(untagged)]
enum Seconds {
    Fraction(f64),
    Whole(U64),
}

pub(super) fn set_interval_mining(chain: &mut DevChain, params: &Params) -> Result<Value, RpcError> {
    let seconds = match params.get(0)? {
        Seconds::Fraction(seconds) => seconds,
        Seconds::Whole(seconds) => seconds.to::<u64>() as f64,
    };
    if seconds == 0.0 {
        chain.set_mining(Mining::OnDemand);
    } else {
        let block_time =
            Duration::try_from_secs_f64(seconds).map_err(|error| RpcError::invalid_params(error.to_string()))?;
        chain.set_interval(block_time)?;
    }
    answer(Value::Null)
}

pub(super) fn increase_time(chain: &mut DevChain, params: &Params) -> Result<Value, RpcError> {
    let seconds = params.number(0)?.unwrap_or_default();
    if seconds > MAX_TIME_SHIFT_S {
        return Err(RpcError::invalid_params("time shift is too large"));
    }
    answer(chain.clock.advance(Duration::from_secs(seconds)))
}

pub(super) fn set_next_block_timestamp(chain: &mut DevChain, params: &Params) -> Result<Value, RpcError> {
    chain.force_next_timestamp(params.get(0)?)?;
    answer(Value::Null)
}

pub(super) fn snapshot(chain: &mut DevChain, _: &Params) -> Result<Value, RpcError> {
    answer(U64::from(chain.snapshot()))
}

pub(super) fn revert(chain: &mut DevChain, params: &Params) -> Result<Value, RpcError> {
    let id = params.number(0)?.unwrap_or_default();
    answer(chain.revert(id))
}

pub(super) fn drop_transaction(chain: &mut DevChain, params: &Params) -> Result<Value, RpcError> {
    let hash: B256 = params.get(0)?;
    answer(chain.pool.remove(hash).then_some(hash))
}

pub(super) fn drop_all_transactions(chain: &mut DevChain, _: &Params) -> Result<Value, RpcError> {
    chain.pool.clear();
    answer(Value::Null)
}

impl DevChain {
    fn force_next_timestamp(&mut self, timestamp: U256) -> Result<(), RpcError> {
        let head = self.head().timestamp();
        let timestamp = u64::try_from(timestamp).unwrap_or(u64::MAX);
        if timestamp < head || timestamp > head.saturating_add(MAX_TIME_SHIFT_S) {
            return Err(RpcError::invalid_params(format!(
                "timestamp {timestamp} is lower than or too far from the latest block's, {head}"
            )));
        }
        self.clock.force_next(timestamp);
        Ok(())
    }
}
