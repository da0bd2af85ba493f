//! The game's rules in Rust against the contract: the same random actions, the same refusals, the same states.

use alloy::consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy::eips::eip2718::Encodable2718;
use alloy::primitives::{Address, Bytes, Log, TxKind, U256, hex};
use alloy::signers::{SignerSync, local::PrivateKeySigner};
use alloy::sol_types::SolError;
use latchkey::contracts::abi::{GameRouter, Gold};
use latchkey::contracts::{artifacts, game_router};
use latchkey::devnet::dev_accounts;
use latchkey::{Call, Model};
use latchkey_game::rules::balance::{GOLD_UNIT, MONSTERS};
use latchkey_game::rules::play::Times;
use latchkey_game::rules::{Action, Loot, Reject, Rules, Skill, World};
use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde_json::json;

use crate::ground::Ground;

/// Actions played unless [`LENGTH`] says otherwise; enough for several levels, falls, respawns and all skills.
const ACTIONS: usize = 2_000;

/// Environment variable with the number of actions, for a longer run.
pub(crate) const LENGTH: &str = "LATCHKEY_PARITY_ACTIONS";

/// Seed of the random actions; a failure is found again with it.
const SEED: u64 = 7;

/// Actions in one mood.
const MOOD: usize = 100;

/// Time of the genesis block, in Unix seconds.
const GENESIS: u64 = 1_800_000_000;

/// Time that putting the contracts on the chain may take, in seconds: anvil's goes on by itself.
const DEPLOYING_S: u64 = 60;

/// The number of actions to play, `usual` unless [`LENGTH`] says otherwise.
pub(crate) fn length(usual: usize) -> usize {
    std::env::var(LENGTH).map_or(usual, |text| text.parse().unwrap_or_else(|error| panic!("{LENGTH}: {error}")))
}

/// A player who sends plain transactions, so that nothing but the game's rules is in the way.
struct Player {
    chain: Ground,
    signer: PrivateKeySigner,
    rules: Rules,
    now: u64,
    nonce: u64,
}

impl Player {
    fn new() -> Self {
        let chain = Ground::new(GENESIS, &[&artifacts::GAME_ROUTER]);
        let signer = dev_accounts()[0].clone();
        let rules = Rules::new(game_router(), signer.address());
        Self { chain, signer, rules, now: GENESIS + DEPLOYING_S, nonce: 0 }
    }

    /// Plays an action on chain `wait` seconds after the last; the logs, or what the contract reverted with.
    fn play(&mut self, action: &Action, wait: u64) -> Result<Vec<Log>, Bytes> {
        self.now += wait;
        self.chain.request("evm_setNextBlockTimestamp", json!([self.now])).expect("time goes on");
        let call = self.rules.encode(action);
        let asked = self.ask(&call);
        let logs = self.send(call);
        assert_eq!(asked.is_ok(), logs.is_some(), "asked and sent in the same block");
        asked.map(|()| logs.unwrap_or_default())
    }

    /// Tries a call in the next block without sending it; an error is what it would revert with.
    fn ask(&self, call: &Call) -> Result<(), Bytes> {
        let request = json!({
            "from": self.signer.address(),
            "to": call.target,
            "value": U256::from(call.value),
            "input": hex::encode_prefixed([&call.selector[..], &call.args].concat()),
        });
        let Err(error) = self.chain.request("eth_call", json!([request, "pending"])) else { return Ok(()) };
        let data = error.data.expect("a revert has data");
        Err(serde_json::from_value(data).expect("bytes"))
    }

    fn send(&mut self, call: Call) -> Option<Vec<Log>> {
        let transaction = TxEip1559 {
            chain_id: 31_337,
            nonce: self.nonce,
            gas_limit: 300_000,
            max_fee_per_gas: 2_000_000_000,
            max_priority_fee_per_gas: 0,
            to: TxKind::Call(call.target),
            value: U256::from(call.value),
            access_list: Default::default(),
            input: [&call.selector[..], &call.args].concat().into(),
        };
        self.nonce += 1;
        let signature = self.signer.sign_hash_sync(&transaction.signature_hash()).expect("a local key signs");
        let raw = TxEnvelope::from(transaction.into_signed(signature)).encoded_2718();
        let raw = hex::encode_prefixed(raw);
        let hash = self.chain.request("eth_sendRawTransaction", json!([raw])).expect("taken");
        let receipt = self.chain.receipt(&hash);
        receipt.status().then(|| receipt.logs().iter().map(|log| log.inner.clone()).collect())
    }
}

