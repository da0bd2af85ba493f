//! What the lane does when the chain, the endpoint or the coin fails it.

use super::*;
use crate::pure::{Accepted, is_cancellation};

const GWEI: u128 = 1_000_000_000;

fn limited(limits: Limits) -> Stepped {
    let stepped = Stepped::new();
    Stepped { lane: stepped.lane.limited(limits), ..stepped }
}

impl Stepped {
    /// Everything signed for a nonce, oldest first.
    fn variants(&self, of: u64) -> Vec<(B256, Bytes)> {
        let signed = self.records.iter().filter_map(|(_, record)| match record {
            Record::Signed { nonce, hash, raw, .. } if *nonce == of => Some((*hash, raw.clone())),
            _ => None,
        });
        signed.collect()
    }

    fn mine(&mut self, number: u64, nonce: u64, hash: B256) {
        let head = Head { number, timestamp: START + self.now.as_secs(), base_fee: self.base_fee, ..Head::default() };
        let receipts = vec![OwnReceipt { nonce, hash, gas_used: 21_000, result: Ok(Vec::new()) }];
        self.input(Input::Block { head, floor: 0, behind: 0, logs: Vec::new(), receipts });
    }

    fn answer(&mut self, nonce: u64, accepted: Accepted) {
        self.input(Input::Answer { nonce, accepted, message: None });
    }

    fn drains(&self) -> Vec<DrainReason> {
        let drains = self.told.iter().filter_map(|update| match update {
            Update::Draining(reason) => Some(*reason),
            _ => None,
        });
        drains.collect()
    }
}

#[test]
fn what_became_too_cheap_is_offered_for_more_at_the_same_nonce_and_ends_once() {
    let mut stepped = Stepped::new();
    stepped.act();
    stepped.base_fee = GWEI;
    stepped.block_at(1, Vec::new());
    assert_eq!(stepped.sent, [0, 0], "the same nonce again");
    let variants = stepped.variants(0);
    let [old, new] = [&variants[0], &variants[1]].map(|(_, raw)| Offer::read(raw));
    assert!(new.max_fee >= GWEI && new.priority_fee > old.priority_fee, "{old:?} became {new:?}");
    assert_eq!(old.gas_limit, new.gas_limit);
    stepped.mine(2, 0, variants[0].0);
    stepped.mine(3, 0, variants[1].0);
    assert_eq!(stepped.ended, [(1, Ending::Confirmed)], "the older one was taken after all, and that is the end");
}

#[test]
fn a_transaction_that_is_not_mined_is_sent_again_and_then_offered_for_more() {
    let mut stepped = Stepped::new();
    stepped.act();
    stepped.answer(0, Accepted::Yes);
    let mut signed = Vec::new();
    for number in 1..=8 {
        stepped.pass(1_000);
        stepped.block_at(number, Vec::new());
        signed.push((stepped.sent.len(), stepped.variants(0).len()));
    }
    assert_eq!(signed[1], (2, 1), "the same bytes after two blocks: pools forget");
    assert_eq!(signed[6].1, 1);
    assert_eq!(signed[7].1, 2, "another offer after eight");
}

#[test]
fn above_the_ceiling_the_nonce_is_used_up_and_nothing_new_is_signed() {
    let mut stepped = limited(Limits { fee_cap: Some(100), ..Limits::default() });
    stepped.act();
    stepped.base_fee = 150;
    stepped.block_at(1, Vec::new());
    let variants = stepped.variants(0);
    assert!(is_cancellation(&variants[1].1), "a transfer of nothing may cost more than a batch");
    stepped.act();
    stepped.pass(500);
    assert_eq!(stepped.signed.len(), 1);
    assert!(matches!(stepped.told.last(), Some(Update::Degraded(DegradedReason::FeeCeiling))), "{:?}", stepped.told);
    stepped.mine(2, 0, variants[1].0);
    assert!(matches!(&stepped.ended[..], [(1, Ending::Rejected(why))] if why.starts_with("cancelled")));
    stepped.base_fee = 10;
    stepped.block_at(3, Vec::new());
    assert_eq!(stepped.signed.len(), 2, "it goes on by itself");
    assert!(matches!(stepped.told.last(), Some(Update::Recovered)));
}

