//! Calls and estimates.

use alloy::{
    eips::{BlockId, BlockNumberOrTag},
    primitives::U64,
    rpc::types::{BlockOverrides, TransactionRequest, state::StateOverride},
};
use revm::{
    context::{BlockEnv, TxEnv, either::Either},
    context_interface::result::{EVMError, ExecutionResult},
};
use serde_json::Value;

use super::{
    RpcError,
    params::{Params, answer},
};
use crate::devnet::{
    block::BlockParams,
    chain::DevChain,
    execute::{Reading, block_env, simulate},
    layer::View,
    limits::MAX_TRANSACTION_GAS,
    overrides::{OverrideError, Overrides},
};

/// An estimate may exceed the least gas that works by one part in this many, as in geth.
const ESTIMATE_PRECISION: u64 = 64;

/// Gas of a transaction that does nothing but move coin.
const PLAIN_TRANSFER_GAS: u64 = 21_000;

pub(super) fn call(chain: &mut DevChain, params: &Params) -> Result<Value, RpcError> {
    let stage = Stage::new(chain, params.block(1)?, params)?;
    let env = stage.tx_env(params.get(0)?)?;
    match stage.run(env)? {
        ExecutionResult::Success { output, .. } => answer(output.into_data()),
        ExecutionResult::Revert { output, .. } => Err(RpcError::reverted(&output)),
        ExecutionResult::Halt { reason, .. } => Err(RpcError::server(reason.to_string())),
    }
}

pub(super) fn estimate_gas(chain: &mut DevChain, params: &Params) -> Result<Value, RpcError> {
    let request: TransactionRequest = params.get(0)?;
    let block = params.optional(1)?.unwrap_or(BlockId::Number(BlockNumberOrTag::Pending));
    let stage = Stage::new(chain, block, params)?;
    let cap = request.gas.unwrap_or(MAX_TRANSACTION_GAS).min(MAX_TRANSACTION_GAS);
    let env = TxEnv { gas_limit: cap, ..stage.tx_env(request)? };
    answer(U64::from(stage.estimate(env)?))
}

impl From<OverrideError> for RpcError {
    fn from(error: OverrideError) -> Self {
        Self::invalid_params(error.to_string())
    }
}

/// Where a call runs: a state, a block, and what the call pretends about both.
struct Stage<'a> {
    chain: &'a DevChain,
    view: View<'a>,
    block: BlockEnv,
    overrides: Overrides,
}

impl<'a> Stage<'a> {
    /// A call at `latest` runs in the latest block, at `pending` in the next one, at an earlier
    /// block in that one. State and block overrides are parameters 2 and 3.
    fn new(chain: &'a DevChain, block: BlockId, params: &Params) -> Result<Self, RpcError> {
        let (view, context) = if block == BlockId::Number(BlockNumberOrTag::Pending) {
            (View::latest(&chain.state), chain.next_params())
        } else {
            (chain.view(block)?, BlockParams::of(chain.require_block(block)?))
        };
        let state: StateOverride = params.optional(2)?.unwrap_or_default();
        let fields: BlockOverrides = params.optional(3)?.unwrap_or_default();
        let overrides = Overrides::new(state, fields)?;
        Ok(Self { chain, view, block: overrides.apply(block_env(&context)), overrides })
    }

    fn tx_env(&self, request: TransactionRequest) -> Result<TxEnv, RpcError> {
        let tx_type = request.minimal_tx_type() as u8;
        let caller = request.from.unwrap_or_default();
        let data = request.input.try_into_unique_input();
        let data = data.map_err(|error| RpcError::invalid_params(error.to_string()))?;
        let nonce = || self.overrides.info(self.view, caller).map_or(0, |info| info.nonce);
        let most = self.chain.gas_limit;
        Ok(TxEnv {
            tx_type,
            caller,
            gas_limit: request.gas.unwrap_or(most).min(most),
            gas_price: request.max_fee_per_gas.or(request.gas_price).unwrap_or_default(),
            kind: request.to.unwrap_or_default(),
            value: request.value.unwrap_or_default(),
            data: data.unwrap_or_default(),
            nonce: request.nonce.unwrap_or_else(nonce),
            chain_id: Some(self.chain.chain_id),
            access_list: request.access_list.unwrap_or_default(),
            gas_priority_fee: request.max_priority_fee_per_gas,
            blob_hashes: Vec::new(),
            max_fee_per_blob_gas: 0,
            authorization_list: request.authorization_list.unwrap_or_default().into_iter().map(Either::Left).collect(),
        })
    }

    fn run(&self, env: TxEnv) -> Result<ExecutionResult, RpcError> {
        let history = Some(&self.chain.history);
        let reading = Reading { view: self.view, history, overrides: Some(&self.overrides) };
        match simulate(reading, self.block.clone(), self.chain.chain_id, env) {
            Ok((result, _)) => Ok(result),
            Err(EVMError::Transaction(reason)) => Err(RpcError::server(format!("err: {reason}"))),
            Err(refusal) => Err(RpcError::internal(refusal.to_string())),
        }
    }

    /// Whether a call only moves coin, whose gas is known beforehand.
    fn is_transfer(&self, env: &TxEnv) -> bool {
        let to = env.kind.to().and_then(|to| self.overrides.info(self.view, *to));
        env.kind.is_call() && env.data.is_empty() && to.is_none_or(|info| info.is_empty_code_hash())
    }

    /// The least gas limit with which the call succeeds, within one part in 64.
    fn estimate(&self, env: TxEnv) -> Result<u64, RpcError> {
        if self.is_transfer(&env) {
            let plain = self.run(TxEnv { gas_limit: PLAIN_TRANSFER_GAS, ..env.clone() });
            if plain.is_ok_and(|result| result.is_success()) {
                return Ok(PLAIN_TRANSFER_GAS);
            }
        }
        let run = |gas_limit| self.run(TxEnv { gas_limit, ..env.clone() });
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
