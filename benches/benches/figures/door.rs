//! What the game thread pays: `act`, and `drain` in the frame of a full block.

use std::time::{Duration, Instant};

use alloy::primitives::U256;
use latchkey::devnet::dev_accounts;
use latchkey::{Chain, FrequencyCap, Outcome, Owner};

use crate::ground::{CONTRACT, FRAME, Goal, Numbers, Table};
use crate::world::World;
use crate::{END, end, frames, percentile};

/// The prediction window, and the events of a full block.
const WINDOW: u64 = 64;

/// Blocks of which the time of `drain` is taken.
const BLOCKS: usize = 1_000;

/// Blocks before that, in which the in-flight window grows and memory is taken.
const WARM_UP: usize = 100;

/// Longest time that a frame may take for `act`, in µs.
const ACT_US: f64 = 5.0;

/// Longest time that a frame may take for `drain`, in µs.
const DRAIN_US: f64 = 100.0;

/// A cap that no part meets.
const OFTEN: u16 = 50_000;

pub(crate) fn act(table: &mut Table) {
    let world = World::new(Duration::from_millis(100), FrequencyCap::per_second(50));
    let mut chain = world.chain(|builder| builder);
    let (mut first, mut warm) = (Vec::new(), Vec::new());
    frames(Duration::from_secs(20), |_| {
        // In the order of a game's frame, so that the caches are as they would be.
        drop(chain.drain());
        for number in 0..4 {
            let begun = Instant::now();
            let acted = chain.act(number);
            let elapsed = begun.elapsed();
            if acted.is_ok() {
                let took = if number == 0 { &mut first } else { &mut warm };
                took.push(micros(elapsed));
            }
        }
    });
    end(&mut chain);
    let mut all = [first.as_slice(), &warm].concat();
    let median = percentile(&mut all, 50.0);
    table.row(format!("`act()`, p50 of {} calls, four in a frame", all.len()), median, " µs", Goal::None);
    table.row("`act()`, p99", percentile(&mut all, 99.0), " µs", Goal::AtMost(ACT_US));
    table.row("the first of each frame, p50: it finds cold caches", percentile(&mut first, 50.0), " µs", Goal::None);
    table.row("the three after it, p99", percentile(&mut warm, 99.0), " µs", Goal::AtMost(ACT_US));
}

pub(crate) fn drain(table: &mut Table) {
    let mut own = own_events();
    table.row("`drain()`, 64 actions end with 64 events, p50", percentile(&mut own, 50.0), " µs", Goal::None);
    table.row("the same, p99", percentile(&mut own, 99.0), " µs", Goal::AtMost(DRAIN_US));
    let mut foreign = foreign_events();
    let median = percentile(&mut foreign, 50.0);
    table.row("`drain()`, 64 events of others under 64 actions, p50", median, " µs", Goal::None);
    table.row("the same, p99", percentile(&mut foreign, 99.0), " µs", Goal::AtMost(DRAIN_US));
}

/// One block confirms the whole window.
fn own_events() -> Vec<f64> {
    let world = World::on_demand(FrequencyCap::per_second(OFTEN));
    let mut chain = world.chain(|builder| builder.linger(Duration::from_millis(2)));
    let mut took = Vec::new();
    let mut block = 0;
    while took.len() < BLOCKS {
        block += 1;
        (0..WINDOW).for_each(|number| drop(chain.act(number)));
        // All of it is in the pool, or as much as may be in flight yet.
        let mut pending = 0;
        until(|| {
            drop(chain.drain());
            let pooled = world.devnet.with_chain(|chain| chain.pending());
            let settled = pooled > 0 && pooled == std::mem::replace(&mut pending, pooled);
            std::thread::park_timeout(Duration::from_millis(4));
            settled
        });
        let whole = chain.status().actions.in_flight == WINDOW;
        let height = world.devnet.mine().number();
        let elapsed = drain_to(&mut chain, height, WINDOW as usize);
        if whole && block > WARM_UP {
            took.extend(elapsed);
        }
    }
    end_all(&world, &mut chain);
    took
}

/// The window stays full, since nothing is signed above the fee ceiling, while somebody's transaction logs 64 events.
fn foreign_events() -> Vec<f64> {
    let world = World::shouting(FrequencyCap::per_second(OFTEN));
    let mut chain = world.chain(|builder| builder.fee_cap(1).action_ttl(Duration::from_secs(3_600)));
    (0..WINDOW).for_each(|number| drop(chain.act(number)));
    assert_eq!(chain.status().actions.queued, WINDOW, "nothing leaves");
    let stranger = Owner::connect(&world.endpoint, dev_accounts()[5].clone()).expect("the chain answers");
    let mut took = Vec::new();
    for block in 0..WARM_UP + BLOCKS {
        stranger.pay(CONTRACT, U256::ZERO).expect("it is mined at once");
        let height = world.devnet.with_chain(|chain| chain.head().number());
        let elapsed = drain_to(&mut chain, height, WINDOW as usize);
        if block >= WARM_UP {
            took.extend(elapsed);
        }
    }
    took
}

/// Drains until the head is seen; the time of the call that brought so many events, in µs.
fn drain_to(chain: &mut Chain<Numbers>, height: u64, events: usize) -> Option<f64> {
    let mut took = None;
    until(|| {
        let begun = Instant::now();
        let outcomes = chain.drain();
        let elapsed = begun.elapsed();
        let told = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Event { .. })).count();
        if told == events {
            took = Some(micros(elapsed));
        }
        std::thread::park_timeout(Duration::from_micros(200));
        chain.status().head_number >= height
    });
    took
}

fn end_all(world: &World, chain: &mut Chain<Numbers>) {
    until(|| {
        world.devnet.mine();
        drop(chain.drain());
        std::thread::park_timeout(FRAME);
        chain.status().actions.unresolved == 0
    });
}

fn until(mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < END, "not within {END:?}");
    }
}

fn micros(duration: Duration) -> f64 {
    duration.as_nanos() as f64 / 1e3
}
