//! A player who always has something to do: the rate that the engine reaches, and what it asks of its endpoint.

use std::time::{Duration, Instant};

use latchkey::pure::Window;
use latchkey::{Chain, FrequencyCap};

use crate::frames;
use crate::ground::{Goal, Numbers, Table};
use crate::world::World;

/// Times between blocks, in ms; each has an engine and a chain of its own, all at once.
const BLOCKS_MS: [u64; 4] = [100, 1_000, 2_000, 12_000];

/// Least time for which the goal is asked; the in-flight window grows in the first minute.
const LENGTH: Duration = Duration::from_secs(590);

/// Actions unconfirmed at once: as many as in-flight window and batches take, and as many again that wait.
const ACTIONS: usize = 256;

/// Part of the reachable rate that must be used, in percent.
const SHARE: f64 = 95.0;

/// Requests for each action, with eight actions a transaction.
const REQUESTS: f64 = 0.75;

/// What an engine did from one block to another.
struct Run {
    seconds: f64,
    confirmed: u64,
    refused: u64,
    actions: u64,
    requests: u64,
}

pub(crate) fn measure(table: &mut Table, length: Duration) {
    std::thread::scope(|scope| {
        let runs = BLOCKS_MS.map(|block_ms| {
            scope.spawn(move || {
                let block = Duration::from_millis(block_ms);
                let cap = FrequencyCap::per_second(5).fitted(block);
                (block_ms, cap, saturate(block, cap, length))
            })
        });
        for run in runs {
            let (block_ms, cap, run) = run.join().expect("an engine's figures");
            let in_flight = widest() * 1_000.0 / block_ms as f64;
            let reachable = cap.per_second_average().min(in_flight);
            let share = 100.0 * run.confirmed as f64 / (reachable * run.seconds);
            let what = format!(
                "share of {reachable:.1} transactions a second, blocks of {block_ms} ms, {:.0} s ({})",
                run.seconds, run.confirmed
            );
            let goal = if length >= LENGTH { Goal::AtLeast(SHARE) } else { Goal::None };
            table.row(what, share, " %", goal);
            table.row("of them refused by the frequency cap", run.refused as f64, "", Goal::AtMost(0.0));
        }
    });
}

pub(crate) fn requests(table: &mut Table) {
    let run = saturate(Duration::from_secs(1), FrequencyCap::per_second(5), Duration::from_secs(30));
    let each = run.actions as f64 / (run.confirmed + run.refused).max(1) as f64;
    let what = format!("requests per action, {each:.1} actions a transaction, blocks of 1,000 ms");
    table.row(what, run.requests as f64 / run.actions.max(1) as f64, "", Goal::AtMost(REQUESTS));
}

/// Transactions in flight when all goes well.
fn widest() -> f64 {
    let mut window = Window::default();
    (0..1_000).for_each(|_| window.mined());
    window.size() as f64
}

/// Acts whenever there is room, from the first block that confirms anything to the first after `length`.
fn saturate(block: Duration, cap: FrequencyCap, length: Duration) -> Run {
    let world = World::new(block, cap);
    let mut chain = world.chain(|builder| builder.prediction_window(ACTIONS));
    fill(&mut chain);
    let height = chain.status().head_number;
    while chain.status().head_number == height {
        drop(chain.drain());
        std::thread::park_timeout(Duration::from_millis(1));
    }
    let (begun, before) = (Instant::now(), chain.status().clone());
    let mut last = (begun, before.clone());
    frames(length + block, |_| {
        fill(&mut chain);
        drop(chain.drain());
        if chain.status().head_number != last.1.head_number && begun.elapsed() < length + block / 2 {
            last = (Instant::now(), chain.status().clone());
        }
    });
    drop(chain.shutdown(Duration::from_secs(5)));
    let (ended, after) = last;
    let counts = |status: &latchkey::Status| (status.transactions, status.actions, status.rpc_requests);
    let ((sent, acted, asked), (sent_before, acted_before, asked_before)) = (counts(&after), counts(&before));
    Run {
        seconds: (ended - begun).as_secs_f64(),
        confirmed: sent.confirmed - sent_before.confirmed,
        refused: sent.rate_limited - sent_before.rate_limited,
        actions: acted.confirmed - acted_before.confirmed,
        requests: asked - asked_before,
    }
}

fn fill(chain: &mut Chain<Numbers>) {
    while chain.act(0).is_ok() {}
}
