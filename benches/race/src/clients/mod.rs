//! Who races, and over which course.

mod alloy_loop;
mod engine;
mod viem_loop;

use std::time::Duration;

use alloy::primitives::Address;
use serde::Deserialize;

/// Pause between two polls, for every client alike.
pub(crate) const POLL: Duration = Duration::from_millis(100);

/// Longest wait for what is on its way when the time for sending is over; then it counts as stuck.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The same for everybody.
#[derive(Debug)]
pub(crate) struct Course {
    /// anvil itself, for what is prepared.
    pub(crate) direct: String,
    /// anvil through the proxy, for what is measured.
    pub(crate) proxied: String,
    /// The contract that each action calls.
    pub(crate) tally: Address,
    /// Time between two actions that are due.
    pub(crate) pause: Duration,
    /// Time for which actions are sent.
    pub(crate) length: Duration,
}

/// What a client says became of its actions.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Told {
    /// Actions that it took on.
    pub(crate) attempted: u64,
    /// From the player's decision to the confirmation in the client's hands, in milliseconds.
    pub(crate) confirmed_ms: Vec<f64>,
    /// Actions that ended in an error.
    pub(crate) failed: u64,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Client {
    /// The engine: session key, batches of up to eight, `act()` of the player's account.
    Latchkey,
    /// alloy: send, wait for the receipt, send the next.
    AlloySequential,
    /// alloy: send when due, wait for receipts beside, nonces by its cached nonce manager.
    AlloyPipelined,
    /// viem: send, wait for the receipt, send the next.
    ViemSequential,
    /// viem: send when due, wait for receipts beside, nonces by its nonce manager.
    ViemNonceManager,
}

/// A client at the start line.
pub(crate) enum Runner {
    Engine(Box<engine::Engine>),
    Alloy { pipelined: bool },
    Viem { pipelined: bool },
}

impl Client {
    pub(crate) const ALL: [Self; 5] =
        [Self::Latchkey, Self::AlloySequential, Self::AlloyPipelined, Self::ViemSequential, Self::ViemNonceManager];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Latchkey => "latchkey",
            Self::AlloySequential => "alloy, sequential",
            Self::AlloyPipelined => "alloy, pipelined",
            Self::ViemSequential => "viem, sequential",
            Self::ViemNonceManager => "viem, nonce manager",
        }
    }

    /// Everything that happens once per session and is not measured.
    pub(crate) async fn prepare(self, course: &Course) -> anyhow::Result<Runner> {
        Ok(match self {
            Self::Latchkey => Runner::Engine(Box::new(engine::Engine::start(course).await?)),
            Self::AlloySequential => Runner::Alloy { pipelined: false },
            Self::AlloyPipelined => Runner::Alloy { pipelined: true },
            Self::ViemSequential => Runner::Viem { pipelined: false },
            Self::ViemNonceManager => Runner::Viem { pipelined: true },
        })
    }
}

impl Runner {
    pub(crate) async fn run(self, course: &Course) -> anyhow::Result<Told> {
        match self {
            Self::Engine(engine) => engine.run(course).await,
            Self::Alloy { pipelined } => alloy_loop::run(course, pipelined).await,
            Self::Viem { pipelined } => viem_loop::run(course, pipelined).await,
        }
    }
}
