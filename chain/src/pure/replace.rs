//! Another transaction at the same nonce: the same payload at a higher price, or nothing at all.

use alloy::consensus::{Transaction, TxEnvelope};
use alloy::eips::eip2718::Decodable2718;
use alloy::primitives::{Address, B256, Bytes, U256};

use super::{Draft, Fees, Fields};
use crate::signer::Signer;

/// What both fees rise by at least, in percent. Pools ask for 10, rounded in their own ways; 12 passes them all.
const RAISE_PERCENT: u128 = 12;

/// Gas of a transfer, which is all that a cancellation is.
const TRANSFER_GAS: u64 = 21_000;

/// What a transaction offers per unit of gas, in wei, and how much gas it may take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// Most that it pays in all.
    pub max_fee: u128,
    /// Of that, most that goes to the block's producer.
    pub priority_fee: u128,
    /// Gas limit.
    pub gas_limit: u64,
}

impl Offer {
    /// Reads a signed transaction's; nothing where the bytes are none.
    pub fn read(raw: &[u8]) -> Self {
        TxEnvelope::decode_2718_exact(raw).map_or_else(
            |_| Self::default(),
            |tx| Self {
                max_fee: tx.max_fee_per_gas(),
                priority_fee: tx.max_priority_fee_per_gas().unwrap_or_default(),
                gas_limit: tx.gas_limit(),
            },
        )
    }

    /// Most that the transaction may cost, in wei.
    pub fn cost(&self) -> u128 {
        u128::from(self.gas_limit).saturating_mul(self.max_fee)
    }

    /// The next higher offer that every pool takes in place of this one, and at least what is usual now.
    #[must_use]
    pub fn raised(self, usual: Fees) -> Self {
        let raise = |old: u128, usual: u128| {
            let percent = old.saturating_mul(100 + RAISE_PERCENT).div_ceil(100);
            percent.max(old.saturating_add(1)).max(usual)
        };
        let priority_fee = raise(self.priority_fee, usual.priority_fee);
        Self { priority_fee, max_fee: raise(self.max_fee, usual.max_fee()).max(priority_fee), ..self }
    }
}

/// Signs the payload of `raw` again at its nonce for `offer`; `None` when the bytes are no transaction.
pub fn replaced(raw: &[u8], offer: Offer, signer: &dyn Signer) -> Option<(B256, Bytes)> {
    let tx = TxEnvelope::decode_2718_exact(raw).ok()?;
    sign(&tx, offer, tx.to()?, (tx.value(), tx.input()), signer)
}

/// Signs a transfer of nothing from the key to itself at the nonce of `raw`; `None` when the bytes are no transaction.
pub fn cancelled(raw: &[u8], offer: Offer, signer: &dyn Signer) -> Option<(B256, Bytes)> {
    let tx = TxEnvelope::decode_2718_exact(raw).ok()?;
    let offer = Offer { gas_limit: TRANSFER_GAS, ..offer };
    sign(&tx, offer, signer.address(), (U256::ZERO, &[]), signer)
}

/// True for what [`cancelled`] signs.
pub fn is_cancellation(raw: &[u8]) -> bool {
    TxEnvelope::decode_2718_exact(raw).is_ok_and(|tx| tx.input().is_empty())
}

fn sign(
    tx: &TxEnvelope,
    offer: Offer,
    to: Address,
    (value, input): (U256, &[u8]),
    signer: &dyn Signer,
) -> Option<(B256, Bytes)> {
    let mut draft = Draft::default();
    let hash = draft.write(&Fields {
        chain_id: tx.chain_id()?,
        nonce: tx.nonce(),
        max_priority_fee_per_gas: offer.priority_fee,
        max_fee_per_gas: offer.max_fee,
        gas_limit: offer.gas_limit,
        to,
        value,
        input: &[input],
    });
    Some(draft.sign(&signer.sign_hash(&hash)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pure::{Batch, Mode, seal};
    use crate::session::SessionKey;
    use proptest::prelude::*;

    fn signed() -> (SessionKey, Bytes) {
        let key = SessionKey::from_bytes(&[7; 32]).expect("a valid scalar");
        let (bytes, gas_limit) = (vec![1, 2, 3], 90_000);
        let batch = Batch { actions: Vec::new(), mode: Mode::Isolate, bytes, gas_limit, kinds: Vec::new() };
        let raw = seal(&batch, &key, 31_337, 5, Address::repeat_byte(9), Fees { base_fee: 10, priority_fee: 3 }).1;
        (key, raw)
    }

    #[test]
    fn a_replacement_is_the_same_payload_at_the_same_nonce() {
        let (key, raw) = signed();
        let offer = Offer::read(&raw).raised(Fees::default());
        let (hash, again) = replaced(&raw, offer, &key).expect("our own bytes");
        let (old, new) = [&raw, &again].map(|raw| TxEnvelope::decode_2718_exact(raw).expect("ours")).into();
        assert_eq!((old.nonce(), old.to(), old.input()), (new.nonce(), new.to(), new.input()));
        assert_eq!((new.max_fee_per_gas(), new.max_priority_fee_per_gas()), (26, Some(4)));
        assert!(*new.tx_hash() == hash && !is_cancellation(&again));
    }

    #[test]
    fn a_cancellation_moves_nothing_from_the_key_to_itself() {
        let (key, raw) = signed();
        let (_, nothing) = cancelled(&raw, Offer::read(&raw), &key).expect("our own bytes");
        let tx = TxEnvelope::decode_2718_exact(&nothing).expect("ours");
        assert_eq!((tx.nonce(), tx.to(), tx.value(), tx.gas_limit()), (5, Some(key.address()), U256::ZERO, 21_000));
        assert!(is_cancellation(&nothing));
    }

    proptest! {
        /// geth's rule, and the stricter reading that a tenth is rounded up.
        #[test]
        fn every_pool_takes_a_raised_offer(max_fee in 0u128..1 << 60, priority in 0u128..1 << 60, base_fee in 0u128..1 << 60) {
            let offer = Offer { max_fee: max_fee.max(priority), priority_fee: priority, gas_limit: 1 };
            let raised = offer.raised(Fees { base_fee, priority_fee: 1 });
            for (old, new) in [(offer.max_fee, raised.max_fee), (offer.priority_fee, raised.priority_fee)] {
                prop_assert!(new > old && new >= old * 110 / 100 && new >= (old * 11).div_ceil(10));
            }
            prop_assert!(raised.priority_fee <= raised.max_fee);
        }
    }
}
