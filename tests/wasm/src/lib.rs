//! Signs, batches and reconciles against the in-process devnet, without threads, sockets or a clock.
//!
//! The same [`play`] runs natively under `cargo test` and, through `run.mjs`, inside Node's WebAssembly engine.

#[path = "../../../chain/examples/ground/counter.rs"]
mod counter;
#[cfg(target_family = "wasm")]
mod host;
mod world;

use std::time::Duration;

use latchkey::Model;
use latchkey::lane::{Input, Output, Update};
use latchkey::pure::Reconciler;

use counter::Counter;
use world::World;

/// Actions of the run.
pub const ACTIONS: u64 = 40;

/// Time between two looks at the lane, and what it is told to linger.
const STEP: Duration = Duration::from_millis(50);

/// Steps between two blocks.
const STEPS_PER_BLOCK: u64 = 20;

/// Steps after which the run is taken to hang: two minutes of the stepped time.
const MOST_STEPS: u64 = 2_400;

/// What the run came to.
#[derive(Debug, PartialEq, Eq)]
pub struct Report {
    /// What the chain has counted to, read from the contract.
    pub on_chain: u64,
    /// What was confirmed.
    pub confirmed: u64,
    /// What was predicted.
    pub predicted: u64,
    /// Transactions that carried it.
    pub transactions: u64,
}

/// Grants a session, acts [`ACTIONS`] times, and follows the chain until everything has ended.
///
/// # Errors
///
/// In words: what did not go as it must.
pub fn play() -> Result<Report, String> {
    let mut world = World::new()?;
    let (mut lane, methods) = world.grant()?;
    let mut players = Reconciler::new(Counter(world.counter), ACTIONS as usize);
    let mut transactions = 0;
    let mut out = Vec::new();
    for step in 0..MOST_STEPS {
        let now = STEP * step as u32;
        let mut inputs = vec![Input::Tick];
        if step < ACTIONS {
            let id = players.predict((), world.time()).map_err(|(_, error)| format!("{error:?}"))?;
            let call = methods.pack(players.rules().encode(&())).map_err(|error| error.to_string())?;
            inputs.push(Input::Act(id, call));
        }
        if step % STEPS_PER_BLOCK == 0 {
            inputs.extend(world.mine()?);
        }
        for input in inputs {
            lane.tick(now, input, &mut out);
        }
        for output in out.drain(..) {
            match output {
                Output::Send { nonce, hash, raw } => world.submit(nonce, hash, &raw)?,
                Output::Update(Update::Signed { .. }) => transactions += 1,
                Output::Update(Update::Block { step, .. }) => {
                    players.settle(&step);
                    players.fold();
                }
                _ => {}
            }
        }
        if step >= ACTIONS && players.unconfirmed() == 0 {
            let (confirmed, predicted) = (*players.confirmed(), *players.predicted());
            return Ok(Report { on_chain: world.counted()?, confirmed, predicted, transactions });
        }
    }
    Err(format!("{} of {ACTIONS} actions have no end", players.unconfirmed()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_run_ends_with_every_action_carried_out_once() {
        let report = super::play().expect("a run");
        assert_eq!(
            (report.on_chain, report.confirmed, report.predicted),
            (super::ACTIONS, super::ACTIONS, super::ACTIONS)
        );
        assert!(report.transactions < super::ACTIONS / 2, "actions share transactions: {report:?}");
    }
}
