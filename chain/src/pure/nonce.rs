//! The nonce lane: numbers are given once, in order, and the signed bytes stay until the chain has used them.

use std::collections::VecDeque;
use std::time::Duration;

use alloy::primitives::{B256, Bytes};

use super::step::REORG_DEPTH;
use crate::model::ActionId;

/// First wait before bytes that an endpoint did not take are sent again.
const FIRST_RETRY: Duration = Duration::from_millis(100);

/// Longest wait between two tries; an endpoint that comes back is noticed within it.
const LONGEST_RETRY: Duration = Duration::from_secs(5);

/// Age at which accepted but unmined bytes are offered again: pools forget. Identical bytes are harmless.
const REOFFER_AFTER: Duration = Duration::from_secs(15);

/// A signed transaction that has no receipt yet.
#[derive(Clone, Debug)]
pub struct InFlight {
    /// Nonce on the session key's account.
    pub nonce: u64,
    /// All that was signed for this nonce, oldest first; the chain takes one of them. Never empty.
    pub variants: Vec<Variant>,
    /// Actions in the order of their calls.
    pub actions: Vec<ActionId>,
    /// Kinds of its calls, to learn of gas from its receipt; none where an earlier run signed it.
    pub kinds: Vec<u8>,
    next_send: Duration,
    tries: u32,
}

/// One signed transaction; the unit of retry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// Hash of the transaction.
    pub hash: B256,
    /// Signed bytes.
    pub raw: Bytes,
}

impl InFlight {
    /// What is offered to the endpoints: the newest variant, which pays most.
    pub fn offer(&self) -> &Variant {
        &self.variants[self.variants.len() - 1]
    }

    /// True when the transaction with this hash was signed for this nonce.
    pub fn is_ours(&self, hash: B256) -> bool {
        self.variants.iter().any(|variant| variant.hash == hash)
    }
}

/// What an endpoint made of the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// It has them, or had them before.
    Yes,
    /// It did not take them, or nobody knows: they are sent again.
    Retry,
}

/// How a block took a transaction in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Inclusion {
    /// Height at which it was told; its block lies there, or not far below.
    pub block: u64,
    /// Hash of the variant that was taken.
    pub hash: B256,
    /// Gas used.
    pub gas_used: u64,
    /// True when it reverted, or something else used its nonce.
    pub reverted: bool,
    /// True when the frequency cap refused it.
    pub rate_limited: bool,
}

/// Nonces and transactions of one session key: in flight, and mined so lately that the block may yet be dropped.
#[derive(Clone, Debug)]
pub struct NonceLane {
    next: u64,
    in_flight: VecDeque<InFlight>,
    mined: VecDeque<(Inclusion, InFlight)>,
}

impl NonceLane {
    /// A lane whose next transaction carries the nonce `next`.
    pub fn new(next: u64) -> Self {
        Self { next, in_flight: VecDeque::new(), mined: VecDeque::new() }
    }

    /// The nonce that the next signed transaction must carry.
    pub fn next(&self) -> u64 {
        self.next
    }

    /// Number of transactions without a receipt.
    pub fn len(&self) -> usize {
        self.in_flight.len()
    }

    /// True when every transaction has its receipt.
    pub fn is_empty(&self) -> bool {
        self.in_flight.is_empty()
    }

    /// Takes a transaction that was signed with [`next`](Self::next); it is due at once.
    pub fn push(&mut self, hash: B256, raw: Bytes, (actions, kinds): (Vec<ActionId>, Vec<u8>), now: Duration) {
        let nonce = self.next;
        self.next += 1;
        let variants = vec![Variant { hash, raw }];
        self.in_flight.push_back(InFlight { nonce, variants, actions, kinds, next_send: now, tries: 0 });
    }

    /// Takes back a transaction of an earlier run, in nonce order. It is due at once, as the bytes it was, or a while
    /// later when the endpoint counts it already: in its pool, or in a block.
    ///
    /// Its nonce is never given again, whatever an endpoint says is pending.
    pub fn restore(&mut self, nonce: u64, variants: Vec<Variant>, actions: Vec<ActionId>) {
        if variants.is_empty() {
            return;
        }
        let next_send = if nonce < self.next { REOFFER_AFTER } else { Duration::ZERO };
        self.next = self.next.max(nonce + 1);
        let at = self.in_flight.partition_point(|entry| entry.nonce < nonce);
        self.in_flight.insert(at, InFlight { nonce, variants, actions, kinds: Vec::new(), next_send, tries: 0 });
    }

