//! What a batch spends of capped tokens.

use alloy::primitives::{Address, U256};

use super::batch::Batch;
use super::{Ledger, Refusal, Terms, TokenTerms};
use crate::contracts::abi::SessionWallet;
use crate::model::Call;
use crate::session::token_methods::Counted;

/// Bytes of an address and an amount.
const ARGS: usize = 64;

/// Largest amount that any cap could allow: what is larger is refused by itself, before anything is summed.
const MAX_AMOUNT: U256 = U256::from_limbs([u64::MAX, u64::MAX, 0, 0]);

/// Spent of each capped token by one batch.
///
/// The larger of two readings counts: what the batch approved, and the sum over its calls of what the call moved. A
/// call moves the larger of the amount that it names and the balance that it takes; a balance that grows pays for
/// nothing.
#[derive(Clone, Debug)]
pub(super) struct Spending(Vec<Spent>);

#[derive(Clone, Copy, Debug, Default)]
struct Spent {
    approved: U256,
    moved: U256,
}

impl Spending {
    /// What the batch says that it will spend.
    pub(super) fn decoded(terms: &Terms, batch: &Batch) -> Result<Self, Refusal> {
        let (mut spent, mut named) = (vec![Spent::default(); terms.tokens.len()], false);
        for (index, call) in batch.calls.iter().enumerate() {
            let Some((token, method)) = counted(terms, call) else { continue };
            let (whom, amount) =
                arguments(&call.args).ok_or(SessionWallet::TokenCallMalformed { index: U256::from(index) })?;
            if amount > MAX_AMOUNT {
                let TokenTerms { token, per_tx, .. } = terms.tokens[token];
                return Err(SessionWallet::TokenPerTx { token, cap: U256::from(per_tx), asked: amount }.into());
            }
            named = true;
            match method {
                Counted::Transfer => spent[token].moved = spent[token].moved.saturating_add(amount),
                Counted::Approve => {
                    if !is_spender(terms, whom) {
                        return Err(SessionWallet::SpenderForbidden { spender: whom }.into());
                    }
                    spent[token].approved = spent[token].approved.saturating_add(amount);
                }
            }
        }
        if named && batch.gas.is_some() {
            return Err(SessionWallet::IsolateForbidden {}.into());
        }
        Ok(Self(spent))
    }

    /// Adds what a call took from the balances beyond what it named.
    pub(super) fn measured(&mut self, terms: &Terms, call: &Call, drops: &[U256]) {
        for (token, (spent, drop)) in self.0.iter_mut().zip(drops).enumerate() {
            let named = match counted(terms, call) {
                Some((named, Counted::Transfer)) if named == token => arguments(&call.args).map_or(U256::ZERO, |a| a.1),
                _ => U256::ZERO,
            };
            spent.moved = spent.moved.saturating_add(drop.saturating_sub(named));
        }
    }

    /// Holds the caps against what is counted so far, token by token.
    pub(super) fn check(&self, terms: &Terms, ledger: &Ledger) -> Result<(), Refusal> {
        for (at, (cap, spent)) in terms.tokens.iter().zip(&self.0).enumerate() {
            let (token, asked) = (cap.token, spent.total());
            if asked > U256::from(cap.per_tx) {
                return Err(SessionWallet::TokenPerTx { token, cap: U256::from(cap.per_tx), asked }.into());
            }
            let before = ledger.tokens_spent.get(at).copied().unwrap_or_default();
            let asked = asked + U256::from(before);
            if asked > U256::from(cap.total) {
                return Err(SessionWallet::TokenTotal { token, cap: U256::from(cap.total), asked }.into());
            }
        }
        Ok(())
    }

    /// Writes down what was spent, once it is known to be within the caps.
    pub(super) fn book(&self, ledger: &mut Ledger) {
        ledger.tokens_spent.resize(self.0.len(), 0);
        for (total, spent) in ledger.tokens_spent.iter_mut().zip(&self.0) {
            *total += spent.total().saturating_to::<u128>();
        }
    }
}

impl Spent {
    fn total(self) -> U256 {
        self.approved.max(self.moved)
    }
}

/// The capped token that a call moves or approves by name.
fn counted(terms: &Terms, call: &Call) -> Option<(usize, Counted)> {
    let token = terms.tokens.iter().position(|cap| cap.token == call.target)?;
    Some((token, Counted::of(call.selector)?))
}

/// An address and an amount, exactly, and nothing in the twelve bytes before the address.
fn arguments(args: &[u8]) -> Option<(Address, U256)> {
    let clean = args.len() == ARGS && args[..12].iter().all(|byte| *byte == 0);
    clean.then(|| (Address::from_slice(&args[12..32]), U256::from_be_slice(&args[32..])))
}

/// Only what the session may call, and no token, may be given an allowance.
fn is_spender(terms: &Terms, whom: Address) -> bool {
    terms.rules.iter().any(|rule| rule.target == whom) && terms.tokens.iter().all(|cap| cap.token != whom)
}
