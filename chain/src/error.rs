//! What is refused at the door, and why a run cannot start.

use std::fmt;

use alloy::primitives::Address;

use crate::io::{EndpointError, RpcFault};
use crate::journal::JournalError;
use crate::model::Model;
use crate::pure::CallRefusal;
use crate::session::format_utc;

/// An action that was refused at the door. It comes back inside; nothing was signed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ActError<M: Model> {
    /// No room: as many actions are unconfirmed as the prediction window holds. Try again after the next block.
    Full(M::Action),
    /// The session's policy does not allow it. Trying again is of no use.
    Policy {
        /// The action.
        action: M::Action,
        /// The rule.
        rule: PolicyRule,
    },
    /// The rules of the game refuse it in the predicted state.
    Unplayable {
        /// The action.
        action: M::Action,
        /// The reason.
        reason: M::Reject,
    },
    /// The session is over or about to be. A new one must be granted.
    Expired(M::Action),
    /// The engine was stopped.
    Stopped(M::Action),
}

/// A rule of the session's policy that an action would break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyRule {
    /// The call itself cannot be expressed.
    #[error(transparent)]
    Call(#[from] CallRefusal),
    /// The session's total of native value is used up.
    #[error("{asked} wei is more than the {left} wei that are left of the session's total")]
    NativeTotal {
        /// Left of the total, in wei.
        left: u128,
        /// Value of the call, in wei.
        asked: u128,
    },
}

impl<M: Model> ActError<M> {
    /// The action, back.
    pub fn into_action(self) -> M::Action {
        match self {
            Self::Full(action) | Self::Expired(action) | Self::Stopped(action) => action,
            Self::Policy { action, .. } | Self::Unplayable { action, .. } => action,
        }
    }
}

impl<M: Model> fmt::Display for ActError<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full(_) => f.write_str("too many actions wait for the chain; try again after the next block"),
            Self::Policy { rule, .. } => write!(f, "the session does not allow it: {rule}"),
            Self::Unplayable { reason, .. } => write!(f, "{reason}"),
            Self::Expired(_) => f.write_str("the session is over; start a new one"),
            Self::Stopped(_) => f.write_str("the engine has stopped; start a new run"),
        }
    }
}

impl<M: Model + fmt::Debug> std::error::Error for ActError<M> {}

/// Why a run cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The builder lacks something.
    #[error("the chain builder lacks {0}")]
    Incomplete(&'static str),
    /// The endpoint cannot be used.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// A request failed.
    #[error(transparent)]
    Rpc(#[from] RpcFault),
    /// The endpoint serves another chain.
    #[error("the endpoint serves chain {found}, not {expected}; check the endpoint's address")]
    WrongChain {
        /// Chain id that was asked for.
        expected: u64,
        /// Chain id that the endpoint told.
        found: u64,
    },
    /// The session key's address has code, so that it cannot be a plain session key.
    #[error("{0} has code and cannot be a session key; make a new key")]
    KeyHasCode(Address),
    /// The account does not run the session wallet.
    #[error("{0} does not run the session wallet; grant a session first")]
    NotDelegated(Address),
    /// The account has no such session.
    #[error("{account} has no session for {key}; grant one first")]
    NoSession {
        /// The account.
        account: Address,
        /// The session key.
        key: Address,
    },
    /// The session's time is over.
    #[error("the session ended at {}; grant a new one", format_utc(*ended))]
    SessionOver {
        /// End of the session, exclusive, in Unix seconds.
        ended: u64,
    },
    /// The session on chain has other limits than the policy that was asked for.
    #[error("the session of {key} is not what was asked for, grant a new one: {}", differences.join("; "))]
    PolicyDiffers {
        /// The session key.
        key: Address,
        /// What was wanted and what was found, one line for each limit that differs.
        differences: Vec<String>,
    },
    /// The session key cannot pay for a single transaction.
    #[error("the session key {0} has no native coin for fees; grant the session with gas money")]
    NoGasMoney(Address),
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The chain's history was not read in time.
    #[error("the chain's history was not read within {0} s; start from a later block")]
    CatchUp(u64),
    /// The system gave no thread.
    #[error("no thread for the engine: {0}")]
    Thread(#[from] std::io::Error),
}
