//! From a batch to the signed bytes of a transaction.

use alloy::consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy::eips::eip2718::Encodable2718;
use alloy::primitives::{Address, B256, Bytes, TxKind, U256};

use super::Batch;
use crate::signer::Signer;

/// First four bytes of the hash of `act()`; the packed batch follows them without any ABI offset.
pub const ACT_SELECTOR: [u8; 4] = [0xee, 0x42, 0xb1, 0x0b];

/// Base fee may double this often in a row before a signed transaction is too cheap: 2 covers six full blocks.
const BASE_FEE_HEADROOM: u128 = 2;

/// Fees per unit of gas, in wei.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fees {
    /// Base fee of the latest block (EIP-1559).
    pub base_fee: u128,
    /// Tip for the block's producer.
    pub priority_fee: u128,
}

impl Fees {
    /// Highest price that a transaction signed now offers.
    pub fn max_fee(&self) -> u128 {
        self.base_fee.saturating_mul(BASE_FEE_HEADROOM).saturating_add(self.priority_fee)
    }
}

/// Signs a batch as an EIP-1559 transaction from the session key to the player's account.
///
/// Returns the transaction's hash and its signed bytes (EIP-2718).
pub fn seal(
    batch: &Batch,
    signer: &dyn Signer,
    chain_id: u64,
    nonce: u64,
    account: Address,
    fees: Fees,
) -> (B256, Bytes) {
    let input = [&ACT_SELECTOR[..], &batch.bytes].concat().into();
    let transaction = TxEip1559 {
        chain_id,
        nonce,
        gas_limit: batch.gas_limit,
        max_fee_per_gas: fees.max_fee(),
        max_priority_fee_per_gas: fees.priority_fee,
        to: TxKind::Call(account),
        value: U256::ZERO,
        access_list: Default::default(),
        input,
    };
    let signature = signer.sign_hash(&transaction.signature_hash());
    let envelope = TxEnvelope::from(transaction.into_signed(signature));
    (*envelope.tx_hash(), envelope.encoded_2718().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ActionId;
    use crate::pure::Mode;
    use crate::session::SessionKey;
    use alloy::consensus::{Transaction, transaction::SignerRecoverable};
    use alloy::eips::eip2718::Decodable2718;
    use alloy::primitives::keccak256;

    #[test]
    fn the_entry_point_is_act() {
        assert_eq!(ACT_SELECTOR, keccak256("act()")[..4]);
    }

    #[test]
    fn sealed_bytes_decode_to_the_same_transaction_from_the_session_key() {
        let key = SessionKey::from_bytes(&[7; 32]).expect("a valid scalar");
        let account = Address::repeat_byte(9);
        let batch = Batch { actions: vec![ActionId(1)], mode: Mode::Isolate, bytes: vec![1, 2, 3], gas_limit: 90_000 };
        let fees = Fees { base_fee: 10, priority_fee: 3 };
        let (hash, raw) = seal(&batch, &key, 31_337, 5, account, fees);
        let envelope = TxEnvelope::decode_2718_exact(&raw).expect("our own encoding");
        assert_eq!(envelope.recover_signer().ok(), Some(key.address()));
        assert_eq!((*envelope.tx_hash(), envelope.nonce(), envelope.to()), (hash, 5, Some(account)));
        assert_eq!((envelope.max_fee_per_gas(), envelope.chain_id()), (23, Some(31_337)));
        assert_eq!(envelope.input()[..], [&ACT_SELECTOR[..], &[1, 2, 3]].concat());
    }
}
