//! Sequences of relayed batches: any order within a window, each once.

use alloy::primitives::{Address, Signature};

use super::refusal::u40;
use super::{Ledger, Refusal, Terms};
use crate::contracts::abi::{SessionBatch, SessionWallet};
use crate::session::digest;

/// Sequences that may still come in when a later one was there first.
const WINDOW: u64 = u32::BITS as u64;

/// Bytes before the batch: key, sequence, deadline and signature.
const HEAD: usize = 95;

/// A batch as somebody submits it for the session key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relayed<'a> {
    /// Session key that is said to have signed.
    pub key: Address,
    /// Number of the message, below 2^40.
    pub sequence: u64,
    /// Last second at which it may be submitted (Unix).
    pub deadline: u64,
    /// r, s and v.
    pub signature: &'a [u8; 65],
    /// The packed batch; not empty.
    pub batch: &'a [u8],
}

impl<'a> Relayed<'a> {
    /// Reads what follows the selector of `relaySession()`:
    /// key u160, sequence u40, deadline u40, r u256, s u256, v u8, and at least one byte of a batch.
    pub fn read(args: &'a [u8]) -> Option<Self> {
        let (head, batch) = args.split_at_checked(HEAD).filter(|(_, batch)| !batch.is_empty())?;
        let number = |bytes: &[u8]| bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
        Some(Self {
            key: Address::from_slice(&head[..20]),
            sequence: number(&head[20..25]),
            deadline: number(&head[25..30]),
            signature: head[30..].try_into().ok()?,
            batch,
        })
    }

    /// Whose signature it is, for exactly this batch of exactly this account on exactly this chain.
    ///
    /// Only the canonical form counts: v 27 or 28, s in the lower half of the order (EIP-2).
    pub fn signer(&self, account: Address, chain_id: u64) -> Option<Address> {
        let signature = Signature::from_raw_array(self.signature).ok()?;
        let canonical = matches!(self.signature[64], 27 | 28) && signature.normalize_s().is_none();
        let message = SessionBatch {
            account,
            sessionKey: self.key,
            sequence: u40(self.sequence),
            deadline: u40(self.deadline),
            batch: self.batch.to_vec().into(),
        };
        let signer = signature.recover_address_from_prehash(&digest(&message, chain_id));
        signer.ok().filter(|_| canonical)
    }

    /// The ledger in which this sequence is used up.
    pub(super) fn admit(&self, terms: &Terms, ledger: &Ledger, now: u64) -> Result<Ledger, Refusal> {
        if now > self.deadline {
            return Err(SessionWallet::SignatureExpired { deadline: u40(self.deadline) }.into());
        }
        let mut ledger = ledger.clone();
        match self.sequence.checked_sub(ledger.sequence) {
            Some(ahead) if ahead > 0 => {
                let kept = if ahead < WINDOW { ledger.replay_window << ahead } else { 0 };
                (ledger.sequence, ledger.replay_window) = (self.sequence, kept | 1);
            }
            _ => {
                let behind = ledger.sequence - self.sequence;
                if behind >= WINDOW {
                    return Err(SessionWallet::SequenceTooOld { sequence: u40(self.sequence) }.into());
                }
                if ledger.replay_window >> behind & 1 == 1 {
                    return Err(SessionWallet::SequenceUsed { sequence: u40(self.sequence) }.into());
                }
                ledger.replay_window |= 1 << behind;
            }
        }
        if self.signer(terms.account, terms.chain_id) != Some(terms.key) {
            return Err(SessionWallet::SignatureWrong {}.into());
        }
        Ok(ledger)
    }
}
