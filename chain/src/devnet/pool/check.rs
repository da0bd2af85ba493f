//! The checks that look at one transaction and its sender alone.

use alloy::{
    consensus::{
        Transaction, TxEnvelope,
        transaction::{Recovered, SignerRecoverable},
    },
    eips::eip2718::{Decodable2718, Encodable2718},
    primitives::U256,
};
use revm::context_interface::cfg::gas::calculate_initial_tx_gas_for_tx;

use super::PoolError;
use crate::devnet::{
    execute::{SPEC, tx_env},
    limits::{MAX_INIT_CODE_BYTES, MAX_TRANSACTION_BYTES, MAX_TRANSACTION_GAS},
    state::Account,
};

/// A signed transaction from its EIP-2718 encoding, with its sender.
pub(crate) fn decode(raw: &[u8]) -> Result<Recovered<TxEnvelope>, PoolError> {
    let envelope = TxEnvelope::decode_2718_exact(raw).map_err(|error| PoolError::Decode(error.to_string()))?;
    envelope.try_into_recovered().map_err(|_| PoolError::InvalidSender)
}

/// What the chain asks of every transaction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) chain_id: u64,
    pub(crate) block_gas_limit: u64,
    /// Base fee of the next block in wei per gas.
    pub(crate) base_fee: u64,
}

impl Rules {
    pub(crate) fn check(&self, tx: &Recovered<TxEnvelope>, account: &Account) -> Result<(), PoolError> {
        self.check_form(tx)?;
        check_gas(tx, self.block_gas_limit)?;
        if account.is_contract() {
            return Err(PoolError::SenderNotEoa(tx.signer()));
        }
        if tx.nonce() == u64::MAX {
            return Err(PoolError::NonceMax);
        }
        if tx.nonce() < account.nonce {
            return Err(PoolError::NonceTooLow { next: account.nonce, nonce: tx.nonce() });
        }
        Ok(())
    }

    fn check_form(&self, tx: &Recovered<TxEnvelope>) -> Result<(), PoolError> {
        if tx.is_eip4844() {
            return Err(PoolError::TypeNotSupported);
        }
        if tx.chain_id().is_none() {
            return Err(PoolError::Unprotected);
        }
        if let Some(have) = tx.chain_id().filter(|have| *have != self.chain_id) {
            return Err(PoolError::ChainId { have, want: self.chain_id });
        }
        let size = tx.encode_2718_len();
        if size > MAX_TRANSACTION_BYTES {
            return Err(PoolError::Oversized(size));
        }
        if tx.is_create() && tx.input().len() > MAX_INIT_CODE_BYTES {
            return Err(PoolError::InitCodeSize(tx.input().len()));
        }
        if tx.authorization_list().is_some_and(<[_]>::is_empty) {
            return Err(PoolError::EmptyAuthorizations);
        }
        if tip(tx) > tx.max_fee_per_gas() {
            return Err(PoolError::TipAboveFee);
        }
        Ok(())
    }
}

fn check_gas(tx: &Recovered<TxEnvelope>, block_gas_limit: u64) -> Result<(), PoolError> {
    let gas = tx.gas_limit();
    if gas > block_gas_limit {
        return Err(PoolError::BlockGasLimit);
    }
    if gas > MAX_TRANSACTION_GAS {
        return Err(PoolError::GasCap(gas));
    }
    let env = tx_env(tx).ok_or(PoolError::TypeNotSupported)?;
    let needed = calculate_initial_tx_gas_for_tx(&env, SPEC, None);
    if gas < needed.initial_total_gas() {
        return Err(PoolError::IntrinsicGas { gas, needed: needed.initial_total_gas() });
    }
    if gas < needed.floor_gas() {
        return Err(PoolError::FloorGas { gas, needed: needed.floor_gas() });
    }
    Ok(())
}

/// The tip in wei per gas; the whole price where the transaction knows no tip.
pub(super) fn tip(tx: &Recovered<TxEnvelope>) -> u128 {
    tx.max_priority_fee_per_gas().unwrap_or_else(|| tx.max_fee_per_gas())
}

/// The most that the transaction can take from its sender, in wei.
pub(super) fn cost(tx: &Recovered<TxEnvelope>) -> U256 {
    U256::from(tx.gas_limit()).saturating_mul(U256::from(tx.max_fee_per_gas())).saturating_add(tx.value())
}