#[test]
fn offers_for_one_nonce_are_bounded() {
    let mut stepped = Stepped::new();
    stepped.act();
    for number in 1..200 {
        stepped.pass(1_000);
        stepped.base_fee += GWEI;
        stepped.block_at(number, Vec::new());
    }
    assert!(stepped.variants(0).len() <= 12, "{} variants", stepped.variants(0).len());
}

#[test]
fn without_coin_it_waits_tells_once_and_goes_on_when_there_is_more() {
    let mut stepped = limited(Limits { balance: Some(1_000), action_ttl: None, ..Limits::default() });
    stepped.act();
    stepped.pass(5_000);
    let told = stepped.told.iter().filter(|update| matches!(update, Update::GasMoney { .. })).count();
    assert_eq!((stepped.signed.len(), told, stepped.ended.len()), (0, 1, 0));
    assert_eq!(stepped.asked, [Question::Balance; 3], "every two seconds");
    stepped.input(Input::Balance(1_000));
    let told = stepped.told.iter().filter(|update| matches!(update, Update::GasMoney { .. })).count();
    assert_eq!(told, 1, "the same answer is no news");
    stepped.input(Input::Balance(u128::MAX));
    assert_eq!(stepped.signed, [vec![1]]);
    assert!(matches!(stepped.told.last(), Some(Update::Recovered)), "{:?}", stepped.told);
}

#[test]
fn a_top_up_is_noticed_although_nothing_waits_any_more() {
    let ttl = Some(Duration::from_secs(3));
    let mut stepped = limited(Limits { balance: Some(1_000), action_ttl: ttl, ..Limits::default() });
    stepped.act();
    stepped.pass(4_000);
    assert_eq!(stepped.ended, [(1, Ending::Expired)]);
    stepped.asked.clear();
    stepped.pass(11_000);
    assert_eq!(stepped.asked, [Question::Balance; 2], "every five seconds");
    let recovered = |stepped: &Stepped| matches!(stepped.told.last(), Some(Update::Recovered));
    stepped.input(Input::Balance(2_000));
    assert!(!recovered(&stepped), "it would not have paid for what had waited");
    stepped.input(Input::Balance(u128::MAX));
    assert!(recovered(&stepped), "{:?}", stepped.told);
    stepped.asked.clear();
    stepped.pass(60_000);
    assert_eq!(stepped.asked, [], "there is nothing to ask for any more");
}

#[test]
fn in_an_outage_actions_expire_and_afterwards_nothing_bursts() {
    let mut stepped = limited(Limits { action_ttl: Some(Duration::from_secs(10)), ..Limits::default() });
    for _ in 0..150 {
        stepped.act();
        stepped.pass(200);
    }
    let signed: usize = stepped.signed.iter().map(Vec::len).sum();
    let expired = stepped.ended.iter().filter(|(_, ending)| *ending == Ending::Expired).count();
    assert!(expired > 50 && stepped.lane.queued() <= 51, "{expired} expired, {} wait", stepped.lane.queued());
    assert_eq!(signed + expired + stepped.lane.queued(), 150, "nothing is lost");
    assert_eq!(stepped.lane.nonces.len(), 5, "what a block after the outage holds is within the cap");
}

#[test]
fn a_throttle_silences_everything_halves_the_window_and_is_told() {
    let mut stepped = Stepped::new();
    stepped.act();
    stepped.answer(0, Accepted::Throttled(Some(Duration::from_secs(2))));
    assert!(matches!(stepped.told.last(), Some(Update::Degraded(DegradedReason::Throttled))));
    assert_eq!(stepped.lane.window.size(), 4);
    stepped.pass(1_900);
    assert_eq!(stepped.sent, [0]);
    stepped.pass(200);
    assert_eq!(stepped.sent, [0, 0]);
    stepped.answer(0, Accepted::Yes);
    assert!(matches!(stepped.told.last(), Some(Update::Recovered)));
}

