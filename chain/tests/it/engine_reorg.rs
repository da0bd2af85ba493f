//! History that is long, that is taken back, and what following it costs.

use std::time::{Duration, Instant};

use latchkey::{Chain, FrequencyCap, Outcome, Owner, Policy, SessionKey};
use serde_json::json;

use crate::support::{ETHER, Node, Watcher, monster, owner};

const DEADLINE: Duration = Duration::from_secs(60);

/// Actions that one transaction carries here.
const BATCH: u8 = 8;

/// A chain that mines when told to, with a session on it.
struct World {
    node: Node,
    owner: Owner,
    chain: Chain<Watcher>,
}

impl World {
    fn new() -> Self {
        let node = Node::automine();
        let owner = owner(&node);
        let chain = start(&node, &owner);
        node.request("evm_setAutomine", json!([false])).expect("a switch");
        Self { node, owner, chain }
    }

    /// Strikes each of these monsters once, lets a block take all of it in, and waits for the ends.
    fn strike(&mut self, monsters: std::ops::Range<u64>) {
        let wanted = self.chain.status().actions.confirmed + monsters.end - monsters.start;
        for id in monsters {
            self.chain.act(id).expect("room");
        }
        self.until("all of it is confirmed", |world| {
            let count = |tag| world.node.request("eth_getTransactionCount", json!([world.key(), tag]));
            let waiting = count("pending").expect("a count") != count("latest").expect("a count");
            if waiting && world.chain.status().actions.queued == 0 {
                world.node.mine();
            }
            world.chain.status().actions.confirmed == wanted
        });
    }

    fn key(&self) -> String {
        self.chain.status().session.key.to_string()
    }

    fn until(&mut self, what: &str, mut is_so: impl FnMut(&Self) -> bool) -> Vec<Outcome<Watcher>> {
        let begun = Instant::now();
        let mut outcomes = Vec::new();
        while !is_so(self) {
            assert!(begun.elapsed() < DEADLINE, "not within {DEADLINE:?}: {what}; {:?}", self.chain.status());
            outcomes.extend(self.chain.drain());
            std::thread::park_timeout(Duration::from_millis(1));
        }
        outcomes
    }
}

/// A session of its own, from the chain's first block.
fn start(node: &Node, owner: &Owner) -> Chain<Watcher> {
    let key = SessionKey::random().expect("randomness");
    let router = latchkey::contracts::game_router();
    let policy = Policy::builder("reorg")
        .method(router, "GameRouter", "attack(uint256)")
        .native_per_tx(1)
        .native_total(1)
        .frequency(FrequencyCap::per_second(5))
        .max_actions_per_tx(BATCH)
        .lifetime(Duration::from_secs(86_400))
        .gas_money(ETHER)
        .build()
        .expect("a sound policy");
    let grant = owner.grant(&policy, key.address()).expect("a grant");
    let builder = Chain::builder(Watcher).endpoint(node.endpoint()).session(key, grant.account).sync_test(true);
    builder.start().expect("a granted session starts")
}

#[test]
fn a_client_that_joins_late_reads_a_long_history_and_knows_the_same() {
    let mut world = World::new();
    world.strike(3..4);
    // Longer than one range of logs.
    (0..3).for_each(|_| drop(world.node.request("anvil_mine", json!(["0x3e8"])).expect("blocks")));
    world.strike(4..5);
    world.node.request("anvil_mine", json!(["0x12c"])).expect("blocks");
    world.node.request("evm_setAutomine", json!([true])).expect("a switch");
    let late = start(&world.node, &world.owner);
    assert_eq!(late.status().behind, 0, "it starts when it has caught up");
    assert_eq!(late.confirmed(), world.chain.confirmed());
    for id in [3, 4] {
        assert_eq!(late.confirmed()[id as usize], monster(&world.owner, id), "monster {id}");
    }
}

#[test]
fn a_reorg_below_the_ring_is_read_from_the_start() {
    let mut world = World::new();
    world.strike(0..1);
    let kept = world.chain.confirmed()[0];
    let fork = world.node.request("evm_snapshot", json!([])).expect("a snapshot");
    world.strike(0..1);
    assert_ne!(world.chain.confirmed()[0], kept);
    world.node.request("anvil_mine", json!(["0x64"])).expect("blocks");
    let height = |world: &World| world.node.request("eth_blockNumber", json!([])).expect("a height");
    let seen = |world: &World| format!("{:#x}", world.chain.status().head_number);
    world.until("the blocks are read", |world| height(world) == json!(seen(world)));
    assert_eq!(world.node.request("evm_revert", json!([fork])).expect("an answer"), json!(true));
    world.node.request("anvil_mine", json!(["0xc8"])).expect("blocks");
    world.until("the other history is read", |world| height(world) == json!(seen(world)));
    assert_eq!(world.chain.confirmed()[0], kept, "the second blow never happened on the new history");
    assert_eq!(world.chain.confirmed()[0], monster(&world.owner, 0));
}

#[test]
fn eight_actions_a_batch_cost_at_most_six_requests() {
    let mut world = World::new();
    let facts = |world: &mut World| {
        world.chain.drain();
        (world.chain.status().rpc_requests, world.chain.status().transactions.sent)
    };
    let before = facts(&mut world);
    // Each round has blocks of its own, which is what costs most; the first action of one may leave alone.
    (0..3).for_each(|_| world.strike(0..BATCH.into()));
    let after = facts(&mut world);
    let (requests, sent) = (after.0 - before.0, after.1 - before.1);
    println!(
        "{requests} requests for {sent} transactions: {:.2} an action at eight each",
        requests as f64 / (8 * sent) as f64
    );
    assert!(requests * 4 <= 8 * sent * 3, "{requests} requests for {sent} transactions of at most eight actions");
}
