//! What happens to the player, chosen by a seed.

use std::time::{Duration, Instant};

use alloy::primitives::Bytes;
use latchkey::devnet::{Fault, Rule};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use crate::faults::player::Player;
use crate::faults::world::{Via, World};

/// Time that the player has between two events.
const STEP: Duration = Duration::from_millis(8);

/// Longest time for the end, when no fault is left.
const CALM: Duration = Duration::from_secs(60);

/// Longest time without an action ending or acted on: the player is stuck.
const STUCK: Duration = Duration::from_secs(90);

/// Marks of somebody else begin here.
const THEIRS: u64 = 1 << 40;

/// Part of the kills that strikes a process which has not acted yet.
const KILLED_AT_START: f64 = 0.2;

/// Deepest reorg.
const DEPTH: u64 = 3;

#[derive(Debug, Default)]
struct Story {
    steps: u64,
    rules: u64,
    outages: u64,
    sockets: u64,
    reorgs: u64,
    drops: u64,
    fees: u64,
    pauses: u64,
    kills: u64,
}

/// The seeded choice, and what goes on for some steps.
pub(super) struct Fate<'a> {
    world: &'a World,
    rng: Xoshiro256PlusPlus,
    seed: u64,
    /// Lowest block that a reorg may leave: the session was granted in or below it.
    base: u64,
    cut_until: u64,
    paused_until: u64,
    calm_at: u64,
    theirs: u64,
    story: Story,
}

impl<'a> Fate<'a> {
    pub(super) fn new(seed: u64, world: &'a World) -> Self {
        let rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let base = world.height();
        Self {
            world,
            rng,
            seed,
            base,
            cut_until: 0,
            paused_until: 0,
            calm_at: 0,
            theirs: THEIRS,
            story: Story::default(),
        }
    }

    pub(super) fn via(&mut self) -> Via {
        if self.rng.random_bool(0.5) { Via::Http } else { Via::Ws }
    }

    /// Lets one thing happen, and the player go on for a moment.
    pub(super) fn step(&mut self, player: &mut Player) {
        self.story.steps += 1;
        let now = self.story.steps;
        if now == self.cut_until {
            self.world.proxy.restore();
        }
        if now == self.calm_at {
            self.world.proxy.clear();
        }
        match self.rng.random_range(0..1_000) {
            0..60 => self.rule(),
            60..75 => {
                self.story.outages += 1;
                self.cut_until = now + self.rng.random_range(1..40);
                self.world.proxy.cut();
            }
            75..95 => {
                self.story.sockets += 1;
                if self.rng.random_bool(0.5) {
                    self.world.proxy.close_sockets()
                } else {
                    self.world.proxy.stray_error()
                }
            }
            95..130 => self.reorg(),
            130..150 => {
                self.story.drops += 1;
                self.world.ask("anvil_dropAllTransactions", json!([]));
            }
            150..165 => self.raise_fee(),
            165..180 => {
                self.story.pauses += 1;
                self.paused_until = now + self.rng.random_range(5..60);
            }
            // A process is mostly let to speak: one that dies while it starts has nothing to lose yet.
            180..192 if player.has_spoken() || self.rng.random_bool(KILLED_AT_START) => {
                self.story.kills += 1;
                let via = self.via();
                player.kill();
                player.restart(self.world, via);
            }
            192..600 if now >= self.paused_until => self.world.node.mine(),
            _ => {}
        }
        player.listen(STEP);
        self.world.collect();
        assert!(player.quiet() < STUCK, "{}, {}", player.story(), self.story());
    }

    /// Ends every fault and lets blocks come until the player says that it is done.
    pub(super) fn calm(&mut self, player: &mut Player) {
        self.world.proxy.clear();
        self.world.proxy.restore();
        let begun = Instant::now();
        while !player.is_done() {
            self.world.node.mine();
            player.listen(STEP * 4);
            assert!(begun.elapsed() < CALM, "not done in calm: {}, {}", player.story(), self.story());
        }
        // What the last run has sent before it was done is in a block by now, or in the next.
        self.world.node.mine();
    }

    fn rule(&mut self) {
        self.story.rules += 1;
        let by = Duration::from_millis(self.rng.random_range(1..200));
        let fault = match self.rng.random_range(0..6) {
            0 => Fault::Refuse,
            1 => Fault::LoseRequest,
            2 => Fault::LoseAnswer,
            3 => Fault::DelayRequest(by),
            4 => Fault::DelayAnswer(by),
            _ => Fault::Error(-32_603, "internal error"),
        };
        let rule = match self.rng.random_range(0..3) {
            0 => Rule::new(fault).on("eth_sendRaw*"),
            1 => Rule::new(fault).on("eth_get*"),
            _ => Rule::new(fault),
        };
        let rule = rule.chance(self.rng.random_range(50..400), self.seed ^ self.story.steps);
        // Rules that find no room are none.
        let _ = self.world.proxy.inject(rule);
        self.calm_at = self.story.steps + self.rng.random_range(5..50);
    }

    fn reorg(&mut self) {
        let depth = self.rng.random_range(1..=DEPTH);
        if self.world.height() < self.base + depth {
            return;
        }
        self.story.reorgs += 1;
        let mut blocks: Vec<(Bytes, u64)> = Vec::new();
        if self.rng.random_bool(0.3) {
            self.theirs += 1;
            blocks.push((self.world.stranger(self.theirs), 0));
        }
        if self.rng.random_bool(0.5) {
            // What stood in the old blocks stands in the last of the new ones.
            let kept = (0..depth).rev().flat_map(|below| self.ours_in(self.world.height() - below)).collect::<Vec<_>>();
            blocks.extend(kept.into_iter().map(|raw| (raw, depth - 1)));
        }
        self.world.ask("anvil_reorg", json!([depth, blocks]));
    }

    /// Our transactions of a block, as signed bytes, in their order.
    fn ours_in(&self, number: u64) -> Vec<Bytes> {
        let block = self.world.ask("eth_getBlockByNumber", json!([format!("{number:#x}"), false]));
        let hashes: Vec<alloy::primitives::B256> =
            serde_json::from_value(block.get("transactions").cloned().unwrap_or(Value::Null)).unwrap_or_default();
        let sent = self.world.submissions();
        let find = |hash| sent.iter().rev().find(|(_, raw)| alloy::primitives::keccak256(raw) == hash);
        hashes.into_iter().filter_map(|hash| find(hash).map(|(_, raw)| raw.clone())).collect()
    }

    fn raise_fee(&mut self) {
        self.story.fees += 1;
        let head = self.world.ask("eth_getBlockByNumber", json!(["latest", false]));
        let fee: alloy::primitives::U256 = serde_json::from_value(head["baseFeePerGas"].clone()).expect("a base fee");
        self.world.ask("anvil_setNextBlockBaseFeePerGas", json!([fee * alloy::primitives::U256::from(2)]));
    }

    pub(super) fn story(&self) -> String {
        format!("{:?}, {} blocks", self.story, self.world.height())
    }
}
