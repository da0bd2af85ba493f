//! The game's rules in Rust against the contract: the same random actions, the same refusals, the same states.

use alloy::consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy::eips::eip2718::Encodable2718;
use alloy::primitives::{Address, Log, TxKind, U256};
use alloy::rpc::types::TransactionReceipt;
use alloy::signers::{SignerSync, local::PrivateKeySigner};
use latchkey::Model;
use latchkey::contracts::{artifacts, game_router};
use latchkey::devnet::{Devnet, dev_accounts};
use latchkey_game::rules::play::Times;
use latchkey_game::rules::{Action, Loot, Rules, Skill, World};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use serde_json::json;

/// Actions played; enough for several levels, falls, respawns and both skills.
const ACTIONS: usize = 2_000;

/// Seed of the random actions; a failure is found again with it.
const SEED: u64 = 7;

/// Time of the genesis block, in Unix seconds.
const GENESIS: u64 = 1_800_000_000;

/// A player who sends plain transactions, so that nothing but the game's rules is in the way.
struct Player {
    devnet: Devnet,
    signer: PrivateKeySigner,
    rules: Rules,
    now: u64,
    nonce: u64,
}

impl Player {
    fn new() -> Self {
        let devnet = Devnet::builder()
            .automine()
            .genesis_time(GENESIS)
            .create2(artifacts::GAME_ROUTER.creation.clone())
            .spawn()
            .expect("a devnet starts");
        let signer = dev_accounts()[0].clone();
        let rules = Rules::new(game_router(), signer.address());
        Self { devnet, signer, rules, now: GENESIS, nonce: 0 }
    }

    /// Plays an action on chain `wait` seconds after the last; the logs, or `None` when it was refused.
    fn play(&mut self, action: &Action, wait: u64) -> Option<Vec<Log>> {
        self.now += wait;
        self.devnet.request("evm_setNextBlockTimestamp", json!([self.now])).expect("time goes on");
        let call = self.rules.encode(action);
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
        let raw = alloy::primitives::hex::encode_prefixed(raw);
        let hash = self.devnet.request("eth_sendRawTransaction", json!([raw])).expect("taken");
        let receipt = self.devnet.request("eth_getTransactionReceipt", json!([hash])).expect("mined at once");
        let receipt: TransactionReceipt = serde_json::from_value(receipt).expect("a receipt");
        receipt.status().then(|| receipt.logs().iter().map(|log| log.inner.clone()).collect())
    }
}

fn random_action(rng: &mut Xoshiro256PlusPlus, world: &World) -> Action {
    let monster = rng.random_range(0..13);
    match rng.random_range(0..10) {
        0..=5 => Action::Attack { monster: monster % 4 },
        6 => Action::UseSkill { skill: Skill::Firebolt, monster },
        7 => Action::UseSkill { skill: Skill::Smite, monster },
        8 => Action::Pickup { loot: Loot { monster, generation: rng.random_range(0..3) } },
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
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(SEED);
    let mut player = Player::new();
    let mut world = World::new(player.signer.address());
    let (mut refused, mut slain) = (0, 0);
    for step in 0..ACTIONS {
        let action = random_action(&mut rng, &world);
        let wait = rng.random_range(1..4);
        let mut predicted = world.clone();
        let verdict = predicted.play(&action, Times::exactly(player.now + wait));
        let logs = player.play(&action, wait);
        let told = format!("step {step}: {action:?} at {}, predicted {verdict:?}", player.now);
        assert_eq!(verdict.is_ok(), logs.is_some(), "{told}");
        refused += usize::from(logs.is_none());
        for event in logs.unwrap_or_default().iter().filter_map(|log| player.rules.decode(log)) {
            player.rules.apply(&mut world, &event);
        }
        assert_eq!(predicted, world, "{told}");
        slain = world.hero().kills;
    }
    assert!(refused > ACTIONS / 20 && refused < ACTIONS / 2, "{refused} refusals: both ways are exercised");
    assert!(slain > 100 && world.hero().level > 3, "{slain} kills: long enough a game");
    assert_ne!(player.rules.checksum(&world), player.rules.checksum(&World::new(Address::ZERO)));
}
