//! What is left of a session key's gas money, back to the account.

use alloy::consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy::primitives::{Address, U256};
use alloy::rpc::types::TransactionRequest;

use super::{Owner, OwnerError};
use crate::pure::Fees;
use crate::signer::Signer;

impl Owner {
    /// Sends what a session key has left back to the `account`, in one transaction that the key signs and pays for;
    /// returns the amount in wei, or 0 when the fee would eat it. For the end of a run, after its
    /// [`shutdown`](crate::Chain::shutdown).
    ///
    /// What the fee turns out cheaper than offered stays with the key: less than a transfer costs.
    ///
    /// # Errors
    ///
    /// [`OwnerError::InFlight`] while the key's own transactions wait for a block, [`OwnerError::Rpc`],
    /// [`OwnerError::NotMined`].
    pub fn collect_gas_money(&self, key: &impl Signer, account: Address) -> Result<u128, OwnerError> {
        let from = key.address();
        self.runtime.block_on(async {
            let nonce = self.rpc.nonce(from, "latest").await?;
            if nonce != self.rpc.nonce(from, "pending").await? {
                return Err(OwnerError::InFlight(from));
            }
            let balance = self.rpc.balance(from).await?;
            if balance.is_zero() {
                return Ok(0);
            }
            let transfer = |value| TransactionRequest {
                from: Some(from),
                to: Some(account.into()),
                value: Some(value),
                ..TransactionRequest::default()
            };
            let gas_limit = self.rpc.estimate_gas(&transfer(U256::from(1))).await?;
            let base_fee = self.rpc.latest_header().await?.base_fee_per_gas.unwrap_or_default().into();
            let fees = Fees { base_fee, priority_fee: self.rpc.priority_fee().await? };
            let fee = U256::from(gas_limit) * U256::from(fees.max_fee());
            let Some(value) = balance.checked_sub(fee).filter(|value| !value.is_zero()) else { return Ok(0) };
            let transaction = TxEip1559 {
                chain_id: self.chain_id,
                nonce,
                gas_limit,
                max_fee_per_gas: fees.max_fee(),
                max_priority_fee_per_gas: fees.priority_fee,
                to: account.into(),
                value,
                ..TxEip1559::default()
            };
            let signature = key.sign_hash(&transaction.signature_hash());
            let envelope = TxEnvelope::from(transaction.into_signed(signature));
            self.submit("the return of the gas money", transfer(value), envelope).await?;
            Ok(value.saturating_to())
        })
    }
}
