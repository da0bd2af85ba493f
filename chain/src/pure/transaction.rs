//! From a batch to the signed bytes of a transaction.

use alloy::primitives::{Address, B256, Bytes, Signature, U256};

use super::Batch;
use super::envelope::{Draft, Fields};
use crate::signer::Signer;

/// First four bytes of the hash of `actAsKey()`; the packed batch follows them without any ABI offset.
pub const ACT_SELECTOR: [u8; 4] = [0x01, 0x58, 0x81, 0x50];

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

    /// The same fees with less headroom where [`max_fee`](Self::max_fee) would be over `cap`; `None` when even the
    /// latest block asked for more than that.
    pub fn within(self, cap: u128) -> Option<Self> {
        let priority_fee = self.priority_fee.min(cap.saturating_sub(self.base_fee));
        let room = (cap - priority_fee) / BASE_FEE_HEADROOM;
        (self.base_fee <= cap).then(|| Self { base_fee: self.base_fee.min(room), priority_fee })
    }
}

/// Turns batches into signed transactions from the session key to the player's account.
///
/// The buffers are kept, and all drafts are signed at once: a backlog costs less than its transactions one by one.
#[derive(Debug)]
pub struct Sealer {
    chain_id: u64,
    account: Address,
    drafts: Vec<Draft>,
    hashes: Vec<B256>,
    signatures: Vec<Signature>,
}

impl Sealer {
    /// A sealer for calls of `account`.
    pub fn new(chain_id: u64, account: Address) -> Self {
        Self { chain_id, account, drafts: Vec::new(), hashes: Vec::new(), signatures: Vec::new() }
    }

    /// Adds a batch to those that [`sign`](Self::sign) signs next.
    pub fn draft(&mut self, batch: &Batch, nonce: u64, fees: Fees) {
        let at = self.hashes.len();
        if at == self.drafts.len() {
            self.drafts.push(Draft::default());
        }
        self.hashes.push(self.drafts[at].write(&Fields {
            chain_id: self.chain_id,
            nonce,
            max_priority_fee_per_gas: fees.priority_fee,
            max_fee_per_gas: fees.max_fee(),
            gas_limit: batch.gas_limit,
            to: self.account,
            value: U256::ZERO,
            input: &[&ACT_SELECTOR, &batch.bytes],
        }));
    }

    /// Signs the drafts, in order: each transaction's hash and its signed bytes (EIP-2718).
    pub fn sign(&mut self, signer: &dyn Signer) -> impl Iterator<Item = (B256, Bytes)> {
        self.signatures.clear();
        signer.sign_batch(&self.hashes, &mut self.signatures);
        self.hashes.clear();
        self.drafts.iter_mut().zip(&self.signatures).map(|(draft, signature)| draft.sign(signature))
    }
}

/// Signs one batch; the transaction's hash and its signed bytes (EIP-2718). A [`Sealer`] does the same for many.
pub fn seal(
    batch: &Batch,
    signer: &dyn Signer,
    chain_id: u64,
    nonce: u64,
    account: Address,
    fees: Fees,
) -> (B256, Bytes) {
    let mut sealer = Sealer::new(chain_id, account);
    sealer.draft(batch, nonce, fees);
    sealer.sign(signer).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ActionId;
    use crate::pure::Mode;
    use crate::session::SessionKey;
    use alloy::consensus::{Transaction, TxEnvelope, transaction::SignerRecoverable};
    use alloy::eips::eip2718::Decodable2718;
    use alloy::primitives::keccak256;

    #[test]
    fn the_entry_point_is_act() {
        assert_eq!(ACT_SELECTOR, keccak256("actAsKey()")[..4]);
    }

    #[test]
    fn a_ceiling_takes_the_headroom_first() {
        let fees = Fees { base_fee: 10, priority_fee: 3 };
        assert_eq!(fees.within(23), Some(fees));
        assert_eq!(fees.within(13).map(|fees| fees.max_fee()), Some(13));
        assert_eq!(fees.within(9), None, "the latest block would not have taken it");
    }

    #[test]
    fn sealed_bytes_decode_to_the_same_transaction_from_the_session_key() {
        let key = SessionKey::from_bytes(&[7; 32]).expect("a valid scalar");
        let account = Address::repeat_byte(9);
        let batch = Batch {
            actions: vec![ActionId(1)],
            mode: Mode::Isolate,
            bytes: vec![1, 2, 3],
            gas_limit: 90_000,
            kinds: Vec::new(),
        };
        let fees = Fees { base_fee: 10, priority_fee: 3 };
        let (hash, raw) = seal(&batch, &key, 31_337, 5, account, fees);
        let envelope = TxEnvelope::decode_2718_exact(&raw).expect("our own encoding");
        assert_eq!(envelope.recover_signer().ok(), Some(key.address()));
        assert_eq!((*envelope.tx_hash(), envelope.nonce(), envelope.to()), (hash, 5, Some(account)));
        assert_eq!((envelope.max_fee_per_gas(), envelope.chain_id()), (23, Some(31_337)));
        assert_eq!(envelope.input()[..], [&ACT_SELECTOR[..], &[1, 2, 3]].concat());
    }

    #[test]
    fn a_backlog_is_the_same_transactions_as_one_by_one() {
        let key = SessionKey::from_bytes(&[7; 32]).expect("a valid scalar");
        let (account, fees) = (Address::repeat_byte(9), Fees { base_fee: 10, priority_fee: 3 });
        let mut sealer = Sealer::new(31_337, account);
        for round in [3u8, 1, 0, 5] {
            let batches = (0..round).map(|at| Batch {
                actions: vec![ActionId(at.into())],
                mode: Mode::Isolate,
                bytes: vec![at; usize::from(at) * 40],
                gas_limit: 90_000,
                kinds: Vec::new(),
            });
            let batches: Vec<Batch> = batches.collect();
            for (nonce, batch) in (5..).zip(&batches) {
                sealer.draft(batch, nonce, fees);
            }
            let one_by_one: Vec<_> =
                (5..).zip(&batches).map(|(nonce, batch)| seal(batch, &key, 31_337, nonce, account, fees)).collect();
            assert_eq!(sealer.sign(&key).collect::<Vec<_>>(), one_by_one);
        }
    }
}
