//! A chain with the game's contracts, an owner, and the smallest model of the game.

mod anvil;
mod node;

use std::time::Duration;

use alloy::primitives::{Address, Log, U256};
use alloy::sol_types::{SolCall, SolEvent};
use latchkey::contracts::abi::GameRouter;
use latchkey::contracts::game_router;
use latchkey::devnet::dev_accounts;
use latchkey::{Call, FrequencyCap, Model, Owner, Policy};

pub(crate) use anvil::Anvil;
pub(crate) use node::Node;

/// One whole coin, in wei.
pub(crate) const ETHER: u128 = 1_000_000_000_000_000_000;

/// Whether a missing tool must fail rather than skip: true on a build server, where `CI=true`.
pub(crate) fn strict() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true")
}

pub(crate) fn owner(node: &Node) -> Owner {
    Owner::connect(&node.endpoint(), dev_accounts()[0].clone()).expect("the chain answers")
}

/// Width of a monster's word in a deed; the monster's id lies above it.
const MONSTER_BITS: usize = 120;

/// The demo's policy with these caps.
pub(crate) fn policy(cap: FrequencyCap) -> Policy {
    Policy::builder("test")
        .method(game_router(), "GameRouter", "attack(uint256)")
        .method(game_router(), "GameRouter", "useSkill(uint8,uint256)")
        .native_per_tx(ETHER / 100)
        .native_total(ETHER / 20)
        .frequency(cap)
        .max_actions_per_tx(4)
        .lifetime(Duration::from_secs(3_600))
        .gas_money(ETHER)
        .build()
        .expect("a sound policy")
}

/// Monsters as the chain tells them; predicts nothing.
#[derive(Debug)]
pub(crate) struct Watcher;

impl Model for Watcher {
    type State = Vec<U256>;
    type Action = u64;
    type Event = (usize, U256);
    type Reject = &'static str;

    fn initial(&self) -> Vec<U256> {
        vec![U256::ZERO; 12]
    }
    fn predict(&self, _: &mut Vec<U256>, monster: &u64, _: u64) -> Result<(), &'static str> {
        (*monster != 11).then_some(()).ok_or("monster 11 is left alone")
    }
    fn encode(&self, monster: &u64) -> Call {
        Call::new(game_router(), GameRouter::attackCall::SELECTOR).arg(U256::from(*monster))
    }
    fn decode(&self, log: &Log) -> Option<(usize, U256)> {
        let struck = GameRouter::Struck::decode_log(log).ok()?;
        let id = (struck.deed >> MONSTER_BITS).byte(0).into();
        (id < 12).then_some((id, struck.deed & ((U256::from(1) << MONSTER_BITS) - U256::from(1))))
    }
    fn apply(&self, state: &mut Vec<U256>, (id, word): &(usize, U256)) {
        state[*id] = *word;
    }
    fn checksum(&self, state: &Vec<U256>) -> u64 {
        state.iter().fold(0, |sum, word| sum ^ word.as_limbs()[0])
    }
}

/// A monster's word, read from the chain.
pub(crate) fn monster(owner: &Owner, id: u64) -> U256 {
    owner.view(game_router(), &GameRouter::monsterCall { id: U256::from(id) }).expect("a view")
}

/// An address without code that nobody has the key of.
pub(crate) const NOBODY: Address = Address::repeat_byte(0x77);
