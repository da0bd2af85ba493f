//! Why a run cannot begin, each with what to do about it.

use alloy::primitives::Address;
use alloy::primitives::utils::format_ether;
use latchkey::{EndpointError, OwnerError};

/// Why a run cannot begin.
///
/// `Unreachable`, `BadUrl` and `WrongChain` are about the endpoint, `NoFunds` and `Refused` about the owner,
/// `Devnet` about this machine.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The text after `--rpc` is not an endpoint.
    #[error("{reason}. Give --rpc a URL such as http://127.0.0.1:8545.")]
    BadUrl {
        /// What is wrong with it.
        reason: String,
    },
    /// Nobody answers there.
    #[error("cannot reach {endpoint}: {reason}. Check --rpc, and that a node runs there.")]
    Unreachable {
        /// The endpoint, without any access key.
        endpoint: String,
        /// What the transport said.
        reason: String,
    },
    /// It is another chain than the player expected.
    #[error("{endpoint} is chain {actual}, not {expected}. Check --rpc, or pass --chain-id {actual}.")]
    WrongChain {
        /// The endpoint, without any access key.
        endpoint: String,
        /// Id that was asked for.
        expected: u64,
        /// Id that it has.
        actual: u64,
    },
    /// The owner cannot pay for the session.
    #[error(
        "the owner {account} has {has} native coin and needs {needs} for caps, gas money and fees. \
         Send funds to {account}, or use another key."
    )]
    NoFunds {
        /// The owner's account.
        account: Address,
        /// Balance, in whole coins.
        has: String,
        /// What is needed, in whole coins.
        needs: String,
    },
    /// The chain refused what the owner sent.
    #[error("the chain refused to {action}: {reason}")]
    Refused {
        /// What was attempted.
        action: &'static str,
        /// The chain's words, with what to do next.
        reason: String,
    },
    /// The session was granted, but the run did not start.
    #[error("the run did not start: {reason}")]
    Start {
        /// What went wrong, with what to do next.
        reason: String,
    },
    /// The session of an earlier run cannot be gone on with, or the new one not be kept.
    #[error("the kept session: {reason}.")]
    Kept {
        /// What is wrong, with what to do next.
        reason: String,
    },
    /// The embedded chain did not start.
    #[error("the embedded chain did not start: {reason}")]
    Devnet {
        /// What went wrong.
        reason: String,
    },
}

impl SetupError {
    /// What an endpoint's trouble means for a run.
    pub fn from_endpoint(error: EndpointError) -> Self {
        match error {
            EndpointError::Url { .. } => Self::BadUrl { reason: error.to_string() },
            EndpointError::Unreachable { endpoint, reason } => Self::Unreachable { endpoint, reason },
        }
    }

    /// What an owner's trouble means for a run, while attempting `action`.
    pub fn from_owner(action: &'static str, error: OwnerError) -> Self {
        match error {
            OwnerError::Endpoint(error) => Self::from_endpoint(error),
            OwnerError::Funds { owner, has, needs } => {
                Self::NoFunds { account: owner, has: format_ether(has), needs: format_ether(needs) }
            }
            other => Self::Refused { action, reason: other.to_string() },
        }
    }
}
