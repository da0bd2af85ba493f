//! What a canonical block brings: effects, and the ends of our actions.

use alloy::primitives::{B256, Log};

use crate::model::{ActionId, Model};

/// Blocks that may still be taken back one by one: the depth of every memory of the newest history.
///
/// Two epochs of Ethereum, after which it is final; chains that make blocks faster agree sooner. A deeper reorg
/// has the history read again from the start.
pub const REORG_DEPTH: u64 = 64;

/// How the chain ended an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It was carried out.
    Confirmed,
    /// The chain refused it, for this reason.
    Rejected(String),
    /// It was never signed, and will not be any more.
    Expired,
}

/// One of our transactions with what became of its actions, in the order of their calls.
#[derive(Clone, Debug)]
pub struct TransactionOutcome {
    /// Hash of the transaction.
    pub hash: B256,
    /// Its actions.
    pub actions: Vec<(ActionId, Ending)>,
}

/// A canonical step: what the chain did and which of our actions ended by it, taken in at once.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// Height of its block, or of the newest one in it.
    pub number: u64,
    /// Height that no reorg goes below any more without starting over.
    pub floor: u64,
    /// Logs in canonical order, with the hash of their transaction.
    pub logs: Vec<(B256, Log)>,
    /// Our transactions that this step ends.
    pub outcomes: Vec<TransactionOutcome>,
}

/// What a step meant to the game.
#[derive(Clone, Debug)]
pub enum Settled<M: Model> {
    /// A canonical event, with the action that caused it when that was one of ours.
    Event(M::Event, Option<ActionId>),
    /// An action ended.
    Ended(ActionId, M::Action, Ending),
    /// The block that ended an action this way is no longer canonical: the action is unconfirmed again.
    Reopened(ActionId, M::Action, Ending),
    /// An action no longer applies to the state that the chain has reached. It stays unconfirmed and is left out
    /// of the prediction until the chain decides.
    Conflicted(ActionId, M::Action, M::Reject),
}
