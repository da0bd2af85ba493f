//! The engine's figures on a chain in this process: what `act` costs, how soon an action is signed and confirmed, how
//! many requests it takes.
//!
//! `cargo bench -p latchkey-benches --bench figures`; a name after `--` (act, signed, confirmed, requests) runs that
//! part alone.

mod signed;
mod world;

use std::time::{Duration, Instant};

use latchkey::{Chain, FrequencyCap};
use world::{FRAME, Numbers, World};

/// Longest wait for what is unconfirmed at the end of a part.
const END: Duration = Duration::from_secs(30);

fn main() {
    let parts: [(&str, fn()); 4] =
        [("act", act), ("signed", signed::measure), ("confirmed", confirmed), ("requests", requests)];
    let asked = std::env::args().nth(1).filter(|name| !name.starts_with('-'));
    for (name, part) in parts {
        if asked.as_ref().is_none_or(|asked| asked == name) {
            part();
        }
    }
}

/// Acts at a steady pace for a while, once a frame at most, then waits for every end.
fn play(chain: &mut Chain<Numbers>, per_frame: u64, every: u32, length: Duration) {
    let begun = Instant::now();
    let mut frames = 0;
    while begun.elapsed() < length {
        if frames % every == 0 {
            (0..per_frame).for_each(|number| drop(chain.act(number)));
        }
        drop(chain.drain());
        frames += 1;
        let next = begun + FRAME * frames;
        std::thread::park_timeout(next.saturating_duration_since(Instant::now()));
    }
    let ending = Instant::now();
    while chain.status().actions.unresolved > 0 && ending.elapsed() < END {
        drop(chain.drain());
        std::thread::park_timeout(FRAME);
    }
}

fn act() {
    let world = World::new(Duration::from_millis(100), FrequencyCap::per_second(50));
    let mut chain = world.chain(|builder| builder);
    play(&mut chain, 4, 1, Duration::from_secs(15));
    let (report, acted) = (chain.report(), chain.status().actions.acted);
    let call = report.act_call_us;
    println!(
        "act(): p50 {:.2} us, p99 {:.2} us, max {:.1} us of {acted} calls at 60 frames a second",
        call.p50, call.p99, call.max
    );
}

fn confirmed() {
    for (block_ms, seconds) in [(100, 30), (1_000, 60), (2_000, 60)] {
        let world = World::new(Duration::from_millis(block_ms), FrequencyCap::per_second(5));
        let mut chain = world.chain(|builder| builder);
        // 19 frames are no whole part of any block time: the actions fall on all of it.
        play(&mut chain, 1, 19, Duration::from_secs(seconds));
        let (report, block) = (chain.report(), block_ms as f64);
        let latency = report.act_to_confirmed_ms;
        println!(
            "act to confirmed, blocks of {block_ms} ms: p50 {:.0} ms (goal {:.0}), p99 {:.0} ms (goal {:.0}), {} actions",
            latency.p50,
            0.5 * block + 50.0,
            latency.p99,
            block + 100.0,
            report.status.actions.confirmed
        );
    }
}

fn requests() {
    let world = World::new(Duration::from_secs(1), FrequencyCap::per_second(5));
    let mut chain = world.chain(|builder| builder);
    drop(chain.drain());
    let before = chain.status().rpc_requests;
    play(&mut chain, 1, 2, Duration::from_secs(30));
    drop(chain.drain());
    let status = chain.status();
    println!(
        "requests per action: {:.2}, with {:.1} actions a transaction; {} reverted by frequency",
        (status.rpc_requests - before) as f64 / status.actions.acted.max(1) as f64,
        status.actions.acted as f64 / status.transactions.sent.max(1) as f64,
        status.transactions.rate_limited
    );
}
