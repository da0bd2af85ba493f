//! What was granted, and what is spent of it.

use alloy::primitives::Address;

use super::rate::Rate;
use crate::contracts::abi::SessionView;
use crate::session::{GrantTerms, Policy};

/// Methods that share a rule.
const METHODS_PER_RULE: usize = 3;

/// One contract and up to three of its methods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Contract that may be called.
    pub target: Address,
    /// Methods that may be called, by the index that a batch names them with.
    pub selectors: Vec<[u8; 4]>,
}

/// A cap on one token, in its smallest unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenTerms {
    /// ERC-20 contract.
    pub token: Address,
    /// Most that one transaction may spend.
    pub per_tx: u128,
    /// Most that the session may spend.
    pub total: u128,
}

/// What a session may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Chain that the session is on.
    pub chain_id: u64,
    /// Account that granted it.
    pub account: Address,
    /// Session key.
    pub key: Address,
    /// First second at which it may act (Unix).
    pub valid_after: u64,
    /// First second at which it may no longer act (Unix).
    pub valid_until: u64,
    /// Transactions per period.
    pub tx_limit: u16,
    /// Period, in seconds.
    pub tx_period_s: u32,
    /// Actions in one transaction.
    pub max_actions: u8,
    /// Most native value of one transaction, in wei.
    pub native_per_tx: u128,
    /// Most native value of the session, in wei.
    pub native_total: u128,
    /// What may be called, by the index that a batch names it with.
    pub rules: Vec<Rule>,
    /// Capped tokens.
    pub tokens: Vec<TokenTerms>,
}

/// What a session has used up. The default is a session that has never acted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Clock of the frequency cap; only the model's own functions give it a meaning.
    pub clock: u64,
    /// Native value spent, in wei.
    pub native_spent: u128,
    /// Spent of each capped token, in the order of the terms, in its smallest unit.
    pub tokens_spent: Vec<u128>,
    /// Highest sequence of a relayed batch so far.
    pub sequence: u64,
    /// Which of the 32 latest sequences were used: bit i stands for `sequence - i`.
    pub replay_window: u32,
}

impl Terms {
    /// The terms that this policy gives when it is granted on chain `chain_id`.
    pub fn granted(policy: &Policy, grant: &GrantTerms, chain_id: u64) -> Self {
        let mut rules: Vec<Rule> = Vec::new();
        for method in &policy.methods {
            let mut same = rules.iter_mut().filter(|rule| rule.target == method.target);
            match same.next_back().filter(|rule| rule.selectors.len() < METHODS_PER_RULE) {
                Some(rule) => rule.selectors.push(method.selector()),
                None => rules.push(Rule { target: method.target, selectors: vec![method.selector()] }),
            }
        }
        let tokens = policy.tokens.iter();
        Self {
            chain_id,
            account: grant.account,
            key: grant.session_key,
            valid_after: grant.now,
            valid_until: grant.valid_until(policy),
            tx_limit: policy.frequency.limit(),
            tx_period_s: policy.frequency.period_s(),
            max_actions: policy.max_actions_per_tx,
            native_per_tx: policy.native_per_tx,
            native_total: policy.native_total,
            rules,
            tokens: tokens.map(|cap| TokenTerms { token: cap.token, per_tx: cap.per_tx, total: cap.total }).collect(),
        }
    }

    /// Transactions that the key could send at Unix second `now`; 0 outside of its window.
    pub fn remaining(&self, ledger: &Ledger, now: u64) -> u64 {
        let open = (self.valid_after..self.valid_until).contains(&now);
        if open { self.rate().spare(ledger.clock, now) } else { 0 }
    }

    /// First second, from `now` on, at which start and rate allow one more transaction (Unix).
    pub fn next_allowed_at(&self, ledger: &Ledger, now: u64) -> u64 {
        self.rate().allowed_at(ledger.clock, now).max(self.valid_after)
    }

    /// Whether the chain stores exactly these terms, with exactly this used up of them, at Unix second `now`.
    pub fn agree_with(&self, ledger: &Ledger, stored: &SessionView, now: u64) -> bool {
        let methods = self.rules.iter().enumerate().flat_map(|(rule, Rule { target, selectors })| {
            selectors.iter().enumerate().map(move |(index, selector)| (*target, *selector, rule, index))
        });
        let stored_methods = stored
            .methods
            .iter()
            .map(|m| (m.target, m.selector.0, usize::from(m.ruleIndex), usize::from(m.selectorIndex)));
        let spent = ledger.tokens_spent.iter().copied().chain(std::iter::repeat(0));
        let tokens = self.tokens.iter().zip(spent).map(|(cap, spent)| (cap.token, cap.per_tx, cap.total, spent));
        let stored_tokens = stored.tokens.iter().map(|t| (t.token, t.perTx.to(), t.total.to(), t.spent.to()));
        let limits = (self.tx_limit, self.tx_period_s, self.max_actions, self.valid_after, self.valid_until);
        let stored_limits = (
            stored.txLimit,
            stored.txPeriodSeconds.to(),
            stored.maxActionsPerTx,
            stored.validAfter.to(),
            stored.validUntil.to(),
        );
        let native = (self.native_per_tx, self.native_total, ledger.native_spent);
        let stored_native = (stored.nativePerTx.to(), stored.nativeTotal.to(), stored.nativeSpent.to());
        let rate = (self.remaining(ledger, now), self.next_allowed_at(ledger, now));
        let relay = (ledger.sequence, ledger.replay_window);
        self.key == stored.key
            && methods.eq(stored_methods)
            && tokens.eq(stored_tokens)
            && limits == stored_limits
            && native == stored_native
            && rate == (stored.remaining.into(), stored.nextAllowedAt.to())
            && relay == (stored.sequence.to(), stored.replayWindow)
    }

    pub(super) fn rate(&self) -> Rate {
        Rate { limit: self.tx_limit.into(), period: self.tx_period_s.into() }
    }
}
