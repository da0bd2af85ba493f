//! Prediction and confirmed state over a purse that everybody may take from.

use alloy::primitives::{Address, Bytes, Log, U256};
use proptest::prelude::*;

use super::*;
use crate::model::Call;

/// A purse shared by everybody: an action takes some, and never more than there is.
#[derive(Debug)]
struct Purse(u64);

/// What is left in it, and a digest of all that was ever told: two ways to the same amount are different states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Left {
    amount: u64,
    digest: u64,
}

impl Model for Purse {
    type State = Left;
    type Action = u64;
    type Event = u64;
    type Reject = &'static str;

    fn initial(&self) -> Left {
        Left { amount: self.0, digest: 0 }
    }
    fn predict(&self, state: &mut Left, take: &u64, _at: u64) -> Result<(), &'static str> {
        state.amount = state.amount.checked_sub(*take).ok_or("the purse holds less")?;
        Ok(())
    }
    fn encode(&self, take: &u64) -> Call {
        Call::new(Address::ZERO, [0; 4]).arg(U256::from(*take))
    }
    fn decode(&self, log: &Log) -> Option<u64> {
        Some(u64::from_be_bytes(log.data.data.as_ref().try_into().ok()?))
    }
    fn apply(&self, state: &mut Left, left: &u64) {
        state.amount = *left;
        state.digest = state.digest.wrapping_mul(31).wrapping_add(left + 1);
    }
    fn checksum(&self, state: &Left) -> u64 {
        state.amount ^ state.digest.rotate_left(32)
    }
}

const OURS: B256 = B256::repeat_byte(1);
const THEIRS: B256 = B256::repeat_byte(2);

fn left(tx: B256, amount: u64) -> (B256, Log) {
    let data = Bytes::copy_from_slice(&amount.to_be_bytes());
    (tx, Log::new_unchecked(Address::ZERO, Vec::new(), data))
}

/// A step at a height above a floor of 0.
fn step(number: u64, logs: Vec<(B256, Log)>, ended: Vec<(ActionId, Ending)>) -> Step {
    let outcomes = vec![TransactionOutcome { hash: OURS, actions: ended }];
    Step { number, floor: 0, logs, outcomes }
}

/// Takes a step in as a frame with nothing else would.
fn take(reconciler: &mut Reconciler<Purse>, step: &Step) -> Vec<Settled<Purse>> {
    let mut settled = reconciler.settle(step);
    settled.extend(reconciler.fold());
    reconciler.verify().expect("the purse is deterministic");
    settled
}

fn amounts(reconciler: &Reconciler<Purse>) -> (u64, u64) {
    (reconciler.predicted().amount, reconciler.confirmed().amount)
}

#[test]
fn a_confirmed_action_leaves_the_list_in_the_step_that_brings_its_effect() {
    let mut reconciler = Reconciler::new(Purse(10), 4);
    let id = reconciler.predict(3, 0).expect("room and money");
    assert_eq!(amounts(&reconciler), (7, 10));
    let settled = take(&mut reconciler, &step(1, vec![left(OURS, 7)], vec![(id, Ending::Confirmed)]));
    assert!(matches!(settled[..], [Settled::Event(7, Some(of)), Settled::Ended(..)] if of == id));
    assert_eq!((amounts(&reconciler), reconciler.rollbacks()), ((7, 7), 0));
}

#[test]
fn somebody_elses_event_folds_ours_again_and_tells_a_conflict_once() {
    let mut reconciler = Reconciler::new(Purse(10), 4);
    let id = reconciler.predict(8, 0).expect("room and money");
    let theirs = |amount| step(1, vec![left(THEIRS, amount)], Vec::new());
    let conflicts = |settled: Vec<Settled<Purse>>| {
        settled.iter().filter(|s| matches!(s, Settled::Conflicted(of, ..) if *of == id)).count()
    };
    assert_eq!(conflicts(take(&mut reconciler, &theirs(5))), 1);
    assert_eq!(conflicts(take(&mut reconciler, &theirs(4))), 0, "told once, not on every block");
    assert_eq!((reconciler.predicted().amount, reconciler.unconfirmed()), (4, 1));
    take(&mut reconciler, &step(2, Vec::new(), vec![(id, Ending::Rejected("empty".into()))]));
    assert_eq!((reconciler.unconfirmed(), reconciler.rollbacks()), (0, 1), "one effect was withdrawn, once");
}

