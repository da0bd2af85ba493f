//! A session as the chain stores it: in words, and beside the policy that was asked for.

#[cfg(feature = "native")]
use alloy::primitives::{B256, keccak256};
use alloy::primitives::{U256, hex};
#[cfg(feature = "native")]
use alloy::sol_types::SolValue;

use super::token::decimal;
use super::words::{method_lines, native, native_line, rate_line, token_line};
use super::{AllowedMethod, FrequencyCap, Policy, TokenCap, format_utc};
use crate::contracts::abi::{MethodView, SessionView, TokenView};

/// A stored session in words, one line per limit, with what is left of each.
///
/// The chain keeps neither names nor signatures. Those of `known`, the policy that was asked for, are used where they
/// fit what is stored; anything else shows as its selector, or as an amount in the token's smallest unit.
pub fn describe_session(session: &SessionView, known: Option<&Policy>) -> Vec<String> {
    let methods = session.methods.iter().map(|stored| {
        let mut methods = known.iter().flat_map(|policy| &policy.methods);
        let found = methods.find(|m| m.target == stored.target && m.selector() == stored.selector.0);
        let words = found.map_or_else(|| format!("0x{}", hex::encode(stored.selector)), |m| m.signature.clone());
        (stored.target, found.map(|m| &*m.contract_name), words)
    });
    let mut lines = vec![format!("Session key {}", session.key)];
    lines.extend(method_lines(methods.collect()));
    let frequency = FrequencyCap::new(session.txLimit, session.txPeriodSeconds.to());
    lines.push(rate_line(frequency, session.maxActionsPerTx));
    let [per_tx, total, spent] = [session.nativePerTx, session.nativeTotal, session.nativeSpent].map(u128_of);
    lines.push(format!("{}; {} spent so far", native_line(per_tx, total), native(spent)));
    lines.extend(session.tokens.iter().map(|stored| stored_token_line(stored, known)));
    let (from, until) = (session.validAfter.to(), session.validUntil.to());
    lines.push(format!("Valid from {} until {}", format_utc(from), format_utc(until)));
    lines
}

/// Digest of all that a session was granted with. What it has spent and sent since leaves it as it is.
#[cfg(feature = "native")]
pub(crate) fn terms_digest(session: &SessionView) -> B256 {
    let mut terms = session.clone();
    terms.nativeSpent = U256::ZERO;
    terms.tokens.iter_mut().for_each(|token| token.spent = U256::ZERO);
    (terms.remaining, terms.nextAllowedAt, terms.sequence, terms.replayWindow) = Default::default();
    keccak256(terms.abi_encode())
}

impl Policy {
    /// What differs between this policy and a stored session, one line per difference; empty when nothing does.
    ///
    /// For a client that finds a session it did not grant itself: a broader one deserves a new grant, a narrower one
    /// explains refusals. Names and gas money are not stored and so not compared.
    pub fn differences(&self, session: &SessionView) -> Vec<String> {
        let mut found = Vec::new();
        let mut check = |what: &str, wanted: u128, stored: u128| {
            if wanted != stored {
                found.push(format!("{what}: {wanted} was asked for, {stored} is stored"));
            }
        };
        check("native value per transaction in wei", self.native_per_tx, session.nativePerTx.saturating_to());
        check("native value in total in wei", self.native_total, session.nativeTotal.saturating_to());
        check("transactions per period", self.frequency.limit().into(), session.txLimit.into());
        check("period in seconds", self.frequency.period_s().into(), session.txPeriodSeconds.to());
        check("actions per transaction", self.max_actions_per_tx.into(), session.maxActionsPerTx.into());
        let stored_s = session.validUntil.to::<u64>().saturating_sub(session.validAfter.to());
        check("lifetime in seconds", self.lifetime.as_secs().into(), stored_s.into());

        let same = |m: &AllowedMethod, s: &MethodView| m.target == s.target && m.selector() == s.selector.0;
        for method in self.methods.iter().filter(|m| !session.methods.iter().any(|s| same(m, s))) {
            found.push(format!("{} of {} is missing", method.signature, method.target));
        }
        for stored in session.methods.iter().filter(|s| !self.methods.iter().any(|m| same(m, s))) {
            found.push(format!("{} of {} may be called and was not asked for", stored.selector, stored.target));
        }
        let alike = |cap: &TokenCap, s: &TokenView| {
            (cap.token, cap.per_tx, cap.total) == (s.token, s.perTx.saturating_to(), s.total.saturating_to())
        };
        for cap in self.tokens.iter().filter(|cap| !session.tokens.iter().any(|s| alike(cap, s))) {
            found.push(format!("the cap of {} is missing or another", cap.text(cap.total)));
        }
        for stored in session.tokens.iter().filter(|s| !self.tokens.iter().any(|cap| cap.token == s.token)) {
            found.push(format!("token {} may be spent and was not asked for", stored.token));
        }
        found
    }
}

fn stored_token_line(stored: &TokenView, known: Option<&Policy>) -> String {
    let units = || (format!("units of {}", stored.token), 0);
    let found = known.iter().flat_map(|policy| &policy.tokens).find(|cap| cap.token == stored.token);
    let (symbol, decimals) = found.map_or_else(units, |cap| (cap.symbol.clone(), cap.decimals));
    let [per_tx, total] = [stored.perTx, stored.total].map(u128_of);
    let cap = TokenCap { token: stored.token, symbol, decimals, per_tx, total };
    format!("{}; {} spent so far", token_line(&cap), decimal(u128_of(stored.spent), decimals))
}

/// No cap that the contract stores is wider.
fn u128_of(amount: U256) -> u128 {
    amount.saturating_to()
}
