//! What became of actions, and of the game beside them.

use std::time::Duration;

use crate::model::{ActionId, Model};
use crate::pure::Ending;
use crate::status::Phase;

/// What [`Chain::drain`](crate::Chain::drain) tells, in the order in which it happened.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Outcome<M: Model> {
    /// The chain carried an action out.
    Confirmed {
        /// Its number.
        id: ActionId,
        /// The action.
        action: M::Action,
        /// Time since `act`, or since the action was reopened.
        latency: Duration,
    },
    /// The chain refused an action.
    Rejected {
        /// Its number.
        id: ActionId,
        /// The action.
        action: M::Action,
        /// Why, in words.
        reason: String,
    },
    /// An action was never signed, and never will be: the session ended, or it has waited too long.
    Expired {
        /// Its number.
        id: ActionId,
        /// The action.
        action: M::Action,
    },
    /// An endpoint has shown a receipt of an action's transaction (EIP-7966). It is a promise, of the transaction and not of
    /// each call in it; only [`Confirmed`](Self::Confirmed) makes it so, and the action may yet end otherwise.
    Preconfirmed {
        /// Its number.
        id: ActionId,
    },
    /// The block that ended an action was dropped by a reorg. The action is in the prediction again, its transaction is
    /// sent again as the bytes it was, and it will end once more, perhaps otherwise.
    Reopened {
        /// Its number.
        id: ActionId,
        /// The action.
        action: M::Action,
    },
    /// An action no longer applies to what the chain has reached. It is out of the prediction, the chain decides.
    Conflicted {
        /// Its number.
        id: ActionId,
        /// The action.
        action: M::Action,
        /// Why, by the rules.
        reason: M::Reject,
    },
    /// An action of an earlier run ended, which its journal had kept. It may have been told then as well, and is told
    /// again when a reorg ends it another time.
    Earlier {
        /// Its number. Numbers go on from run to run.
        id: ActionId,
        /// Nonce of its transaction.
        nonce: u64,
        /// How it ended.
        ending: Ending,
    },
    /// Most of the session's life is over: grant another key, start it beside this one, and shut this one down. Told
    /// once.
    RenewalDue {
        /// End of the session, exclusive, in Unix seconds.
        valid_until: u64,
    },
    /// Something happened on chain.
    Event {
        /// What.
        event: M::Event,
        /// The action that caused it, when it was one of ours.
        ours: Option<ActionId>,
    },
    /// The session key cannot pay for another transaction. Actions wait and nothing is lost; top it up.
    GasMoney {
        /// Native coin that is left, in wei.
        left: u128,
        /// What the next transaction may cost, in wei.
        needed: u128,
    },
    /// The engine's phase changed.
    Phase(Phase),
}
