//! The nonce lane: numbers are given once, in order, and the signed bytes stay until the chain has used them.

use std::collections::VecDeque;
use std::time::Duration;

use alloy::primitives::{B256, Bytes};
use smallvec::SmallVec;

use super::step::REORG_DEPTH;
use super::{Accepted, Offer, is_cancellation};
use crate::model::ActionId;

/// First wait before bytes that an endpoint did not take are sent again.
const FIRST_RETRY: Duration = Duration::from_millis(100);

/// Longest wait between two tries; an endpoint that comes back is noticed within it.
const LONGEST_RETRY: Duration = Duration::from_secs(5);

/// Age at which accepted but unmined bytes are offered again: pools forget. Identical bytes are harmless.
const REOFFER_AFTER: Duration = Duration::from_secs(15);

/// Blocks without the lowest transaction after which it is sent again; the pause doubles each time.
const REOFFER_BLOCKS: u32 = 2;

/// Least age at which that is done: with fast blocks, the transaction is still on its way.
const REOFFER_AGE: Duration = Duration::from_secs(1);

/// Longest pause that an endpoint may ask for. Whoever asks for more is asked again.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

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
    /// What the newest variant offers.
    pub offer: Offer,
    /// Blocks since the newest variant was signed or put back in flight.
    pub blocks: u32,
    /// Why it was cancelled, if it was.
    pub cancelled: Option<&'static str>,
    /// A pool found it too cheap.
    pub underpriced: bool,
    /// Since when the newest variant has waited.
    pub since: Duration,
    next_send: Duration,
    sent: Duration,
    blocks_at_send: u32,
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
    pub fn newest(&self) -> &Variant {
        &self.variants[self.variants.len() - 1]
    }

    fn new(nonce: u64, variants: Vec<Variant>, actions: Vec<ActionId>, now: Duration) -> Self {
        let offer = variants.last().map(|variant| Offer::read(&variant.raw)).unwrap_or_default();
        Self {
            nonce,
            variants,
            actions,
            kinds: Vec::new(),
            offer,
            blocks: 0,
            cancelled: None,
            underpriced: false,
            since: now,
            next_send: now,
            sent: now,
            blocks_at_send: 0,
            tries: 0,
        }
    }

    /// True when the transaction with this hash does nothing but use up the nonce.
    pub fn is_cancelled_by(&self, hash: B256) -> bool {
        self.variants.iter().any(|variant| variant.hash == hash && is_cancellation(&variant.raw))
    }

    /// True when the transaction with this hash was signed for this nonce.
    pub fn is_ours(&self, hash: B256) -> bool {
        self.variants.iter().any(|variant| variant.hash == hash)
    }
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

/// A transaction that a block has taken in: what it takes to put it back in flight, in little room. There are many.
#[derive(Clone, Debug)]
struct Mined {
    inclusion: Inclusion,
    nonce: u64,
    variants: SmallVec<[Variant; 1]>,
    actions: SmallVec<[ActionId; 2]>,
    kinds: SmallVec<[u8; 16]>,
    cancelled: Option<&'static str>,
}

impl Mined {
    fn new(inclusion: Inclusion, entry: &InFlight) -> Self {
        let variants = entry.variants.iter().cloned().collect();
        let (actions, kinds) = (entry.actions[..].into(), entry.kinds[..].into());
        Self { inclusion, nonce: entry.nonce, variants, actions, kinds, cancelled: entry.cancelled }
    }

    fn reopened(self, now: Duration) -> InFlight {
        let entry = InFlight::new(self.nonce, self.variants.into_vec(), self.actions.into_vec(), now);
        let (kinds, cancelled) = (self.kinds.into_vec(), self.cancelled);
        InFlight { kinds, cancelled, next_send: now + FIRST_RETRY, ..entry }
    }
}

/// Nonces and transactions of one session key: in flight, and mined so lately that the block may yet be dropped.
#[derive(Clone, Debug)]
pub struct NonceLane {
    next: u64,
    in_flight: VecDeque<InFlight>,
    mined: VecDeque<Box<Mined>>,
    quiet_until: Duration,
}