/// The revert data of the contract for a refusal of the rules.
fn revert_of(reject: Reject) -> Bytes {
    let data = match reject {
        Reject::MonsterUnknown { id } => GameRouter::MonsterUnknown { id: U256::from(id) }.abi_encode(),
        Reject::MonsterDown { id, respawn_at, .. } => {
            GameRouter::MonsterDown { id: U256::from(id), respawnAt: U256::from(respawn_at) }.abi_encode()
        }
        Reject::SkillCooling { skill, ready_at, .. } => {
            GameRouter::SkillCooling { id: U256::from(skill.id()), readyAt: U256::from(ready_at) }.abi_encode()
        }
        Reject::NotEnoughMana { has, needs } => {
            GameRouter::NotEnoughMana { has: U256::from(has), needs: U256::from(needs) }.abi_encode()
        }
        Reject::NotEnoughGold { has, needs } => {
            let [has, needs] = [has, needs.into()].map(|whole| U256::from(whole) * U256::from(GOLD_UNIT));
            Gold::NotEnoughGold { has, needs }.abi_encode()
        }
        Reject::LootGone { loot } => GameRouter::LootGone { lootId: U256::from(loot) }.abi_encode(),
    };
    data.into()
}

/// A random action in the mood of the hour: a brawl with ogres, which fells a young hero; skills, until mana and Gold
/// are short; or a bit of everything with few monsters, which rise through their levels.
fn random_action(rng: &mut Xoshiro256PlusPlus, world: &World, step: usize) -> Action {
    let monster = rng.random_range(0..=MONSTERS);
    let skill = *Skill::ALL.choose(rng).expect("there are skills");
    match (step / MOOD % 3, rng.random_range(0..12)) {
        (0, _) => Action::Attack { monster: monster / 4 * 3 + 2 },
        (1, _) | (2, 6..=8) => Action::UseSkill { skill, monster },
        (2, 0..=5) => Action::Attack { monster: monster % 4 },
        (_, 9) => Action::Pickup { loot: Loot { monster, generation: rng.random_range(0..3) } },
        _ => {
            let on_ground = world.monsters.iter().enumerate().find(|(_, monster)| monster.loot_generation != 0);
            let loot = on_ground.map_or(Loot { monster, generation: 1 }, |(id, found)| Loot {
                monster: id as u8,
                generation: found.loot_generation,
            });
            Action::Pickup { loot }
        }
    }
}

#[test]
fn rules_and_contract_agree_on_every_refusal_and_every_state() {
    let actions = length(ACTIONS);
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(SEED);
    let mut player = Player::new();
    let mut world = World::new(player.signer.address());
    let (mut refusals, mut skills, mut levels) = ([0_usize; 6], [0_usize; 3], [0_usize; 5]);
    for step in 0..actions {
        let action = random_action(&mut rng, &world, step);
        let wait = rng.random_range(1..4);
        let mut predicted = world.clone();
        let verdict = predicted.play(&action, Times::exactly(player.now + wait));
        let answer = player.play(&action, wait);
        let told = format!("step {step}: {action:?} at {}, predicted {verdict:?}", player.now);
        match (verdict, &answer) {
            (Ok(()), Ok(_)) => {}
            (Err(reject), Err(data)) => {
                assert_eq!(&revert_of(reject), data, "{told}");
                refusals[kind_of(reject)] += 1;
            }
            _ => panic!("{told}, the contract answered {answer:?}"),
        }
        let events: Vec<_> = answer.iter().flatten().filter_map(|log| player.rules.decode(log)).collect();
        assert_eq!(events.len(), usize::from(verdict.is_ok()), "one event per action; {told}");
        for event in &events {
            player.rules.apply(&mut world, event);
            match action {
                Action::UseSkill { skill, .. } => skills[usize::from(skill.id())] += 1,
                Action::Attack { monster } => {
                    levels[usize::from(world.monsters[usize::from(monster)].level()) - 1] += 1
                }
                Action::Pickup { .. } => {}
            }
        }
        assert_eq!(predicted, world, "{told}");
    }
    let hero = world.hero();
    println!(
        "{actions} actions: refusals {refusals:?}, skills {skills:?}, attacks by monster's level {levels:?}, {hero:?}"
    );
    assert!(refusals.iter().all(|count| *count > 0), "every refusal is met: {refusals:?}");
    assert!(refusals.iter().sum::<usize>() < actions / 2, "it is mostly played: {refusals:?}");
    assert!(skills.iter().all(|count| *count > 10), "every skill is used: {skills:?}");
    assert!(levels.iter().all(|count| *count > 10), "monsters of every level are fought: {levels:?}");
    assert!(hero.kills > 100 && hero.level > 3 && hero.deaths > 0, "{hero:?}: long enough a game");
    assert_ne!(player.rules.checksum(&world), player.rules.checksum(&World::new(Address::ZERO)));
}

/// A number for each kind of refusal.
fn kind_of(reject: Reject) -> usize {
    match reject {
        Reject::MonsterUnknown { .. } => 0,
        Reject::MonsterDown { .. } => 1,
        Reject::SkillCooling { .. } => 2,
        Reject::NotEnoughMana { .. } => 3,
        Reject::NotEnoughGold { .. } => 4,
        Reject::LootGone { .. } => 5,
    }
}
