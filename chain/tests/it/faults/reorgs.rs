//! Blocks that were canonical, and are not any more.

use alloy::primitives::Bytes;
use serde_json::json;

use super::world::{Run, Via, World};

/// The first mark of somebody else.
const THEIRS: u64 = 1_000_000;

/// Three actions of ours, each confirmed in a block of its own.
fn three_blocks(run: &mut Run<'_>) -> Vec<Bytes> {
    for _ in 0..3 {
        run.act_plain(1);
        run.world.until_pooled(1);
        run.world.node.mine();
        run.until("it is confirmed", |run| run.is_settled());
    }
    let mut raw: Vec<_> = run.world.submissions().into_iter().map(|(_, raw)| raw).collect();
    raw.dedup();
    raw
}

#[test]
fn case_09_a_reorg_of_three_omits_transactions() {
    for via in [Via::Http, Via::Ws] {
        let world = World::new();
        let mut run = world.start(via);
        let raw = three_blocks(&mut run);
        // Somebody else's mark comes first this time, and none of ours is left.
        world.ask("anvil_reorg", json!([3, [[world.stranger(THEIRS), 0]]]));
        run.until("their ends are taken back", |run| run.reopened == 3);
        assert_eq!(run.chain.confirmed().count, 1, "only the other one's mark is left");
        assert_eq!(run.chain.predicted().count, 4, "and ours are folded behind it");
        run.settle();
        assert!(world.submissions().len() >= raw.len() + 3, "they were sent again");
        let order: Vec<u64> = world.noted().into_iter().map(|noted| noted.mark).collect();
        assert_eq!(order, [THEIRS, 1, 2, 3], "now behind the other one's");
        world.verify_same_bytes();
        world.verify(&run);
    }
}

#[test]
fn case_09_a_reorg_of_three_includes_them_in_another_order() {
    for via in [Via::Http, Via::Ws] {
        let world = World::new();
        let mut run = world.start(via);
        let raw = three_blocks(&mut run);
        let blocks = [(&world.stranger(THEIRS), 0), (&raw[0], 0), (&raw[1], 2), (&raw[2], 2)];
        world.ask("anvil_reorg", json!([3, blocks]));
        // Nothing else is mined: what the new blocks hold is read from them.
        run.until("they have ended once more", |run| run.reopened == 3 && run.is_settled());
        assert_eq!(run.chain.confirmed().count, 4);
        let order: Vec<u64> = world.noted().into_iter().map(|noted| noted.mark).collect();
        assert_eq!(order, [THEIRS, 1, 2, 3], "now behind the other one's");
        world.verify_same_bytes();
        world.verify(&run);
    }
}
