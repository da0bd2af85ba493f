//! A player's process under random faults: it is refused, cut off, reorganised and killed, and goes on.
//!
//! `LATCHKEY_SEED` chooses the faults and their order, `LATCHKEY_CASES` the number of actions. How the faults fall
//! together with what the processes do is up to the machine, so that a seed makes a failure likely again, not certain.

mod fate;
pub(super) mod judge;

use super::player::Player;
use super::world::World;
use fate::Fate;
use latchkey::FrequencyCap;

/// Actions of a run, unless `LATCHKEY_CASES` says otherwise.
const ACTIONS: u64 = 300;

/// Longest wait of an action for company, in milliseconds.
const LINGER_MS: u64 = 5;

/// Seed of a run, unless `LATCHKEY_SEED` says otherwise.
const SEED: u64 = 4;

/// A number from the environment.
fn setting(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name}={text}: give a number")),
        Err(_) => default,
    }
}

#[test]
fn nothing_is_lost_or_done_twice_under_random_faults() {
    let (seed, actions) = (setting("LATCHKEY_SEED", SEED), setting("LATCHKEY_CASES", ACTIONS));
    let world = World::with(|policy| {
        // No transaction is to meet the cap: a refusal would be an end like any other, and hide a loss.
        policy.frequency(FrequencyCap::per_second(10_000)).max_actions_per_tx(4)
    });
    let mut fate = Fate::new(seed, &world);
    let mut player = Player::start(&world, actions, LINGER_MS, fate.via());
    while !player.has_acted_all() {
        fate.step(&mut player);
    }
    fate.calm(&mut player);
    judge::judge(&world, &player);
    println!("seed {seed}: {}, {}", player.story(), fate.story());
}
