//! The lane on a stepped clock.

mod trouble;

use alloy::primitives::{Address, B256, Bytes, keccak256};

use super::*;
use crate::model::Call;
use crate::pure::{Ending, Method, MethodTable, REORG_DEPTH};
use crate::session::SessionKey;

const GAME: Address = Address::repeat_byte(1);
const START: u64 = 1_000_000;

fn methods() -> MethodTable {
    MethodTable::new(vec![Method { target: GAME, selector: [1; 4], rule: 0, index: 0 }], 0)
}

/// A lane on a stepped clock, with what it has put out.
struct Stepped {
    lane: Lane,
    now: Duration,
    sent: Vec<u64>,
    /// Each with the number of transactions that were sent before it.
    records: Vec<(usize, Record)>,
    signed: Vec<Vec<u64>>,
    ended: Vec<(u64, Ending)>,
    told: Vec<Update>,
    asked: Vec<Question>,
    base_fee: u128,
    next_id: u64,
}

impl Stepped {
    fn new() -> Self {
        Self::restoring(Vec::new())
    }

    fn restoring(restored: Vec<Restored>) -> Self {
        let terms = SessionTerms {
            chain_id: 1,
            account: Address::ZERO,
            tx_limit: 5,
            tx_period_s: 1,
            max_actions_per_tx: 4,
            valid_until: START + 100,
        };
        let key = SessionKey::from_bytes(&[7; 32]).expect("a valid scalar");
        let head = Head { timestamp: START, ..Head::default() };
        let opening = Opening { head, priority_fee: 1, restored, ..Opening::default() };
        let lane = Lane::new(Box::new(key), terms, opening, Duration::from_millis(30));
        let (sent, records, signed, ended) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (told, asked) = (Vec::new(), Vec::new());
        Self { lane, now: Duration::ZERO, sent, records, signed, ended, told, asked, base_fee: 0, next_id: 0 }
    }

    fn input(&mut self, input: Input) {
        let mut out = Vec::new();
        self.lane.tick(self.now, input, &mut out);
        for output in out {
            match output {
                Output::Send { nonce, .. } => self.sent.push(nonce),
                Output::Update(Update::Signed { actions, .. }) => {
                    self.signed.push(actions.into_iter().map(|id| id.0).collect());
                }
                Output::Update(Update::Block { step, .. }) => {
                    let ended = step.outcomes.into_iter().flat_map(|outcome| outcome.actions);
                    self.ended.extend(ended.map(|(id, ending)| (id.0, ending)));
                }
                Output::Update(Update::Expired(ids)) => {
                    self.ended.extend(ids.into_iter().map(|id| (id.0, Ending::Expired)));
                }
                Output::Record(record) => self.records.push((self.sent.len(), record)),
                Output::Ask(question) => self.asked.push(question),
                Output::Update(update) => self.told.push(update),
            }
        }
    }

    fn act(&mut self) {
        let call = methods().pack(Call::new(GAME, [1; 4])).expect("allowed");
        self.next_id += 1;
        self.input(Input::Act(ActionId(self.next_id), call));
    }

    /// Lets time pass in steps of a millisecond.
    fn pass(&mut self, ms: u64) {
        for _ in 0..ms {
            self.now += Duration::from_millis(1);
            self.input(Input::Tick);
        }
    }

    fn block(&mut self, receipts: Vec<(u64, Result<Vec<FailedCall>, Revert>)>) {
        self.block_at(0, receipts);
    }

    fn block_at(&mut self, number: u64, receipts: Vec<(u64, Result<Vec<FailedCall>, Revert>)>) {
        let timestamp = START + self.now.as_secs();
        let receipts = receipts
            .into_iter()
            .map(|(nonce, result)| OwnReceipt { nonce, hash: B256::ZERO, gas_used: 1, result })
            .collect();
        let head = Head { number, timestamp, base_fee: self.base_fee, ..Head::default() };
        self.input(Input::Block { head, floor: 0, behind: 0, logs: Vec::new(), receipts });
    }
}

#[test]
fn a_lone_action_leaves_at_once_and_the_next_ones_wait_for_each_other() {
    let mut stepped = Stepped::new();
    stepped.act();
    assert_eq!((&stepped.sent[..], &stepped.signed[..]), (&[0][..], &[vec![1]][..]));
    stepped.act();
    stepped.act();
    assert_eq!(stepped.sent, [0], "the cap holds the second transaction back");
    stepped.pass(250);
    assert_eq!(stepped.signed, [vec![1], vec![2, 3]], "waiting turned into batch size");
    assert_eq!(stepped.lane.queued(), 0);
}

#[test]
fn the_window_bounds_what_is_in_flight_and_the_cap_what_leaves_in_a_second() {
    let mut stepped = Stepped::new();
    for _ in 0..60 {
        stepped.act();
    }
    stepped.pass(999);
    assert!(stepped.signed.len() <= 5, "{} transactions in a second", stepped.signed.len());
    stepped.pass(4_000);
    assert_eq!(stepped.lane.nonces.len(), 5, "nothing is confirmed, and more than five in one block would be refused");
}