    /// The lowest-numbered transaction that should be sent at `now`; its next try is put off.
    pub fn due(&mut self, now: Duration) -> Option<&InFlight> {
        let entry = self.in_flight.iter_mut().find(|entry| entry.next_send <= now)?;
        entry.tries += 1;
        // Silence counts as a lost request only after the longest wait; an answer sets a shorter one.
        entry.next_send = now + LONGEST_RETRY;
        Some(entry)
    }

    /// Takes an endpoint's answer to a transaction.
    pub fn answered(&mut self, nonce: u64, accepted: Accepted, now: Duration) {
        if let Some(entry) = self.in_flight.iter_mut().find(|entry| entry.nonce == nonce) {
            let wait = match accepted {
                Accepted::Yes => REOFFER_AFTER,
                Accepted::Retry => {
                    FIRST_RETRY.saturating_mul(1 << entry.tries.saturating_sub(1).min(16)).min(LONGEST_RETRY)
                }
            };
            entry.next_send = now + wait;
        }
    }

    /// Puts a transaction aside whose nonce the chain has used; a reorg may yet bring it back.
    pub fn mined(&mut self, nonce: u64, inclusion: Inclusion) -> Option<&InFlight> {
        let at = self.in_flight.iter().position(|entry| entry.nonce == nonce)?;
        let entry = self.in_flight.remove(at)?;
        let at = self.mined.partition_point(|(other, _)| other.block <= inclusion.block);
        self.mined.insert(at, (inclusion, entry));
        self.mined.get(at).map(|(_, entry)| entry)
    }

    /// Puts transactions that were mined above `to`, or all with `None`, back in flight, and tells how they were mined.
    ///
    /// The same bytes are sent again after a short pause: mostly the new blocks hold them, and are read by then.
    pub fn reopened(&mut self, to: Option<u64>, now: Duration) -> Vec<Inclusion> {
        let kept = to.map_or(0, |to| self.mined.partition_point(|(inclusion, _)| inclusion.block <= to));
        let mut dropped = Vec::new();
        for (inclusion, mut entry) in self.mined.drain(kept..) {
            entry.next_send = now + FIRST_RETRY;
            entry.tries = 0;
            let at = self.in_flight.partition_point(|other| other.nonce < entry.nonce);
            self.in_flight.insert(at, entry);
            dropped.push(inclusion);
        }
        dropped
    }

    /// Lets go of a transaction that lies so deep below the `head` that no reorg brings it back; its nonce.
    pub fn settled(&mut self, head: u64) -> Option<u64> {
        let deep = |(inclusion, _): &mut (Inclusion, InFlight)| inclusion.block.saturating_add(REORG_DEPTH) <= head;
        self.mined.pop_front_if(deep).map(|(_, entry)| entry.nonce)
    }

    /// Earliest time at which something is due, or `None` when nothing is in flight.
    pub fn next_due(&self) -> Option<Duration> {
        self.in_flight.iter().map(|entry| entry.next_send).min()
    }

    /// Transactions without a receipt, in nonce order.
    pub fn in_flight(&self) -> impl Iterator<Item = &InFlight> {
        self.in_flight.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(count: u64) -> NonceLane {
        let mut lane = NonceLane::new(5);
        for id in 0..count {
            lane.push(
                B256::with_last_byte(id as u8),
                Bytes::from(vec![id as u8]),
                (vec![ActionId(id)], Vec::new()),
                Duration::ZERO,
            );
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
        lane.restore(7, vec![variant(7)], vec![ActionId(2)]);
        lane.restore(6, vec![variant(5), variant(6)], vec![ActionId(1)]);
        assert_eq!(lane.next(), 8, "not the endpoint's 5");
        assert_eq!(lane.due(Duration::ZERO).map(|entry| entry.offer().clone()), Some(variant(6)));
        assert_eq!(sent(&mut lane, Duration::ZERO), [7]);
        assert!(
            lane.mined(6, Inclusion::default()).is_some_and(|entry| entry.is_ours(B256::repeat_byte(5))),
            "the older one counts too"
        );
    }

    #[test]
    fn a_used_nonce_leaves_the_lane_and_is_never_given_again() {
        let mut lane = lane(2);
        assert_eq!(lane.mined(5, in_block(1)).map(|entry| &entry.actions[..]), Some(&[ActionId(0)][..]));
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
}
