//! Methods that read the state, of the latest block or of an earlier one that is still known.

use alloy::{
    eips::{BlockId, BlockNumberOrTag},
    primitives::{Address, B256, U64, U256},
};
use serde_json::Value;

use super::{
    RpcError,
    params::{Params, answer},
};
use crate::devnet::{block::Block, chain::DevChain, layer::View};

impl DevChain {
    /// A block that the caller names, or why there is none.
    pub(super) fn require_block(&self, block: BlockId) -> Result<&Block, RpcError> {
        if let Some(found) = self.find_block(block) {
            return Ok(found);
        }
        let oldest = self.history.oldest();
        match block {
            BlockId::Number(number) if self.resolve(number) < oldest => {
                Err(RpcError::server(format!("pruned history unavailable: the oldest block kept is {oldest}")))
            }
            _ => Err(RpcError::server("header not found")),
        }
    }

    /// The state that a block left behind; `pending` is answered with the latest.
    pub(super) fn view(&self, block: BlockId) -> Result<View<'_>, RpcError> {
        let number = self.require_block(block)?.number();
        let oldest = self.head().number() - self.history.depth() as u64;
        self.history.view(&self.state, number).ok_or_else(|| {
            RpcError::server(format!(
                "missing trie node: the state of block {number} is no longer known, the oldest is that of block {oldest}"
            ))
        })
    }
}

pub(super) fn balance(chain: &mut DevChain, params: &Params) -> Result<Value, RpcError> {
    let address: Address = params.get(0)?;
    answer(chain.view(params.block(1)?)?.balance(address))
}

pub(super) fn code(chain: &mut DevChain, params: &Params) -> Result<Value, RpcError> {
    let address: Address = params.get(0)?;
    answer(chain.view(params.block(1)?)?.code(address))
}

pub(super) fn storage_at(chain: &mut DevChain, params: &Params) -> Result<Value, RpcError> {
    let address: Address = params.get(0)?;
    let slot: U256 = params.get(1)?;
    answer(B256::from(chain.view(params.block(2)?)?.storage(address, slot)))
}

pub(super) fn transaction_count(chain: &mut DevChain, params: &Params) -> Result<Value, RpcError> {
    let address: Address = params.get(0)?;
    let block = params.block(1)?;
    let nonce = if block == BlockId::Number(BlockNumberOrTag::Pending) {
        chain.pool.next_nonce(address, &chain.state)
    } else {
        chain.view(block)?.nonce(address)
    };
    answer(U64::from(nonce))
}