#[test]
fn what_was_only_between_two_steps_of_a_frame_is_no_conflict() {
    let mut reconciler = Reconciler::new(Purse(10), 4);
    reconciler.predict(8, 0).expect("room and money");
    for amount in [5, 9] {
        reconciler.settle(&step(1, vec![left(THEIRS, amount)], Vec::new()));
    }
    assert!(reconciler.fold().is_empty());
    assert_eq!((amounts(&reconciler), reconciler.rollbacks()), ((1, 9), 0));
}

#[test]
fn a_full_window_and_an_unplayable_action_change_nothing() {
    let mut reconciler = Reconciler::new(Purse(10), 1);
    assert!(matches!(reconciler.predict(11, 0), Err((11, PredictError::Unplayable(_)))));
    let id = reconciler.predict(1, 0).expect("room and money");
    assert!(matches!(reconciler.predict(1, 0), Err((1, PredictError::WindowFull))));
    assert_eq!(reconciler.withdraw_newest(id), Some(1));
    assert_eq!((reconciler.predicted().amount, reconciler.unconfirmed()), (10, 0));
}

#[test]
fn a_reorg_reopens_what_ended_in_the_dropped_blocks_in_the_order_of_acting() {
    let mut reconciler = Reconciler::new(Purse(10), 4);
    let ids = [1, 2, 3].map(|take| reconciler.predict(take, 0).expect("room and money"));
    take(&mut reconciler, &step(1, vec![left(OURS, 9)], vec![(ids[0], Ending::Confirmed)]));
    let before = *reconciler.confirmed();
    take(&mut reconciler, &step(2, vec![left(OURS, 6)], vec![(ids[2], Ending::Confirmed)]));
    take(&mut reconciler, &step(3, Vec::new(), vec![(ids[1], Ending::Rejected("late".into()))]));
    let settled = reconciler.step_back(Some(1));
    assert!(matches!(&settled[..], [
        Settled::Reopened(first, 2, Ending::Rejected(_)),
        Settled::Reopened(second, 3, Ending::Confirmed),
    ] if [*first, *second] == ids[1..]));
    assert!(reconciler.fold().is_empty());
    assert_eq!((*reconciler.confirmed(), reconciler.predicted().amount), (before, 4));
    let settled = take(&mut reconciler, &step(2, vec![left(OURS, 7)], vec![(ids[1], Ending::Confirmed)]));
    assert!(matches!(settled[..], [Settled::Event(7, Some(of)), Settled::Ended(..)] if of == ids[1]));
}

#[test]
fn a_history_told_again_from_the_start_begins_with_the_rules_state() {
    let mut reconciler = Reconciler::new(Purse(10), 4);
    for number in 1..=3 {
        let logs = vec![left(THEIRS, 10 - number)];
        take(&mut reconciler, &Step { number, floor: number, logs, outcomes: Vec::new() });
    }
    reconciler.step_back(None);
    reconciler.fold();
    assert_eq!((amounts(&reconciler), reconciler.confirmed().digest), ((10, 10), 0));
}

#[test]
fn what_was_never_signed_stays_expired() {
    let mut reconciler = Reconciler::new(Purse(10), 4);
    let id = reconciler.predict(3, 0).expect("room and money");
    let settled = reconciler.expire(&[id, ActionId(99)]);
    assert!(matches!(settled[..], [Settled::Ended(of, 3, Ending::Expired)] if of == id));
    assert!(reconciler.step_back(Some(0)).is_empty());
    reconciler.fold();
    assert_eq!((amounts(&reconciler), reconciler.rollbacks()), ((10, 10), 1));
}

