//! The packed bytes as calls, or why they are none.

use alloy::primitives::U256;

use super::{Refusal, Terms};
use crate::contracts::abi::SessionWallet;
use crate::model::Call;

/// A batch that says nothing but what the session may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Batch {
    /// Gas of each call, in isolated mode.
    pub(super) gas: Option<u32>,
    /// At least one.
    pub(super) calls: Vec<Call>,
}

impl Batch {
    /// Native value of all calls, in wei.
    pub(super) fn value(&self) -> u128 {
        // At most 255 calls of 80 bits each.
        self.calls.iter().map(|call| call.value).sum()
    }
}

/// Reads a batch from its first byte to its last. The first fault from the front is the one that is told; whether an item
/// is all there is asked last.
///
/// ```text
/// mode u8 (0 atomic, 1 isolated: gas per call u24 follows), then at least one item:
/// rule u4 | value follows u1 | zero u1 | selector u2, [value u80, not zero], length u16, arguments
/// ```
pub(super) fn read(terms: &Terms, bytes: &[u8]) -> Result<Batch, Refusal> {
    let malformed = || Refusal::from(SessionWallet::MalformedBatch {});
    let mut rest = Reader(bytes);
    let gas = match rest.number(1) {
        Some(0) => None,
        Some(1) => Some(rest.number(3).ok_or_else(malformed)? as u32),
        _ => return Err(malformed()),
    };
    let mut calls = Vec::new();
    loop {
        // An item has at least its first byte and a length.
        if rest.0.len() < 3 {
            return Err(malformed());
        }
        let head = rest.number(1).ok_or_else(malformed)?;
        let (rule, index) = (head >> 4, head & 0b11);
        let granted = terms.rules.get(rule as usize);
        let granted = granted.ok_or(SessionWallet::RuleIndex { index: U256::from(rule) })?;
        let selector = granted.selectors.get(index as usize);
        let selector = *selector.ok_or(SessionWallet::SelectorIndex { index: U256::from(index) })?;
        let value = match head >> 2 & 0b11 {
            0b00 => 0,
            // What is cut off reads as zeros, and is noticed at the length.
            0b10 => Some(rest.padded(10)).filter(|value| *value > 0).ok_or_else(malformed)?,
            _ => return Err(malformed()),
        };
        if calls.len() == usize::from(terms.max_actions) {
            return Err(SessionWallet::TooManyActions { max: U256::from(terms.max_actions) }.into());
        }
        let length = rest.number(2).ok_or_else(malformed)?;
        let args = rest.take(length as usize).ok_or_else(malformed)?.into();
        calls.push(Call { target: granted.target, selector, args, value });
        if rest.0.is_empty() {
            return Ok(Batch { gas, calls });
        }
    }
}

/// Bytes that are still to be read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// The next `count` bytes as a number, big endian.
    fn number(&mut self, count: usize) -> Option<u128> {
        Some(self.take(count)?.iter().fold(0, |number, byte| number << 8 | u128::from(*byte)))
    }

    /// The same with zeros for the bytes that are missing.
    fn padded(&mut self, count: usize) -> u128 {
        let there = self.0.len().min(count);
        self.number(there).unwrap_or_default() << (8 * (count - there))
    }
}
