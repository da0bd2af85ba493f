//! `eth_getLogs`.

use alloy::rpc::types::{Filter, FilterBlockOption, Log};
use serde_json::Value;

use super::{
    RpcError,
    params::{Params, answer},
    render,
};
use crate::devnet::{block::Block, chain::DevChain, limits::MAX_LOGS};

pub(super) fn logs(chain: &mut DevChain, params: &Params) -> Result<Value, RpcError> {
    let filter: Filter = params.get(0)?;
    let mut found = Vec::new();
    match filter.block_option {
        FilterBlockOption::AtBlockHash(hash) => {
            let block = chain.history.by_hash(hash);
            let block = block.ok_or_else(|| RpcError::server("unknown block"))?;
            collect(block, &filter, &mut found)?;
        }
        FilterBlockOption::Range { from_block, to_block } => {
            let from = chain.resolve(from_block.unwrap_or_default());
            let to = chain.resolve(to_block.unwrap_or_default());
            if from > to {
                return Err(RpcError::invalid_params("invalid block range params"));
            }
            if from < chain.history.oldest() {
                let oldest = chain.history.oldest();
                return Err(RpcError::server(format!("pruned history unavailable: the oldest block kept is {oldest}")));
            }
            for block in chain.history.range(from, to) {
                collect(block, &filter, &mut found)?;
            }
        }
    }
    answer(found)
}

/// Logs of one block that a filter asks for; its block range is not looked at.
pub(crate) fn matching<'a>(block: &'a Block, filter: &'a Filter) -> impl Iterator<Item = Log> + 'a {
    let possible = filter.matches_bloom(block.header().logs_bloom);
    let count = if possible { block.receipts.len() } else { 0 };
    (0..count)
        .flat_map(|index| render::logs(block, index))
        .filter(|log| filter.matches_address(log.address()) && filter.matches_topics(log.topics()))
}

fn collect(block: &Block, filter: &Filter, found: &mut Vec<Log>) -> Result<(), RpcError> {
    found.extend(matching(block, filter));
    if found.len() > MAX_LOGS {
        return Err(RpcError::limit(format!("query returned more than {MAX_LOGS} results")));
    }
    Ok(())
}
