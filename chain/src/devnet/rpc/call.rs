//! Calls, estimates and sending.

use alloy::{
    eips::{BlockId, BlockNumberOrTag},
    primitives::{Bytes, U64},
    rpc::types::TransactionRequest,
};
use revm::{
    context::{TxEnv, either::Either},
    context_interface::result::{EVMError, ExecutionResult},
};
use serde_json::Value;

use super::{
    RpcError,
    params::{Params, answer},
};
use crate::devnet::{block::BlockParams, chain::DevChain, execute::simulate, limits::MAX_TRANSACTION_GAS};

/// An estimate may exceed the least gas that works by one part in this many, as in geth.
const ESTIMATE_PRECISION: u64 = 64;

pub(super) fn send_raw_transaction(chain: &mut DevChain, params: &Params) -> Result<Value, RpcError> {
    let raw: Bytes = params.get(0)?;
    answer(chain.submit(&raw)?)
}

pub(super) fn call(chain: &mut DevChain, params: &Params) -> Result<Value, RpcError> {
    let request: TransactionRequest = params.get(0)?;
    let block = params.block(1)?;
    refuse_overrides(params)?;
    let context = chain.call_context(block)?;
    match chain.simulate(&context, chain.call_env(request)?)? {
        ExecutionResult::Success { output, .. } => answer(output.into_data()),
        ExecutionResult::Revert { output, .. } => Err(RpcError::reverted(&output)),
        ExecutionResult::Halt { reason, .. } => Err(RpcError::server(reason.to_string())),
    }
}

pub(super) fn estimate_gas(chain: &mut DevChain, params: &Params) -> Result<Value, RpcError> {
    let request: TransactionRequest = params.get(0)?;
    let block = params.optional(1)?.unwrap_or(BlockId::Number(BlockNumberOrTag::Pending));
    refuse_overrides(params)?;
    let context = chain.call_context(block)?;
    let cap = request.gas.unwrap_or(MAX_TRANSACTION_GAS).min(MAX_TRANSACTION_GAS);
    let env = TxEnv { gas_limit: cap, ..chain.call_env(request)? };
    answer(U64::from(chain.estimate(&context, env)?))
}

fn refuse_overrides(params: &Params) -> Result<(), RpcError> {
    if params.has(2) || params.has(3) {
        return Err(RpcError::invalid_params("state and block overrides are not supported"));
    }
    Ok(())
}

impl DevChain {
    /// A call at `latest` runs in the latest block, at `pending` in the next one.
    fn call_context(&self, block: BlockId) -> Result<BlockParams, RpcError> {
        self.check_latest(block)?;
        if block == BlockId::Number(BlockNumberOrTag::Pending) {
            return Ok(self.next_params());
        }
        Ok(BlockParams::of(self.head()))
    }

    fn call_env(&self, request: TransactionRequest) -> Result<TxEnv, RpcError> {
        let tx_type = request.minimal_tx_type() as u8;
        let caller = request.from.unwrap_or_default();
        let data = request.input.try_into_unique_input();
        let data = data.map_err(|error| RpcError::invalid_params(error.to_string()))?;
        Ok(TxEnv {
            tx_type,
            caller,
            gas_limit: request.gas.unwrap_or(self.gas_limit).min(self.gas_limit),
            gas_price: request.max_fee_per_gas.or(request.gas_price).unwrap_or_default(),
            kind: request.to.unwrap_or_default(),
            value: request.value.unwrap_or_default(),
            data: data.unwrap_or_default(),
            nonce: request.nonce.unwrap_or_else(|| self.nonce(caller)),
            chain_id: Some(self.chain_id),
            access_list: request.access_list.unwrap_or_default(),
            gas_priority_fee: request.max_priority_fee_per_gas,
            blob_hashes: Vec::new(),
            max_fee_per_blob_gas: 0,
            authorization_list: request.authorization_list.unwrap_or_default().into_iter().map(Either::Left).collect(),
        })
    }

    fn simulate(&self, context: &BlockParams, env: TxEnv) -> Result<ExecutionResult, RpcError> {
        match simulate(self.reading(), context, self.chain_id, env) {
            Ok((result, _)) => Ok(result),
            Err(EVMError::Transaction(reason)) => Err(RpcError::server(format!("err: {reason}"))),
            Err(refusal) => Err(RpcError::internal(refusal.to_string())),
        }
    }

    /// The least gas limit with which the call succeeds, within one part in 64.
    fn estimate(&self, context: &BlockParams, env: TxEnv) -> Result<u64, RpcError> {
        let run = |gas_limit| self.simulate(context, TxEnv { gas_limit, ..env.clone() });
        let full = run(env.gas_limit)?;
        let mut low = match &full {
            ExecutionResult::Success { .. } => full.tx_gas_used().saturating_sub(1),
            ExecutionResult::Revert { output, .. } => return Err(RpcError::reverted(output)),
            ExecutionResult::Halt { .. } => {
                let cap = env.gas_limit;
                return Err(RpcError::server(format!("gas required exceeds allowance ({cap})")));
            }
        };
        let mut high = env.gas_limit;
        // Most calls succeed with what they used and the 63/64 that a call may hand on.
        let likely = full.gas().total_gas_spent().saturating_add(2_300) / 63 * 64 + 64;
        let mut middle = likely.min(high);
        while high - low > 1 && high - low > high / ESTIMATE_PRECISION {
            // Too little gas even to start counts as failing.
            if run(middle).is_ok_and(|result| result.is_success()) {
                high = middle;
            } else {
                low = middle;
            }
            middle = low + (high - low) / 2;
        }
        Ok(high)
    }
}
