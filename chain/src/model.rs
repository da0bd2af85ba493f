//! The vocabulary between a game and the engine: actions, calls, events, and the rules over them.

mod args;

use std::fmt::{Debug, Display};

use alloy::primitives::{Address, Log, U256};

pub use args::Args;

/// Number of an action within one run, strictly increasing from 1 in the order of [`act`](crate::Chain::act).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActionId(pub u64);

impl Display for ActionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// One contract call as the account will make it.
///
/// The session's policy must list `target` with `selector`, or the action is refused at the door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Contract that is called.
    pub target: Address,
    /// First four bytes of the Keccak-256 of the method's signature.
    pub selector: [u8; 4],
    /// ABI-encoded arguments, without the selector.
    pub args: Args,
    /// Native value sent along, in wei.
    pub value: u128,
}

impl Call {
    /// A call without arguments or value.
    pub fn new(target: Address, selector: [u8; 4]) -> Self {
        Self { target, selector, args: Args::new(), value: 0 }
    }

    /// Appends one static 32-byte argument.
    #[must_use]
    pub fn arg(mut self, word: U256) -> Self {
        self.args.push(&word.to_be_bytes::<32>());
        self
    }

    /// Sets the native value, in wei.
    #[must_use]
    pub fn value(mut self, wei: u128) -> Self {
        self.value = wei;
        self
    }
}

/// The rules of a game, as pure functions over integers.
///
/// The engine keeps a confirmed state (only ever changed by [`apply`](Model::apply)) and derives the predicted
/// state from it by folding the unconfirmed actions again with [`predict`](Model::predict). For that to hold,
/// every method must be deterministic: no clock, no randomness, no I/O.
pub trait Model: Send + Sync + 'static {
    /// Everything that actions and events change. Cloned once per changed block, so keep it small.
    type State: Clone + Send + Sync + 'static;
    /// A player's decision.
    type Action: Clone + Send + Sync + Debug + 'static;
    /// What the chain says has happened, with resulting absolute values.
    type Event: Clone + Send + Sync + Debug + 'static;
    /// Why an action does not apply.
    type Reject: Clone + Send + Sync + Debug + Display + 'static;

    /// State before the first event.
    fn initial(&self) -> Self::State;

    /// Applies an action as the contract is expected to, or says why the contract would refuse it.
    ///
    /// `at` is the chain time in Unix seconds at which the player acted; it stays the same when the action
    /// is folded again.
    ///
    /// # Errors
    ///
    /// The reason, in the game's words. The state must then be unchanged.
    fn predict(&self, state: &mut Self::State, action: &Self::Action, at: u64) -> Result<(), Self::Reject>;

    /// The contract call that carries out an action.
    fn encode(&self, action: &Self::Action) -> Call;

    /// Reads an event out of a log, or `None` where the log is not one of this game's.
    ///
    /// Logs come from an endpoint that may lie about their content: a malformed one is `None`, never a panic.
    fn decode(&self, log: &Log) -> Option<Self::Event>;

    /// Takes an event into the confirmed state.
    fn apply(&self, state: &mut Self::State, event: &Self::Event);

    /// A number that differs when two states differ, to compare clients and runs.
    fn checksum(&self, state: &Self::State) -> u64;
}