/// A model that is not deterministic: what it predicts depends on how often it was asked.
#[derive(Debug, Default)]
struct Fickle(std::sync::atomic::AtomicU64);

impl Model for Fickle {
    type State = u64;
    type Action = ();
    type Event = ();
    type Reject = &'static str;

    fn initial(&self) -> u64 {
        0
    }
    fn predict(&self, state: &mut u64, (): &(), _at: u64) -> Result<(), &'static str> {
        *state = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Ok(())
    }
    fn encode(&self, (): &()) -> Call {
        Call::new(Address::ZERO, [0; 4])
    }
    fn decode(&self, _: &Log) -> Option<()> {
        None
    }
    fn apply(&self, _: &mut u64, (): &()) {}
    fn checksum(&self, state: &u64) -> u64 {
        *state
    }
}

#[test]
fn rules_that_are_not_deterministic_are_found_out() {
    let mut reconciler = Reconciler::new(Fickle::default(), 4);
    assert_eq!(reconciler.verify(), Ok(()));
    reconciler.predict((), 0).expect("room");
    assert_eq!(reconciler.verify(), Err(Divergence { state: "predicted", held: 0, again: 1 }));
}

/// A block as the property test remembers it.
#[derive(Clone, Debug, Default)]
struct Block {
    events: Vec<u64>,
    ended: Vec<ActionId>,
}

/// Blocks that may be taken back in the property test.
const DEPTH: usize = 5;

proptest! {
    /// However blocks come and go: the confirmed state is a replay of the canonical ones, what they have not ended is
    /// unconfirmed in the order of acting, and the prediction is those folded over the confirmed state.
    #[test]
    fn both_states_follow_from_the_canonical_blocks(script in proptest::collection::vec((0u8..6, 0u64..6), 1..120)) {
        let purse = Purse(40);
        let mut reconciler = Reconciler::new(Purse(40), 16);
        let mut acted: Vec<(ActionId, u64)> = Vec::new();
        let mut chain: Vec<Block> = Vec::new();
        let mut floor = 0;
        for (kind, amount) in script {
            let open: Vec<_> = acted.iter().filter(|(id, _)| chain.iter().all(|block| !block.ended.contains(id))).copied().collect();
            match kind {
                0 | 1 => acted.extend(reconciler.predict(amount, 0).ok().map(|id| (id, amount))),
                2 => {
                    let to = (chain.len().saturating_sub(amount as usize)).max(floor);
                    chain.truncate(to);
                    reconciler.step_back(Some(to as u64));
                }
                _ => {
                    // Any of the open ones ends, not always the oldest: a reorg may bring another order.
                    let ends = (kind < 5).then(|| open.get(amount as usize)).flatten();
                    let now = reconciler.confirmed().amount.saturating_sub(ends.map_or(amount, |(_, take)| *take));
                    let block = Block { events: vec![now], ended: ends.map(|(id, _)| *id).into_iter().collect() };
                    let ending = if kind == 3 { Ending::Confirmed } else { Ending::Rejected("no".into()) };
                    let ended = block.ended.iter().map(|id| (*id, ending.clone())).collect();
                    chain.push(block);
                    floor = floor.max(chain.len().saturating_sub(DEPTH));
                    let told = step(chain.len() as u64, vec![left(if kind == 3 { OURS } else { THEIRS }, now)], ended);
                    reconciler.settle(&Step { floor: floor as u64, ..told });
                }
            }
            reconciler.fold();
            prop_assert_eq!(reconciler.verify(), Ok(()));

            let mut state = purse.initial();
            chain.iter().flat_map(|block| &block.events).for_each(|event| purse.apply(&mut state, event));
            prop_assert_eq!(*reconciler.confirmed(), state);
            let open = acted.iter().filter(|(id, _)| chain.iter().all(|block| !block.ended.contains(id)));
            let mut count = 0;
            for (_, take) in open {
                count += 1;
                let _ = purse.predict(&mut state, take, 0);
            }
            prop_assert_eq!((*reconciler.predicted(), reconciler.unconfirmed()), (state, count));
        }
    }
}