#[test]
fn a_session_that_ends_with_transactions_in_flight_is_told_once_and_signs_nothing_more() {
    for (words, expected) in [
        ("SessionUnknown(key: 0x00)", DrainReason::Revoked),
        ("Expired(validUntil: 7)", DrainReason::Expired),
        ("TooManyActions(max: 1)", DrainReason::PolicyChanged),
    ] {
        let mut stepped = Stepped::new();
        (0..20).for_each(|_| stepped.act());
        stepped.pass(2_000);
        let (signed, in_flight) = (stepped.signed.len(), stepped.lane.nonces.len());
        assert!(in_flight > 2);
        let reverts = (0..in_flight as u64).map(|nonce| (nonce, Err(Revert::other(words)))).collect();
        stepped.block_at(1, reverts);
        stepped.act();
        stepped.pass(5_000);
        assert_eq!(stepped.drains(), [expected]);
        assert_eq!((stepped.signed.len(), stepped.ended.len()), (signed, 21), "every action has an end");
    }
}

#[test]
fn the_session_is_looked_at_now_and_then_and_when_the_chain_refuses() {
    let mut stepped = Stepped::new();
    let mut mine = |after_s: u64, result: Result<Vec<FailedCall>, Revert>| {
        let nonce = stepped.signed.len() as u64;
        stepped.pass(after_s * 1_000);
        stepped.act();
        stepped.block_at(nonce + 1, vec![(nonce, result)]);
        std::mem::take(&mut stepped.asked)
    };
    assert_eq!(mine(2, Ok(Vec::new())), []);
    assert_eq!(mine(29, Ok(Vec::new())), [Question::Session]);
    assert_eq!(mine(2, Ok(Vec::new())), []);
    assert_eq!(mine(2, Err(Revert::other("not today"))), [Question::Session]);
    let mut idle = |after_s: u64, number: u64| {
        stepped.pass(after_s * 1_000);
        stepped.block_at(number, Vec::new());
        std::mem::take(&mut stepped.asked)
    };
    assert_eq!((idle(29, 10), idle(2, 11)), (vec![], vec![Question::Session]), "also while the player does nothing");
    for (told, expected) in [(None, vec![]), (Some(DrainReason::PolicyChanged), vec![DrainReason::PolicyChanged])] {
        stepped.input(Input::Session(told));
        assert_eq!(stepped.drains(), expected);
    }
}

#[test]
fn a_transaction_that_other_code_took_is_refused_and_ends_the_run() {
    let mut stepped = Stepped::new();
    stepped.act();
    let revert = Revert { kind: RevertKind::Elsewhere, ..Revert::other("other code") };
    stepped.block_at(1, vec![(0, Err(revert))]);
    assert_eq!(stepped.ended, [(1, Ending::Rejected("other code".to_owned()))]);
    assert_eq!(stepped.drains(), [DrainReason::DelegatedElsewhere]);
}

#[test]
fn a_batch_that_ran_out_of_gas_is_told_so_and_the_lane_goes_on_with_more() {
    let mut stepped = Stepped::new();
    stepped.act();
    let first = Offer::read(&stepped.variants(0)[0].1).gas_limit;
    let revert = Revert { kind: RevertKind::OutOfGas, ..Revert::other("out of gas") };
    stepped.block_at(1, vec![(0, Err(revert))]);
    assert_eq!(stepped.ended, [(1, Ending::Rejected("out of gas".to_owned()))]);
    stepped.pass(500);
    stepped.act();
    assert!(Offer::read(&stepped.variants(1)[0].1).gas_limit > first);
    assert_eq!(stepped.drains(), []);
}
