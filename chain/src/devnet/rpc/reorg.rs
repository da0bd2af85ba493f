//! `anvil_reorg`.

use std::collections::HashMap;

use alloy::{
    consensus::{SignableTransaction, TxEnvelope, TypedTransaction, transaction::Recovered},
    eips::BlockId,
    primitives::{Address, B256, Bytes, Signature, U256},
    rpc::types::TransactionRequest,
};
use k256::ecdsa::SigningKey;
use serde::Deserialize;
use serde_json::Value;

use super::{
    RpcError,
    params::{Params, answer},
};
use crate::devnet::{
    accounts::{DEV_ADDRESSES, DEV_KEYS},
    chain::DevChain,
    limits::{MAX_TRANSACTION_GAS, SUGGESTED_TIP},
    pool::decode,
    reorg::ReorgError,
};

/// A transaction for a new block: signed, or to be signed by a development account.
#[derive(Deserialize)]
#[serde(untagged)]
enum Given {
    Raw(Bytes),
    Request(Box<TransactionRequest>),
}

/// Named parameters as positional ones: anvil takes both.
pub(super) fn positional(params: Value) -> Value {
    match params {
        Value::Object(mut named) => {
            let mut take = |name| named.remove(name).unwrap_or(Value::Null);
            Value::Array(vec![take("depth"), take("tx_block_pairs")])
        }
        other => other,
    }
}

/// Parameters `[depth, [[transaction, block], …]]`, the block counted from the first new one.
pub(super) fn reorg(chain: &mut DevChain, params: &Params) -> Result<Value, RpcError> {
    let depth = params.required_number(0)?;
    let mut pairs: Vec<(Given, U256)> = params.optional(1)?.unwrap_or_default();
    pairs.sort_by_key(|(_, index)| *index);
    chain.check_reorg(depth, pairs.iter().map(|(_, index)| index.saturating_to()))?;
    let mut nonces = HashMap::new();
    let mut transactions = Vec::new();
    for (given, index) in pairs {
        let tx = match given {
            Given::Raw(raw) => decode(&raw)?,
            Given::Request(request) => chain.fill(*request, depth, &mut nonces)?,
        };
        transactions.push((tx, index.saturating_to()));
    }
    chain.reorg(depth, transactions)?;
    answer(Value::Null)
}

impl From<ReorgError> for RpcError {
    fn from(error: ReorgError) -> Self {
        Self::invalid_params(error.to_string())
    }
}

impl DevChain {
    /// Fills in what a request leaves open and signs it; its nonce goes on from the last block
    /// that stays.
    fn fill(
        &self,
        mut request: TransactionRequest,
        depth: u64,
        nonces: &mut HashMap<Address, u64>,
    ) -> Result<Recovered<TxEnvelope>, RpcError> {
        let from = request.from.ok_or_else(|| RpcError::invalid_params("a transaction to be signed needs `from`"))?;
        let common = self.view(BlockId::number(self.head().number() - depth))?;
        let next = nonces.entry(from).or_insert_with(|| common.nonce(from));
        let nonce = *request.nonce.get_or_insert(*next);
        *next = nonce.saturating_add(1);
        request.chain_id.get_or_insert(self.chain_id);
        request.gas.get_or_insert(MAX_TRANSACTION_GAS.min(self.gas_limit));
        if request.gas_price.is_none() {
            let tip = *request.max_priority_fee_per_gas.get_or_insert(SUGGESTED_TIP);
            // Twice the base fee outlasts any rise over the few blocks of a reorg.
            request.max_fee_per_gas.get_or_insert(u128::from(self.head().base_fee()) * 2 + tip);
        }
        let tx = request.build_typed_tx().map_err(|_| RpcError::invalid_params("the transaction lacks a field"))?;
        let key = DEV_ADDRESSES.iter().position(|address| *address == from).map(|index| DEV_KEYS[index]);
        let key = key.ok_or_else(|| RpcError::server("No Signer available"))?;
        sign(&key, tx, from)
    }
}

fn sign(key: &B256, tx: TypedTransaction, from: Address) -> Result<Recovered<TxEnvelope>, RpcError> {
    let key = SigningKey::from_slice(key.as_slice()).map_err(|error| RpcError::internal(error.to_string()))?;
    let (signature, recovery) = key.sign_prehash_recoverable(tx.signature_hash().as_slice());
    let (r, s) = signature.split_bytes();
    let signature = Signature::new(U256::from_be_slice(&r), U256::from_be_slice(&s), recovery.is_y_odd());
    Ok(Recovered::new_unchecked(tx.into_signed(signature).into(), from))
}
