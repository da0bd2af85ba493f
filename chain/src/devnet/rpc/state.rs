//! Methods that read the state. Only the state of the latest block is kept.

use alloy::{
    eips::{BlockId, BlockNumberOrTag},
    primitives::{Address, B256, U64, U256},
};
use serde_json::Value;

use super::{
    RpcError,
    params::{Params, answer},
};
use crate::devnet::chain::DevChain;

impl DevChain {
    /// Refuses the state of any block but the latest.
    pub(super) fn check_latest(&self, block: BlockId) -> Result<(), RpcError> {
        if block == BlockId::Number(BlockNumberOrTag::Pending) {
            return Ok(());
        }
        let head = self.head().number();
        let found = self.find_block(block).ok_or_else(|| RpcError::server("header not found"))?;
        if found.number() != head {
            return Err(RpcError::server(format!(
                "missing trie node: the devnet keeps the state of block {head} only, not of {}",
                found.number()
            )));
        }
        Ok(())
    }
}

pub(super) fn balance(chain: &mut DevChain, params: &Params) -> Result<Value, RpcError> {
    let address: Address = params.get(0)?;
    chain.check_latest(params.block(1)?)?;
    answer(chain.balance(address))
}

pub(super) fn code(chain: &mut DevChain, params: &Params) -> Result<Value, RpcError> {
    let address: Address = params.get(0)?;
    chain.check_latest(params.block(1)?)?;
    answer(chain.code(address))
}

pub(super) fn storage_at(chain: &mut DevChain, params: &Params) -> Result<Value, RpcError> {
    let address: Address = params.get(0)?;
    let slot: U256 = params.get(1)?;
    chain.check_latest(params.block(2)?)?;
    answer(B256::from(chain.storage(address, slot)))
}

pub(super) fn transaction_count(chain: &mut DevChain, params: &Params) -> Result<Value, RpcError> {
    let address: Address = params.get(0)?;
    let block = params.block(1)?;
    chain.check_latest(block)?;
    let nonce = if block == BlockId::Number(BlockNumberOrTag::Pending) {
        chain.pool.next_nonce(address, &chain.state)
    } else {
        chain.nonce(address)
    };
    answer(U64::from(nonce))
}
