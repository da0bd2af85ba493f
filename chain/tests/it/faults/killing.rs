//! `kill -9` at every stage of an action's life, and a second process with the same key.

use latchkey::devnet::{Fault, Rule, RuleId};
use latchkey::{JournalError, StartError};

use super::player::Player;
use super::random::judge::judge;
use super::world::{DEADLINE, Via, World};

/// Frames of the player between two looks at it.
const LOOK: std::time::Duration = std::time::Duration::from_millis(5);

/// Marks that the first process acts before it is killed.
const MARKS: u64 = 6;

fn hold_back(world: &World) -> RuleId {
    world.inject(Rule::new(Fault::LoseRequest).on("eth_sendRaw*"))
}

impl Player {
    fn until(&mut self, what: &str, mut is_so: impl FnMut(&mut Self) -> bool) {
        let begun = std::time::Instant::now();
        while !is_so(self) {
            assert!(begun.elapsed() < DEADLINE, "not within {DEADLINE:?}: {what}; {}", self.story());
            self.listen(LOOK);
        }
    }

    /// Kills it, starts it again, and lets blocks come until it is done.
    fn resurrect(mut self, world: &World) -> Self {
        self.kill();
        world.proxy.clear();
        self.restart(world, Via::Http);
        self.until("the second process is done", |player| {
            world.node.mine();
            player.is_done()
        });
        world.node.mine();
        judge(world, &self);
        self
    }
}

#[test]
fn case_14_killed_after_enqueue() {
    let world = World::with(|policy| policy.max_actions_per_tx(8));
    // Behind the first ones they wait for company that does not come.
    let mut player = Player::start(&world, MARKS, 60_000, Via::Http);
    hold_back(&world);
    player.until("all are acted", |player| player.has_acted_all());
    let player = player.resurrect(&world);
    assert!(player.earlier < MARKS, "some were not signed yet, and nobody was told that they were on disk");
    assert_eq!(world.tally().count, player.earlier, "the chain has what the journal had");
}

#[test]
fn case_14_killed_after_the_journal() {
    let world = World::with(|policy| policy.max_actions_per_tx(2));
    hold_back(&world);
    let mut player = Player::start(&world, MARKS, 5, Via::Http);
    player.until("all are acted and some were to be sent", |player| {
        player.has_acted_all() && !world.submissions().is_empty()
    });
    assert_eq!(world.nonces(), (0, 0), "the endpoint has seen none of them");
    let player = player.resurrect(&world);
    assert!(player.earlier >= 1, "what was signed ends as an earlier run's: {}", player.story());
}

#[test]
fn case_14_killed_after_the_send() {
    let world = World::new();
    let mut player = Player::start(&world, MARKS, 5, Via::Http);
    player.until("all are in the pool", |player| player.acted() == MARKS && world.nonces().1 == MARKS);
    let player = player.resurrect(&world);
    assert_eq!(player.earlier, MARKS, "all end as an earlier run's");
    assert_eq!(world.nonces().0, MARKS, "in the transactions that it had signed");
}

#[test]
fn case_14_killed_after_the_receipt() {
    let world = World::new();
    let mut player = Player::start(&world, MARKS + 1, 5, Via::Http);
    player.until("most have their receipt", |player| {
        let (mined, pending) = world.nonces();
        if pending > mined && mined < MARKS - 1 {
            world.node.mine();
        }
        player.ends.len() as u64 >= MARKS - 1
    });
    let player = player.resurrect(&world);
    assert_eq!(world.nonces().0, world.tally().count, "a transaction for each mark: {}", player.story());
}

#[test]
fn case_14_a_second_process_with_the_same_key_is_refused() {
    let world = World::new();
    let mut player = Player::start(&world, 1, 5, Via::Http);
    player.until("it runs", |player| player.has_acted_all());
    let second = world.builder(Via::Http).journal(player.journal()).start().map(|_| ());
    let Err(StartError::Journal(JournalError::Locked { .. })) = second else { panic!("{second:?}") };
    player.resurrect(&world);
}
