//! From `act` to `Confirmed`, as a game at 60 frames a second sees it.

use std::time::{Duration, Instant};

use latchkey::{FrequencyCap, Outcome};

use crate::ground::{FRAME, Goal, Table};
use crate::world::World;
use crate::{end, frames, percentile};

/// Engines at once, each on a chain of its own.
const ENGINES: u32 = 4;

/// What a median may take beside half a block, and all but one in a hundred beside a block, in ms.
const MEDIAN_MS: f64 = 50.0;
const SLOWEST_MS: f64 = 100.0;

/// Part of the circle by which each action's place in its block differs from the one before: no two come close.
const GOLDEN: f64 = 0.618_033_988_749_895;

/// A cap that single actions never meet, in transactions a second.
const UNCAPPED: u16 = 50;

/// Frames between two actions at five a second.
const FIVE_A_SECOND: u32 = 12;

pub(crate) fn measure(table: &mut Table) {
    for (block_ms, seconds) in [(100, 30), (1_000, 120), (2_000, 120)] {
        let block = Duration::from_millis(block_ms);
        let mut took = together(|engine| single(block, Duration::from_secs(seconds), engine));
        let what = format!("act to confirmed, blocks of {block_ms} ms, single actions ({})", took.len());
        tell(table, &what, block, &mut took);
    }
    let block = Duration::from_secs(1);
    let mut took = together(|_| steady(block, Duration::from_secs(60)));
    let what = format!("act to confirmed, blocks of 1,000 ms, five a second ({})", took.len());
    tell(table, &what, block, &mut took);
}

fn tell(table: &mut Table, what: &str, block: Duration, took: &mut [f64]) {
    let block_ms = block.as_secs_f64() * 1e3;
    let median = Goal::AtMost(0.5 * block_ms + MEDIAN_MS);
    table.row(format!("{what}, p50"), percentile(took, 50.0), " ms", median);
    table.row(format!("{what}, p99"), percentile(took, 99.0), " ms", Goal::AtMost(block_ms + SLOWEST_MS));
}

fn together(run: impl Fn(u32) -> Vec<f64> + Sync) -> Vec<f64> {
    let run = &run;
    std::thread::scope(|scope| {
        let engines: Vec<_> = (0..ENGINES).map(|engine| scope.spawn(move || run(engine))).collect();
        engines.into_iter().flat_map(|engine| engine.join().expect("an engine's figures")).collect()
    })
}

/// One action at a time, each in another place of its block.
fn single(block: Duration, length: Duration, engine: u32) -> Vec<f64> {
    let world = World::new(block, FrequencyCap::per_second(UNCAPPED));
    let mut chain = world.chain(|builder| builder);
    let mut took = Vec::new();
    let mut place = GOLDEN / f64::from(ENGINES) * f64::from(engine);
    let mut due = Instant::now();
    frames(length, |_| {
        took.extend(chain.drain().iter().filter_map(latency));
        if chain.status().actions.unresolved > 0 {
            return;
        }
        let now = Instant::now();
        if due < now {
            // The last one is confirmed, and this frame was the first to know.
            place = (place + GOLDEN).fract();
            due = now + block.mul_f64(place);
        } else if due <= now + FRAME {
            // Between two frames as well: what is measured must not follow their beat.
            std::thread::park_timeout(due - now);
            chain.act(0).expect("a single action");
            due = Instant::now();
        }
    });
    end(&mut chain);
    took
}

/// As many actions as the cap has transactions.
fn steady(block: Duration, length: Duration) -> Vec<f64> {
    let world = World::new(block, FrequencyCap::per_second(5));
    let mut chain = world.chain(|builder| builder);
    let mut took = Vec::new();
    frames(length, |frame| {
        took.extend(chain.drain().iter().filter_map(latency));
        if frame.is_multiple_of(FIVE_A_SECOND) {
            chain.act(0).expect("room for an action");
        }
    });
    end(&mut chain);
    took
}

fn latency<M: latchkey::Model>(outcome: &Outcome<M>) -> Option<f64> {
    match outcome {
        Outcome::Confirmed { latency, .. } => Some(latency.as_secs_f64() * 1e3),
        _ => None,
    }
}