impl NonceLane {
    /// A lane whose next transaction carries the nonce `next`.
    pub fn new(next: u64) -> Self {
        Self { next, in_flight: VecDeque::new(), mined: VecDeque::new(), quiet_until: Duration::ZERO }
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

    /// Takes a transaction that was signed with [`next`](Self::next) for this offer; it is due at once.
    pub fn push(&mut self, variant: Variant, offer: Offer, batch: (Vec<ActionId>, Vec<u8>), now: Duration) {
        let nonce = self.next;
        self.next += 1;
        let (actions, kinds) = batch;
        let entry = InFlight::new(nonce, Vec::new(), actions, now);
        self.in_flight.push_back(InFlight { variants: vec![variant], kinds, offer, ..entry });
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
        let entry = InFlight::new(nonce, variants, actions, Duration::ZERO);
        self.in_flight.insert(at, InFlight { next_send, ..entry });
    }

    /// The lowest-numbered transaction that should be sent at `now`; its next try is put off.
    pub fn due(&mut self, now: Duration) -> Option<&InFlight> {
        if now < self.quiet_until {
            return None;
        }
        let entry = self.in_flight.iter_mut().find(|entry| entry.next_send <= now)?;
        entry.tries += 1;
        // Silence counts as a lost request only after the longest wait; an answer sets a shorter one.
        entry.next_send = now + LONGEST_RETRY;
        (entry.sent, entry.blocks_at_send) = (now, entry.blocks);
        Some(entry)
    }

    /// Takes an endpoint's answer to a transaction.
    pub fn answered(&mut self, nonce: u64, accepted: Accepted, now: Duration) {
        let Some(at) = self.in_flight.iter().position(|entry| entry.nonce == nonce) else { return };
        if accepted == Accepted::Gap {
            // Whatever lies below was lost on its way; what was sent just now may still be.
            let lost = self.in_flight.iter_mut().take(at).filter(|entry| now >= entry.sent + FIRST_RETRY);
            lost.for_each(|entry| entry.next_send = now);
        }
        if let Accepted::Throttled(pause) = accepted {
            // Everything waits: further requests would only prolong it.
            let pause = pause.unwrap_or(FIRST_RETRY).clamp(FIRST_RETRY, LONGEST_PAUSE);
            self.quiet_until = self.quiet_until.max(now + pause);
        }
        let entry = &mut self.in_flight[at];
        entry.underpriced |= accepted == Accepted::Underpriced;
        let wait = match accepted {
            Accepted::Yes | Accepted::Used => REOFFER_AFTER,
            _ => FIRST_RETRY.saturating_mul(1 << entry.tries.saturating_sub(1).min(16)).min(LONGEST_RETRY),
        };
        entry.next_send = now + wait;
    }

    /// Takes in a new block that holds none of what is in flight: pools forget, so the lowest one is sent again after
    /// some blocks. The others wait for it anyway, and are not touched.
    pub fn passed(&mut self, now: Duration) {
        self.in_flight.iter_mut().for_each(|entry| entry.blocks = entry.blocks.saturating_add(1));
        if let Some(lowest) = self.in_flight.front_mut() {
            let patience = REOFFER_BLOCKS << lowest.tries.saturating_sub(1).min(4);
            if lowest.blocks - lowest.blocks_at_send >= patience && now >= lowest.sent + REOFFER_AGE {
                lowest.next_send = lowest.next_send.min(now);
            }
        }
    }

    /// Adds another variant of a transaction in flight; it is due at once.
    pub fn replace(
        &mut self,
        nonce: u64,
        variant: Variant,
        offer: Offer,
        cancelled: Option<&'static str>,
        now: Duration,
    ) {
        if let Some(entry) = self.in_flight.iter_mut().find(|entry| entry.nonce == nonce) {
            entry.variants.push(variant);
            entry.offer = offer;
            entry.cancelled = entry.cancelled.or(cancelled);
            entry.underpriced = false;
            (entry.blocks, entry.blocks_at_send, entry.tries) = (0, 0, 0);
            (entry.since, entry.next_send) = (now, now);
        }
    }

    /// Most that all transactions in flight may cost together, in wei.
    pub fn reserved(&self) -> u128 {
        self.in_flight.iter().fold(0, |sum, entry| sum.saturating_add(entry.offer.cost()))
    }

    /// Puts a transaction aside whose nonce the chain has used, and gives back what it was; a reorg may yet bring it
    /// back.
    pub fn mined(&mut self, nonce: u64, inclusion: Inclusion) -> Option<InFlight> {
        let at = self.in_flight.iter().position(|entry| entry.nonce == nonce)?;
        let entry = self.in_flight.remove(at)?;
        let at = self.mined.partition_point(|other| other.inclusion.block <= inclusion.block);
        self.mined.insert(at, Box::new(Mined::new(inclusion, &entry)));
        Some(entry)
    }

    /// Puts transactions that were mined above `to`, or all with `None`, back in flight, and tells how they were mined.
    ///
    /// The same bytes are sent again after a short pause: mostly the new blocks hold them, and are read by then.
    pub fn reopened(&mut self, to: Option<u64>, now: Duration) -> Vec<Inclusion> {
        let kept = to.map_or(0, |to| self.mined.partition_point(|mined| mined.inclusion.block <= to));
        let mut dropped = Vec::new();
        for mined in self.mined.drain(kept..) {
            dropped.push(mined.inclusion);
            let at = self.in_flight.partition_point(|other| other.nonce < mined.nonce);
            self.in_flight.insert(at, mined.reopened(now));
        }
        dropped
    }

    /// Lets go of a transaction that lies so deep below the `head` that no reorg brings it back; its nonce.
    pub fn settled(&mut self, head: u64) -> Option<u64> {
        let deep = |mined: &mut Box<Mined>| mined.inclusion.block.saturating_add(REORG_DEPTH) <= head;
        self.mined.pop_front_if(deep).map(|mined| mined.nonce)
    }

    /// Earliest time at which something is due, or `None` when nothing is in flight.
    pub fn next_due(&self) -> Option<Duration> {
        self.in_flight.iter().map(|entry| entry.next_send.max(self.quiet_until)).min()
    }

    /// Transactions without a receipt, in nonce order.
    pub fn in_flight(&self) -> impl Iterator<Item = &InFlight> {
        self.in_flight.iter()
    }
}

#[cfg(test)]
mod tests;
