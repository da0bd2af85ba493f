//! Builds a policy step by step.

use std::time::Duration;

use alloy::primitives::Address;

use super::{AllowedMethod, FrequencyCap, Policy, PolicyError, TokenCap, check};

/// Lifetime of a session unless the application says otherwise: an evening of play.
const LIFETIME: Duration = Duration::from_secs(2 * 3_600);

/// Transactions per second unless the application says otherwise.
const TX_PER_SECOND: u16 = 5;

/// Actions per transaction unless the application says otherwise.
const MAX_ACTIONS_PER_TX: u8 = 8;

/// Builds a [`Policy`] step by step; start with [`Policy::builder`].
#[derive(Clone, Debug)]
pub struct PolicyBuilder(Policy);

impl PolicyBuilder {
    pub(super) fn new(app: String) -> Self {
        Self(Policy {
            app,
            methods: Vec::new(),
            tokens: Vec::new(),
            native_per_tx: 0,
            native_total: 0,
            frequency: FrequencyCap::per_second(TX_PER_SECOND),
            max_actions_per_tx: MAX_ACTIONS_PER_TX,
            lifetime: LIFETIME,
            gas_money: 0,
        })
    }

    /// Allows one method of one contract, by its canonical signature.
    #[must_use]
    pub fn method(mut self, target: Address, contract_name: &str, signature: &str) -> Self {
        let (contract_name, signature) = (contract_name.to_owned(), signature.to_owned());
        self.0.methods.push(AllowedMethod { target, contract_name, signature });
        self
    }

    /// Allows spending a token up to this cap; without one nothing of it may be transferred or approved.
    ///
    /// A game's own method that burns or pulls the player's tokens counts too, so that a token which the game can
    /// move should be capped even when none of its own methods is allowed.
    #[must_use]
    pub fn token_cap(mut self, cap: TokenCap) -> Self {
        self.0.tokens.push(cap);
        self
    }

    /// Native value that one transaction may send along, in wei; default 0.
    #[must_use]
    pub fn native_per_tx(mut self, wei: u128) -> Self {
        self.0.native_per_tx = wei;
        self
    }

    /// Native value that the whole session may send along, in wei; default 0.
    #[must_use]
    pub fn native_total(mut self, wei: u128) -> Self {
        self.0.native_total = wei;
        self
    }

    /// Frequency cap; default 5 transactions per second.
    #[must_use]
    pub fn frequency(mut self, cap: FrequencyCap) -> Self {
        self.0.frequency = cap;
        self
    }

    /// Actions that one transaction may carry; default 8.
    #[must_use]
    pub fn max_actions_per_tx(mut self, count: u8) -> Self {
        self.0.max_actions_per_tx = count;
        self
    }

    /// Time from the grant to the end of the session, in whole seconds; default two hours.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.0.lifetime = lifetime;
        self
    }

    /// Native coin handed to the session key for its fees, in wei; default 0.
    #[must_use]
    pub fn gas_money(mut self, wei: u128) -> Self {
        self.0.gas_money = wei;
        self
    }

    /// The finished policy.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] for what the contract would refuse anyway.
    pub fn build(self) -> Result<Policy, PolicyError> {
        check(&self.0).map(|()| self.0)
    }
}
