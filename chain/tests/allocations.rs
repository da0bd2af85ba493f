//! What `act` takes from the heap, counted by an allocator of this binary's own: nothing, once the engine is warm.

#![cfg(feature = "devnet-server")]

use std::time::{Duration, Instant};

use alloy::primitives::{Log, U256};
use alloy::sol_types::SolCall;
use latchkey::contracts::abi::GameRouter;
use latchkey::contracts::{artifacts, game_router};
use latchkey::devnet::{Devnet, dev_accounts};
use latchkey::{Call, Chain, FrequencyCap, Model, Owner, Policy, SessionKey};

/// Actions of each round: the whole prediction window.
const WINDOW: u64 = 64;

/// Longest wait for a round to end on the chain.
const DEADLINE: Duration = Duration::from_secs(20);

/// Skills with two words of arguments, which the game's contract may refuse: the door lets all of them through.
struct Skills;

impl Model for Skills {
    type State = u64;
    type Action = u64;
    type Event = ();
    type Reject = &'static str;

    fn initial(&self) -> u64 {
        0
    }
    fn predict(&self, used: &mut u64, _: &u64, _: u64) -> Result<(), &'static str> {
        *used += 1;
        Ok(())
    }
    fn encode(&self, monster: &u64) -> Call {
        Call::new(game_router(), GameRouter::useSkillCall::SELECTOR).arg(U256::ZERO).arg(U256::from(*monster))
    }
    fn decode(&self, _: &Log) -> Option<()> {
        None
    }
    fn apply(&self, _: &mut u64, (): &()) {}
    fn checksum(&self, used: &u64) -> u64 {
        *used
    }
}

fn chain(devnet: &Devnet) -> Chain<Skills> {
    let endpoint = latchkey::Endpoint::connection("devnet", devnet.connection());
    let owner = Owner::connect(&endpoint, dev_accounts()[0].clone()).expect("the chain answers");
    let policy = Policy::builder("counted")
        .method(game_router(), "GameRouter", "useSkill(uint8,uint256)")
        .frequency(FrequencyCap::per_second(50))
        .max_actions_per_tx(8)
        .lifetime(Duration::from_secs(3_600))
        .gas_money(1_000_000_000_000_000_000)
        .build()
        .expect("a sound policy");
    let key = SessionKey::random().expect("randomness");
    owner.grant(&policy, key.address()).expect("a grant");
    let builder = Chain::builder(Skills).endpoint(endpoint).session(key, owner.address());
    builder.prediction_window(WINDOW as usize).start().expect("a run")
}

#[test]
fn act_allocates_nothing_in_steady_state() {
    let codes = [&artifacts::SESSION_WALLET, &artifacts::GAME_ROUTER];
    let builder = Devnet::builder().block_time(Duration::from_millis(100));
    let builder = codes.into_iter().fold(builder, |builder, code| builder.create2(code.creation.clone()));
    let devnet = builder.spawn().expect("a devnet starts");
    let mut chain = chain(&devnet);
    for round in 0..3 {
        let counted = allocation_counter::measure(|| {
            for monster in 0..WINDOW {
                assert!(chain.act(monster % 12).is_ok(), "the window is empty");
            }
            assert!(chain.act(0).is_err(), "and now it is full, which costs nothing either");
        });
        let begun = Instant::now();
        while chain.status().actions.unresolved > 0 && begun.elapsed() < DEADLINE {
            chain.drain();
            std::thread::yield_now();
        }
        assert_eq!(chain.status().actions.unresolved, 0, "every action ends");
        assert!(round == 0 || counted.count_total == 0, "round {round}: {counted:?}");
    }
}

#[test]
fn the_counter_counts() {
    let counted = allocation_counter::measure(|| drop(std::hint::black_box(Vec::<u8>::with_capacity(1))));
    assert_eq!(counted.count_total, 1);
}