#[test]
fn outcomes_are_told_action_by_action() {
    let mut stepped = Stepped::new();
    stepped.act();
    for _ in 0..3 {
        stepped.act();
    }
    stepped.pass(250);
    let revert = Revert::other("MonsterDown");
    stepped.block(vec![(0, Err(revert)), (1, Ok(vec![FailedCall { index: 1, reason: "MonsterDown".into() }]))]);
    let told: Vec<_> = stepped.ended.iter().map(|(id, ending)| (*id, *ending == Ending::Confirmed)).collect();
    assert_eq!(told, [(1, false), (2, true), (3, false), (4, true)]);
}

#[test]
fn before_the_end_of_the_session_nothing_new_is_signed() {
    let mut stepped = Stepped::new();
    stepped.pass(1);
    stepped.now = Duration::from_secs(96);
    stepped.act();
    assert_eq!((&stepped.signed[..], &stepped.ended[..]), (&[][..], &[(1, Ending::Expired)][..]));
}

#[test]
fn a_revoked_session_signs_nothing_more() {
    let mut stepped = Stepped::new();
    stepped.act();
    stepped.pass(50);
    stepped.act();
    stepped.block(vec![(0, Err(Revert::other("SessionUnknown")))]);
    stepped.pass(1_000);
    stepped.act();
    assert_eq!(stepped.signed, [vec![1]]);
    let expired: Vec<_> = stepped.ended.iter().filter(|(_, end)| *end == Ending::Expired).map(|(id, _)| *id).collect();
    assert_eq!(expired, [2, 3], "what was queued and what came later");
}

#[test]
fn a_refusal_by_frequency_holds_the_lane_back_until_the_bucket_fills() {
    let mut stepped = Stepped::new();
    stepped.act();
    stepped.pass(300);
    stepped.block_at(1, Vec::new());
    let revert = Revert { kind: RevertKind::RateLimited, ..Revert::other("RateLimited") };
    stepped.block_at(2, vec![(0, Err(revert))]);
    stepped.act();
    stepped.pass(600);
    assert_eq!(stepped.sent, [0], "two blocks shared a second, so the next may lie in it as well");
    stepped.pass(400);
    stepped.block_at(3, Vec::new());
    assert_eq!(stepped.sent, [0, 1], "a block of the next second");
}

#[test]
fn a_transaction_is_recorded_before_it_leaves_and_after_the_chain_has_it() {
    let mut stepped = Stepped::new();
    stepped.act();
    let [(0, Record::Signed { nonce: 0, hash, raw, actions })] = &stepped.records[..] else {
        panic!("{:?}", stepped.records)
    };
    assert_eq!((keccak256(raw), &actions[..]), (*hash, &[ActionId(1)][..]));
    stepped.block_at(1, vec![(0, Ok(Vec::new()))]);
    stepped.block_at(REORG_DEPTH, Vec::new());
    assert_eq!(stepped.records.len(), 1, "a reorg may still drop it");
    stepped.block_at(1 + REORG_DEPTH, Vec::new());
    assert_eq!(stepped.records.last(), Some(&(1, Record::Settled { nonce: 0 })));
}

#[test]
fn what_a_reorg_dropped_is_sent_again_as_it_was_and_may_end_otherwise() {
    let mut stepped = Stepped::new();
    stepped.act();
    stepped.block_at(1, vec![(0, Ok(Vec::new()))]);
    stepped.act();
    stepped.pass(250);
    stepped.block_at(2, vec![(1, Ok(Vec::new()))]);
    stepped.input(Input::Reorged { to: Some(1) });
    stepped.pass(99);
    assert_eq!(stepped.sent, [0, 1], "the new blocks may hold it");
    stepped.pass(1);
    assert_eq!(stepped.sent, [0, 1, 1]);
    assert_eq!(stepped.signed, [vec![1], vec![2]], "nothing is signed for it again");
    stepped.block_at(2, vec![(1, Err(Revert::other("MonsterDown")))]);
    let told: Vec<_> = stepped.ended.iter().map(|(id, ending)| (*id, *ending == Ending::Confirmed)).collect();
    assert_eq!(told, [(1, true), (2, true), (2, false)]);
}

#[test]
fn the_chains_present_is_not_taken_from_its_history() {
    let mut stepped = Stepped::new();
    let head = Head { timestamp: START + 1_000, ..Head::default() };
    stepped.input(Input::Block { head, floor: 0, behind: 1, logs: Vec::new(), receipts: Vec::new() });
    stepped.act();
    assert_eq!((stepped.sent.len(), &stepped.ended[..]), (1, &[][..]), "the session is not over");
}

#[test]
fn what_was_restored_is_sent_again_as_it_was_and_ends_its_actions() {
    let variants = vec![(B256::ZERO, Bytes::from_static(&[1])), (B256::repeat_byte(1), Bytes::from_static(&[2]))];
    let restored = Restored { nonce: 4, variants, actions: vec![ActionId(9)] };
    let mut stepped = Stepped::restoring(vec![restored]);
    stepped.input(Input::Tick);
    assert_eq!((&stepped.sent[..], &stepped.records[..]), (&[4][..], &[][..]), "nothing is signed for it");
    stepped.act();
    stepped.pass(100);
    assert_eq!(stepped.sent, [4, 5], "its nonce is not given again");
    stepped.block(vec![(4, Ok(Vec::new()))]);
    assert_eq!(stepped.ended, [(9, Ending::Confirmed)]);
}
