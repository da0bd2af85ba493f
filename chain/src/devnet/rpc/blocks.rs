//! Methods that read blocks, transactions and receipts.

use std::sync::Arc;

use alloy::{
    eips::{BlockId, BlockNumberOrTag},
    primitives::{B256, U64},
};
use serde_json::Value;

use super::{
    RpcError,
    params::{Params, answer},
    render,
};
use crate::devnet::{block::Block, chain::DevChain};

/// Blocks that `safe` lies behind the head: one epoch, as on the main network.
const SAFE_DEPTH: u64 = 32;

/// Blocks that `finalized` lies behind the head: two epochs.
const FINALIZED_DEPTH: u64 = 64;

impl DevChain {
    /// The number that a tag stands for; `pending` is answered with the head.
    pub(super) fn resolve(&self, number: BlockNumberOrTag) -> u64 {
        let head = self.head().number();
        match number {
            BlockNumberOrTag::Latest | BlockNumberOrTag::Pending => head,
            BlockNumberOrTag::Safe => head.saturating_sub(SAFE_DEPTH),
            BlockNumberOrTag::Finalized => head.saturating_sub(FINALIZED_DEPTH),
            BlockNumberOrTag::Earliest => 0,
            BlockNumberOrTag::Number(number) => number,
        }
    }

    pub(super) fn find_block(&self, block: BlockId) -> Option<&Arc<Block>> {
        match block {
            BlockId::Hash(hash) => self.history.by_hash(hash.block_hash),
            BlockId::Number(number) => self.history.by_number(self.resolve(number)),
        }
    }
}

pub(super) fn block_number(chain: &mut DevChain, _: &Params) -> Result<Value, RpcError> {
    answer(U64::from(chain.head().number()))
}

pub(super) fn block_by_number(chain: &mut DevChain, params: &Params) -> Result<Value, RpcError> {
    let number: BlockNumberOrTag = params.get(0)?;
    let full = params.optional(1)?.unwrap_or(false);
    answer(chain.find_block(number.into()).map(|block| render::block(block, full)))
}

pub(super) fn block_by_hash(chain: &mut DevChain, params: &Params) -> Result<Value, RpcError> {
    let hash: B256 = params.get(0)?;
    let full = params.optional(1)?.unwrap_or(false);
    answer(chain.history.by_hash(hash).map(|block| render::block(block, full)))
}

pub(super) fn block_receipts(chain: &mut DevChain, params: &Params) -> Result<Value, RpcError> {
    let block = chain.find_block(params.get(0)?);
    let receipts = |block: &Arc<Block>| -> Vec<_> {
        (0..block.receipts.len()).map(|index| render::receipt(block, index)).collect()
    };
    answer(block.map(receipts))
}

pub(super) fn transaction_by_hash(chain: &mut DevChain, params: &Params) -> Result<Value, RpcError> {
    let hash: B256 = params.get(0)?;
    let mined = chain.history.transaction(hash);
    answer(
        mined
            .map(|(block, index)| render::transaction(block, index))
            .or_else(|| chain.pool.get(hash).map(|pooled| render::pending(pooled))),
    )
}

pub(super) fn transaction_receipt(chain: &mut DevChain, params: &Params) -> Result<Value, RpcError> {
    let hash: B256 = params.get(0)?;
    let mined = chain.history.transaction(hash);
    answer(mined.map(|(block, index)| render::receipt(block, index)))
}

pub(super) fn transaction_count(chain: &mut DevChain, params: &Params) -> Result<Value, RpcError> {
    let block = chain.find_block(params.get(0)?);
    answer(block.map(|block| U64::from(block.transactions.len())))
}

pub(super) fn transaction_by_index(chain: &mut DevChain, params: &Params) -> Result<Value, RpcError> {
    let block = chain.find_block(params.get(0)?);
    let index = usize::try_from(params.required_number(1)?).unwrap_or(usize::MAX);
    let found = block.filter(|block| index < block.transactions.len());
    answer(found.map(|block| render::transaction(block, index)))
}
