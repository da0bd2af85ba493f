//! Why an owner's transaction or question failed.

use alloy::primitives::utils::format_ether;
use alloy::primitives::{Address, B256, U256};

use super::transaction::RECEIPT_DEADLINE;
use crate::io::{EndpointError, RpcFault};

/// Why an owner's transaction or question failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OwnerError {
    /// The endpoint cannot be used.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// A request failed.
    #[error(transparent)]
    Rpc(#[from] RpcFault),
    /// The owner cannot pay.
    #[error("{owner} has {} native coin and needs {}; send it some first", format_ether(*.has), format_ether(*.needs))]
    Funds {
        /// The owner.
        owner: Address,
        /// Balance in wei.
        has: U256,
        /// Needed in wei, fees included.
        needs: U256,
    },
    /// The account runs another contract's code.
    #[error("{account} already runs the code of {delegate}; undelegate it first, or play with another account")]
    DelegatedElsewhere {
        /// The account.
        account: Address,
        /// Whose code it runs.
        delegate: Address,
    },
    /// The account is a contract.
    #[error("{0} is a contract, not an account with a private key; play with another account")]
    NotAnAccount(Address),
    /// The chain refused a transaction.
    #[error("{what} was refused by the chain: {reason}")]
    Reverted {
        /// What was tried.
        what: &'static str,
        /// The contract's error in words.
        reason: String,
    },
    /// No receipt in time; the transaction may still be mined.
    #[error("{what} ({hash}) is not mined after {} s; it may still be, look it up before you try again", RECEIPT_DEADLINE.as_secs())]
    NotMined {
        /// What was tried.
        what: &'static str,
        /// The transaction's hash.
        hash: B256,
    },
    /// The account has no such session.
    #[error("{account} has no session of {key}; grant one, or look with the account that granted it")]
    NoSession {
        /// The account.
        account: Address,
        /// The session key.
        key: Address,
    },
    /// The session that is to be renewed has other limits than the policy.
    #[error("the session of {key} was granted other limits; grant a new one. {}", differences.join("; "))]
    PolicyDiffers {
        /// The session key.
        key: Address,
        /// What differs, one line each.
        differences: Vec<String>,
    },
    /// The session key's own transactions wait for a block; what it has left is not known before.
    #[error("transactions of {0} wait for a block; try again when they are mined")]
    InFlight(Address),
    /// This process could not do its part.
    #[error("{0}")]
    Local(String),
}
