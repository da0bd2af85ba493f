//! The order in which a block takes transactions from the pool.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BinaryHeap, VecDeque},
    sync::Arc,
};

use alloy::consensus::Transaction;

use super::Pooled;

/// Transactions that can be mined now: the best tip first, the earliest first among equals, and
/// never a sender's later nonce before its earlier one.
#[derive(Debug)]
pub(crate) struct Ready {
    heads: BinaryHeap<Lane>,
    base_fee: u64,
}

/// The consecutive transactions of one sender.
#[derive(Debug)]
struct Lane {
    tip: u128,
    sequence: u64,
    waiting: VecDeque<Arc<Pooled>>,
}

impl Ready {
    pub(super) fn new<'a>(senders: impl Iterator<Item = (u64, &'a BTreeMap<u64, Arc<Pooled>>)>, base_fee: u64) -> Self {
        let heads = senders.filter_map(|(nonce, waiting)| {
            let consecutive = waiting
                .range(nonce..)
                .zip(nonce..)
                .take_while(|((have, _), wanted)| *have == wanted)
                .map(|((_, pooled), _)| pooled.clone());
            Lane::new(consecutive.collect(), base_fee)
        });
        Self { heads: heads.collect(), base_fee }
    }

    /// The next transaction, with the handle to go on with its sender.
    ///
    /// Dropping the rest skips the sender for this block.
    pub(crate) fn pop(&mut self) -> Option<(Arc<Pooled>, Rest)> {
        let mut lane = self.heads.pop()?;
        let pooled = lane.waiting.pop_front()?;
        Some((pooled, Rest(lane.waiting)))
    }

    /// Goes on with a sender whose transaction was mined.
    pub(crate) fn resume(&mut self, rest: Rest) {
        self.heads.extend(Lane::new(rest.0, self.base_fee));
    }
}

/// What else the sender of a popped transaction has waiting.
#[derive(Debug)]
pub(crate) struct Rest(VecDeque<Arc<Pooled>>);

impl Lane {
    /// `None` when the sender has nothing that pays the base fee next.
    fn new(waiting: VecDeque<Arc<Pooled>>, base_fee: u64) -> Option<Self> {
        let first = waiting.front()?;
        let tip = first.tx.effective_tip_per_gas(base_fee)?;
        Some(Self { tip, sequence: first.sequence, waiting })
    }
}

impl Ord for Lane {
    fn cmp(&self, other: &Self) -> Ordering {
        self.tip.cmp(&other.tip).then(other.sequence.cmp(&self.sequence))
    }
}

impl PartialOrd for Lane {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Lane {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Lane {}
