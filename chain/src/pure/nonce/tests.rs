//! The nonce lane on a stepped clock.

use super::*;

fn lane(count: u64) -> NonceLane {
    let mut lane = NonceLane::new(5);
    for id in 0..count {
        let variant = Variant { hash: B256::with_last_byte(id as u8), raw: Bytes::from(vec![id as u8]) };
        lane.push(variant, Offer::default(), (vec![ActionId(id)], Vec::new()), Duration::ZERO);
    }
    lane
}

fn in_block(block: u64) -> Inclusion {
    Inclusion { block, ..Inclusion::default() }
}

fn sent(lane: &mut NonceLane, now: Duration) -> Vec<u64> {
    std::iter::from_fn(|| lane.due(now).map(|entry| entry.nonce)).collect()
}

#[test]
fn each_transaction_is_sent_once_in_nonce_order() {
    let mut lane = lane(3);
    assert_eq!(sent(&mut lane, Duration::ZERO), [5, 6, 7]);
    assert_eq!(sent(&mut lane, Duration::from_millis(50)), [0; 0]);
}

#[test]
fn only_the_refused_one_is_sent_again_with_growing_pauses() {
    let mut lane = lane(3);
    sent(&mut lane, Duration::ZERO);
    for nonce in [5, 7] {
        lane.answered(nonce, Accepted::Yes, Duration::ZERO);
    }
    lane.answered(6, Accepted::Retry, Duration::ZERO);
    assert_eq!(sent(&mut lane, FIRST_RETRY), [6]);
    lane.answered(6, Accepted::Retry, FIRST_RETRY);
    assert_eq!(sent(&mut lane, FIRST_RETRY * 2), [0; 0], "the second pause is longer than the first");
    assert_eq!(sent(&mut lane, FIRST_RETRY * 3), [6]);
}

#[test]
fn the_middle_one_that_was_lost_is_sent_again_alone() {
    let mut lane = lane(3);
    sent(&mut lane, Duration::ZERO);
    (5..8).for_each(|nonce| lane.answered(nonce, Accepted::Yes, Duration::ZERO));
    lane.mined(5, in_block(1));
    let blocks = (1..4).map(Duration::from_secs).flat_map(|now| {
        lane.passed(now);
        sent(&mut lane, now)
    });
    assert_eq!(blocks.collect::<Vec<_>>(), [6], "seven waits for it, and is in the pool");
}

#[test]
fn a_gap_brings_the_lower_ones_and_a_throttle_silences_all() {
    let mut lane = lane(3);
    sent(&mut lane, Duration::ZERO);
    let now = Duration::from_secs(1);
    lane.answered(7, Accepted::Gap, now);
    assert_eq!(sent(&mut lane, now), [5, 6]);
    lane.answered(5, Accepted::Throttled(Some(Duration::from_secs(3))), now);
    assert_eq!(sent(&mut lane, now + Duration::from_millis(2_999)), [0; 0]);
    assert_eq!(sent(&mut lane, now + Duration::from_secs(3)), [5, 7]);
    lane.answered(5, Accepted::Throttled(Some(Duration::MAX)), now);
    assert!(!sent(&mut lane, now + LONGEST_PAUSE).is_empty(), "nobody silences us for long");
}

#[test]
fn silence_and_a_forgetful_pool_lead_to_the_same_bytes_again() {
    let mut lane = lane(1);
    sent(&mut lane, Duration::ZERO);
    assert_eq!(sent(&mut lane, LONGEST_RETRY), [5], "no answer at all");
    lane.answered(5, Accepted::Yes, LONGEST_RETRY);
    assert_eq!(sent(&mut lane, LONGEST_RETRY + REOFFER_AFTER), [5], "accepted, but never mined");
}

#[test]
fn what_an_earlier_run_signed_is_sent_again_and_its_nonces_are_not_given_anew() {
    let mut lane = NonceLane::new(5);
    let variant = |byte| Variant { hash: B256::repeat_byte(byte), raw: Bytes::from(vec![byte]) };
    lane.restore(6, vec![variant(5), variant(6)], vec![ActionId(1)]);
    lane.restore(7, vec![variant(7)], vec![ActionId(2)]);
    assert_eq!(lane.next(), 8, "not the endpoint's 5");
    assert_eq!(lane.due(Duration::ZERO).map(|entry| entry.newest().clone()), Some(variant(6)));
    assert_eq!(sent(&mut lane, Duration::ZERO), [7]);
    assert!(
        lane.mined(6, Inclusion::default()).is_some_and(|entry| entry.is_ours(B256::repeat_byte(5))),
        "the older one counts too"
    );
}

#[test]
fn a_used_nonce_leaves_the_lane_and_is_never_given_again() {
    let mut lane = lane(2);
    assert_eq!(lane.mined(5, in_block(1)).map(|entry| entry.actions), Some(vec![ActionId(0)]));
    assert!(lane.mined(5, in_block(1)).is_none());
    assert_eq!((lane.len(), lane.next()), (1, 7));
}

#[test]
fn a_reorg_puts_the_same_bytes_back_in_flight_at_their_place() {
    let mut lane = lane(3);
    sent(&mut lane, Duration::ZERO);
    let bytes: Vec<_> = lane.in_flight().map(|entry| entry.variants.clone()).collect();
    for (nonce, block) in [(5, 10), (6, 11)] {
        lane.mined(nonce, in_block(block));
    }
    assert_eq!(lane.reopened(Some(10), Duration::ZERO), [in_block(11)], "block 10 is still canonical");
    assert_eq!(sent(&mut lane, FIRST_RETRY), [6], "not at once: the new blocks may hold it");
    assert_eq!(lane.reopened(None, FIRST_RETRY), [in_block(10)]);
    assert_eq!(lane.in_flight().map(|entry| entry.variants.clone()).collect::<Vec<_>>(), bytes);
    assert_eq!(lane.next(), 8, "no nonce is given again");
}

#[test]
fn what_lies_deep_enough_is_let_go_once() {
    let mut lane = lane(2);
    lane.mined(6, in_block(11));
    lane.mined(5, in_block(10));
    assert_eq!(lane.settled(9 + REORG_DEPTH), None);
    assert_eq!((lane.settled(10 + REORG_DEPTH), lane.settled(10 + REORG_DEPTH)), (Some(5), None));
    assert_eq!(lane.reopened(None, Duration::ZERO), [in_block(11)]);
}
