//! Methods about fees.

use alloy::{consensus::Transaction, eips::BlockNumberOrTag, primitives::U128, rpc::types::FeeHistory};
use serde_json::Value;

use super::{
    RpcError,
    params::{Params, answer},
};
use crate::devnet::{
    block::{Block, BlockParams},
    chain::DevChain,
    limits::{MAX_FEE_HISTORY, SUGGESTED_TIP},
};

pub(super) fn gas_price(chain: &mut DevChain, _: &Params) -> Result<Value, RpcError> {
    answer(U128::from(u128::from(chain.next_params().base_fee) + SUGGESTED_TIP))
}

pub(super) fn max_priority_fee(_: &mut DevChain, _: &Params) -> Result<Value, RpcError> {
    answer(U128::from(SUGGESTED_TIP))
}

pub(super) fn fee_history(chain: &mut DevChain, params: &Params) -> Result<Value, RpcError> {
    let count = params.number(0)?.unwrap_or(1).min(MAX_FEE_HISTORY);
    let newest: BlockNumberOrTag = params.get(1)?;
    let percentiles: Option<Vec<f64>> = params.optional(2)?;
    if percentiles.as_ref().is_some_and(|list| list.len() > 100 || !list.is_sorted()) {
        return Err(RpcError::invalid_params("invalid reward percentiles"));
    }
    let newest = chain.resolve(newest);
    let last = chain.history.by_number(newest).ok_or_else(|| RpcError::server("request beyond head block"))?;
    let oldest = (newest + 1).saturating_sub(count).max(chain.history.oldest());
    let blocks: Vec<_> = chain.history.range(oldest, newest).collect();
    let after_last = if newest == chain.head().number() {
        chain.next_params().base_fee
    } else {
        BlockParams::after(last, last.timestamp(), 0).base_fee
    };
    let base_fees = blocks.iter().map(|block| u128::from(block.base_fee()));
    let ratio = |block: &Block| block.header().gas_used as f64 / block.header().gas_limit as f64;
    answer(FeeHistory {
        base_fee_per_gas: base_fees.chain([u128::from(after_last)]).collect(),
        gas_used_ratio: blocks.iter().map(|block| ratio(block)).collect(),
        base_fee_per_blob_gas: vec![1; blocks.len() + 1],
        blob_gas_used_ratio: vec![0.0; blocks.len()],
        oldest_block: oldest,
        reward: percentiles.map(|percentiles| blocks.iter().map(|block| rewards(block, &percentiles)).collect()),
    })
}

/// Tips of a block at percentiles of its gas.
fn rewards(block: &Block, percentiles: &[f64]) -> Vec<u128> {
    let mut tips: Vec<(u128, u64)> = block
        .transactions
        .iter()
        .zip(&block.receipts)
        .map(|(tx, executed)| (tx.effective_tip_per_gas(block.base_fee()).unwrap_or_default(), executed.gas_used))
        .collect();
    tips.sort_unstable();
    let at = |percentile: &f64| {
        let wanted = block.header().gas_used as f64 * percentile / 100.0;
        let mut passed = 0;
        let reached = tips.iter().find(|(_, gas)| {
            passed += gas;
            passed as f64 >= wanted
        });
        reached.or(tips.last()).map_or(0, |(tip, _)| *tip)
    };
    percentiles.iter().map(at).collect()
}
