//! From a policy to the grant that the player signs.

use alloy::primitives::aliases::{U24, U40};
use alloy::primitives::{Address, U256};

use super::{Policy, TokenCap, format_utc};
use crate::contracts::abi;

/// Time in which a signed grant must be on chain, in seconds. A forgotten one cannot turn up later.
const SUBMIT_WITHIN_S: u64 = 300;

/// What a grant says beyond its policy: who, whom, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GrantTerms {
    /// The player's account.
    pub account: Address,
    /// The session key.
    pub session_key: Address,
    /// Chain time of the grant in Unix seconds; the session begins then.
    pub now: u64,
    /// The account's `grantNonce()`.
    pub grant_nonce: u64,
}

impl GrantTerms {
    /// End of the session under `policy`, exclusive, in Unix seconds.
    pub fn valid_until(&self, policy: &Policy) -> u64 {
        self.now.saturating_add(policy.lifetime.as_secs())
    }

    /// The grant as the contract takes it.
    pub fn grant(&self, policy: &Policy) -> abi::SessionGrant {
        let methods = policy.methods.iter().map(|method| abi::Method {
            target: method.target,
            contractName: method.contract_name.clone(),
            signature: method.signature.clone(),
        });
        let valid_until = self.valid_until(policy);
        abi::SessionGrant {
            account: self.account,
            sessionKey: self.session_key,
            app: policy.app.clone(),
            methods: methods.collect(),
            tokens: policy.tokens.iter().map(token_cap).collect(),
            nativePerTx: U256::from(policy.native_per_tx),
            nativeTotal: U256::from(policy.native_total),
            txLimit: policy.frequency.limit(),
            txPeriodSeconds: U24::saturating_from(policy.frequency.period_s()),
            maxActionsPerTx: policy.max_actions_per_tx,
            validAfter: U40::saturating_from(self.now),
            validUntil: U40::saturating_from(valid_until),
            validUntilUtc: format_utc(valid_until),
            grantNonce: self.grant_nonce,
            grantBefore: U40::saturating_from(self.now.saturating_add(SUBMIT_WITHIN_S)),
        }
    }
}

fn token_cap(cap: &TokenCap) -> abi::TokenCap {
    abi::TokenCap {
        token: cap.token,
        symbol: cap.symbol.clone(),
        decimals: cap.decimals,
        perTx: U256::from(cap.per_tx),
        total: U256::from(cap.total),
        totalText: cap.text(cap.total),
    }
}
