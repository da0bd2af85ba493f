//! Two players with sessions of their own in one dungeon: their predictions collide, and they end in one world.

use std::time::{Duration, Instant};

use alloy::primitives::{Address, U256};
use latchkey::contracts::abi::{GameRouter, Gold};
use latchkey::contracts::{artifacts, game_router, gold};
use latchkey::devnet::dev_accounts;
use latchkey::session::TokenCap;
use latchkey::{Chain, FrequencyCap, Outcome, Owner, Policy, SessionKey};
use latchkey_game::bot::Bot;
use latchkey_game::rules::balance::GOLD_UNIT;
use latchkey_game::rules::{Hero, Monster, Rules};
use serde_json::json;

use crate::ground::Ground;
use crate::parity::length;

/// Actions of each player unless the environment says otherwise.
const ACTIONS: usize = 200;
/// Actions that each decides on before either sees what the other did.
const TURN: usize = 4;
/// Time of the genesis block, in Unix seconds.
const GENESIS: u64 = 1_800_000_000;
/// Longest wait for both players to have seen a block and the end of their actions.
const DEADLINE: Duration = Duration::from_secs(30);
/// One whole coin, in wei.
const COIN: u128 = 1_000_000_000_000_000_000;

struct Rival {
    owner: Owner,
    chain: Chain<Rules>,
    bot: Bot,
    rejected: u64,
}

impl Rival {
    /// The player with the development account of this number; all bots think alike.
    fn new(ground: &Ground, number: usize) -> Self {
        let owner = Owner::connect(&ground.endpoint(), dev_accounts()[number].clone()).expect("the chain answers");
        let policy = ["attack(uint256)", "useSkill(uint8,uint256)", "pickup(uint256)"]
            .into_iter()
            .fold(Policy::builder("rivals"), |builder, method| builder.method(game_router(), "GameRouter", method))
            .native_per_tx(COIN / 100)
            .native_total(COIN)
            .token_cap(TokenCap {
                token: gold(),
                symbol: "GOLD".to_owned(),
                decimals: 18,
                per_tx: 10 * GOLD_UNIT,
                total: 100 * GOLD_UNIT,
            })
            // Turns are as fast as the machine; the frequency cap has tests of its own.
            .frequency(FrequencyCap::per_second(1_000))
            .lifetime(Duration::from_secs(86_400))
            .gas_money(10 * COIN)
            .build()
            .expect("a sound policy");
        let key = SessionKey::random().expect("randomness");
        owner.grant(&policy, key.address()).expect("the owner's grant");
        let chain = Chain::builder(Rules::new(game_router(), owner.address()))
            .endpoint(ground.endpoint())
            .session(key, owner.address())
            .linger(Duration::ZERO)
            .poll(Duration::from_millis(5))
            .sync_test(true)
            .start()
            .expect("a granted session starts");
        Self { owner, chain, bot: Bot::new(1), rejected: 0 }
    }

    fn account(&self) -> Address {
        self.owner.address()
    }

    fn take_turn(&mut self) {
        for _ in 0..TURN {
            let Some(action) = self.bot.next(self.chain.predicted(), self.chain.now()) else { return };
            self.chain.act(action).expect("what the bot wants can be predicted, and there is room");
        }
    }

    /// Takes in outcomes; whether everything has ended and block `height` has been seen.
    fn caught_up(&mut self, height: u64) -> bool {
        for outcome in self.chain.drain() {
            self.rejected += u64::from(matches!(outcome, Outcome::Rejected { .. }));
        }
        let status = self.chain.status();
        status.actions.unresolved == 0 && status.head_number >= height
    }
}

/// Mines a block, and more until nobody waits for anything and both have seen the latest block.
fn settle(ground: &Ground, rivals: &mut [Rival; 2]) {
    let end = Instant::now() + DEADLINE;
    // At least one, so that time goes on when neither finds anything to do.
    let mut height = ground.mine();
    loop {
        if ground.pending() > 0 {
            height = ground.mine();
        }
        // Both are asked, for asking takes outcomes in.
        if rivals.each_mut().map(|rival| rival.caught_up(height)) == [true, true] {
            return;
        }
        assert!(Instant::now() < end, "no end within {DEADLINE:?}: {:?}", rivals.each_ref().map(|r| r.chain.status()));
        std::thread::yield_now();
    }
}

#[test]
fn two_players_collide_and_end_in_the_same_world() {
    let ground = Ground::new(GENESIS, &[&artifacts::SESSION_WALLET, &artifacts::GAME_ROUTER]);
    let actions = length(ACTIONS) as u64;
    let mut rivals = [0, 1].map(|number| Rival::new(&ground, number));
    // From here on both can act before either sees the other's block.
    ground.request("evm_setAutomine", json!([false])).expect("the chain can");
    while rivals.iter().any(|rival| rival.chain.status().actions.acted < actions) {
        rivals.iter_mut().for_each(Rival::take_turn);
        settle(&ground, &mut rivals);
    }

    let [one, two] = &rivals;
    assert_eq!(one.chain.confirmed().monsters, two.chain.confirmed().monsters, "the same monsters");
    for (me, other) in [(one, two), (two, one)] {
        let own = &me.chain.confirmed().player;
        assert_eq!(Some(own), other.chain.confirmed().player(me.account()), "seen alike by both");
        assert_eq!(me.chain.predicted(), me.chain.confirmed(), "nothing is left to predict");
        let hero = me.owner.view(game_router(), &GameRouter::heroCall { player: me.account() }).expect("a view");
        assert_eq!(own.hero, Hero::from_word(hero), "as the contract has it");
        let purse = me.owner.view(gold(), &Gold::balanceOfCall { owner: me.account() }).expect("a view");
        assert_eq!(own.gold, purse, "as the token has it");
    }
    let words: [U256; 12] = one.owner.view(game_router(), &GameRouter::monstersCall {}).expect("a view");
    let monsters = std::array::from_fn(|id| Monster::from_word(id as u8, words[id]));
    assert_eq!(one.chain.confirmed().monsters, monsters, "as the contract has them");

    let counts = rivals.each_ref().map(|rival| {
        let (status, hero) = (rival.chain.status(), rival.chain.confirmed().hero());
        let counts = &status.actions;
        println!(
            "{} acted: {} confirmed, {} rejected, {} conflicted, {} rollbacks; {} kills",
            counts.acted, counts.confirmed, counts.rejected, counts.conflicted, status.rollbacks, hero.kills
        );
        assert_eq!(counts.confirmed + counts.rejected, counts.acted, "every action has one end");
        assert!(counts.confirmed > counts.acted / 4, "both get on");
        rival.rejected
    });
    assert!(counts.iter().sum::<u64>() > 0, "their predictions collided");
}
