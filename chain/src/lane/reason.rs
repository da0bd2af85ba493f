//! Why the lane does not sign, as data: for a while, or for good.

use super::{Revert, RevertKind};

/// Why actions wait. Nothing is lost meanwhile, and it goes on by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum DegradedReason {
    /// The endpoint does not answer, or answers with errors.
    #[error("the endpoint fails")]
    Endpoint,
    /// The endpoint asks for fewer requests (HTTP 429).
    #[error("the endpoint asks for fewer requests")]
    Throttled,
    /// The chain asks for more than the fee ceiling.
    #[error("the chain's fees are above the ceiling")]
    FeeCeiling,
    /// The session key's native coin does not pay for another transaction. It goes on once the key is topped up.
    #[error("the session key is out of gas money")]
    GasMoney,
}

/// Why nothing new is signed any more. What is in flight is still followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum DrainReason {
    /// The game asked for it.
    #[error("the game is done")]
    Asked,
    /// The session's time is over, or so nearly that a transaction would come late.
    #[error("the session's time is over")]
    Expired,
    /// The contract no longer knows the session: its owner revoked it.
    #[error("the session was revoked")]
    Revoked,
    /// The contract refuses what the session was granted with.
    #[error("the session's policy is not the one that was read at the start")]
    PolicyChanged,
    /// The account runs other code than the session wallet.
    #[error("the account no longer runs the session wallet")]
    DelegatedElsewhere,
}

impl DrainReason {
    /// True when the contract would refuse what is still in flight.
    pub(super) fn is_final(self) -> bool {
        self != Self::Asked
    }

    /// What a whole revert says about the session; `None` when it may go on.
    ///
    /// An honest client is never told the last group: the start-up check has read those limits, and it keeps them.
    pub(super) fn of_revert(revert: &Revert) -> Option<Self> {
        match revert.reason.split('(').next()? {
            _ if revert.kind == RevertKind::Elsewhere => Some(Self::DelegatedElsewhere),
            "SessionUnknown" => Some(Self::Revoked),
            "Expired" => Some(Self::Expired),
            "NotYetValid" | "RuleIndex" | "SelectorIndex" | "TooManyActions" | "NativePerTx" | "IsolateForbidden" => {
                Some(Self::PolicyChanged)
            }
            _ => None,
        }
    }
}
