//! The limits inside a session.

use std::time::Duration;

use alloy::primitives::{Address, B256, keccak256};
use alloy::sol_types::SolStruct;

use super::{FrequencyCap, GrantTerms, PolicyBuilder, TokenCap};

/// One contract method that the session key may call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedMethod {
    /// Contract.
    pub target: Address,
    /// Label of the contract. Shown to the player, but proven by nobody.
    pub contract_name: String,
    /// Canonical signature, `attack(uint256)`; the contract hashes it to the selector itself.
    pub signature: String,
}

impl AllowedMethod {
    /// First four bytes of the signature's hash.
    pub fn selector(&self) -> [u8; 4] {
        selector(&self.signature)
    }
}

pub(super) fn selector(signature: &str) -> [u8; 4] {
    let hash = keccak256(signature.as_bytes());
    [hash[0], hash[1], hash[2], hash[3]]
}

/// Everything that a session key may do. Absent means zero, never unlimited.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Policy {
    /// Name of the application. Shown to the player, but proven by nobody.
    pub app: String,
    /// Methods that may be called, and no others.
    pub methods: Vec<AllowedMethod>,
    /// Tokens that may be spent, and how much of each.
    pub tokens: Vec<TokenCap>,
    /// Native value that one transaction may send along, in wei.
    pub native_per_tx: u128,
    /// Native value that the whole session may send along, in wei.
    pub native_total: u128,
    /// Frequency cap.
    pub frequency: FrequencyCap,
    /// Actions that one transaction may carry.
    pub max_actions_per_tx: u8,
    /// Time from the grant to the end of the session.
    pub lifetime: Duration,
    /// Native coin handed to the session key to pay for its transactions, in wei.
    pub gas_money: u128,
}

impl Policy {
    /// A policy of application `app` that allows nothing yet, for two hours, at 5 transactions per second with
    /// 8 actions each.
    pub fn builder(app: impl Into<String>) -> PolicyBuilder {
        PolicyBuilder::new(app.into())
    }

    /// A hash of every limit that a grant would carry: two policies with the same one ask for the same.
    ///
    /// It is the EIP-712 struct hash of a grant from nobody to nobody at second 0. Gas money is not part of it.
    pub fn digest(&self) -> B256 {
        let terms = GrantTerms { account: Address::ZERO, session_key: Address::ZERO, now: 0, grant_nonce: 0 };
        terms.grant(self).eip712_hash_struct()
    }
}
