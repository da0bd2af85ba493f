//! Methods that change accounts by hand, under the names that anvil uses.

use alloy::primitives::{Address, B256, Bytes, U256};
use revm::bytecode::Bytecode;
use serde_json::Value;

use super::{
    RpcError,
    params::{Params, answer},
};
use crate::devnet::chain::DevChain;

pub(super) fn set_balance(chain: &mut DevChain, params: &Params) -> Result<Value, RpcError> {
    let (address, balance): (Address, U256) = (params.get(0)?, params.get(1)?);
    chain.state.set_balance(address, balance);
    answer(Value::Null)
}

pub(super) fn set_nonce(chain: &mut DevChain, params: &Params) -> Result<Value, RpcError> {
    let address: Address = params.get(0)?;
    chain.state.set_nonce(address, params.required_number(1)?);
    chain.pool.prune(&chain.state);
    answer(Value::Null)
}

pub(super) fn set_code(chain: &mut DevChain, params: &Params) -> Result<Value, RpcError> {
    let (address, code): (Address, Bytes) = (params.get(0)?, params.get(1)?);
    let code = Bytecode::new_raw_checked(code).map_err(|error| RpcError::invalid_params(error.to_string()))?;
    chain.state.set_code(address, code);
    answer(Value::Null)
}

pub(super) fn set_storage_at(chain: &mut DevChain, params: &Params) -> Result<Value, RpcError> {
    let (address, slot, value): (Address, U256, B256) = (params.get(0)?, params.get(1)?, params.get(2)?);
    chain.state.set_storage(address, slot, value.into());
    answer(true)
}
