//! Collects packed calls into batches: which belong together, and when they leave.

use std::collections::VecDeque;
use std::time::Duration;

use super::PackedCall;
use super::gas::{CALL_GAS, GasBook, TX_GAS_MAX};
use crate::model::ActionId;

/// Calls that may wait. The front door holds back far earlier; this is what memory is bounded by.
const QUEUE_MAX: usize = 256;

/// A call lingers at most this part of its time to live.
const TTL_PART: u32 = 2;

/// Gas beside the call's own that bounds how many calls fit one transaction before anything is learned of them.
const CALL_ROOM: u64 = 25_000;

/// How a batch treats a call that reverts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// One reverting call reverts the batch. The only mode that may carry native value or name an amount of tokens.
    Atomic,
    /// Each call has gas of its own; a reverting one is told by a `CallFailed` log and costs the others nothing.
    Isolate,
}

/// A batch ready to be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Actions in the order of their calls.
    pub actions: Vec<ActionId>,
    /// How a reverting call is treated.
    pub mode: Mode,
    /// The packed batch, without the selector of `actAsKey()`.
    pub bytes: Vec<u8>,
    /// Gas limit of the transaction.
    pub gas_limit: u64,
    /// Kinds of its calls, to learn from its receipt.
    pub kinds: Vec<u8>,
}

#[derive(Clone, Debug)]
struct Waiting {
    id: ActionId,
    call: PackedCall,
    since: Duration,
}

/// Collects packed calls and cuts batches off the front, in order.
///
/// While the limiter or the window holds batches back, calls keep joining: waiting turns into batch size.
#[derive(Clone, Debug)]
pub struct Batcher {
    waiting: VecDeque<Waiting>,
    max_actions: usize,
    linger: Duration,
    ttl: Duration,
    gas: GasBook,
}

impl Batcher {
    /// A batcher for at most `max_actions` calls a transaction that waits `linger` for company, and forever for its
    /// turn; see [`expiring`](Self::expiring).
    pub fn new(max_actions: u8, linger: Duration) -> Self {
        let (waiting, max_actions) = (VecDeque::new(), usize::from(max_actions.max(1)));
        Self { waiting, max_actions, linger, ttl: Duration::MAX, gas: GasBook::default() }
    }

    /// The same batcher, in which a call waits for its turn at most `ttl`.
    #[must_use]
    pub fn expiring(mut self, ttl: Duration) -> Self {
        self.ttl = ttl;
        self
    }

    /// Adds a call to the end; false when the queue is full, and nothing has changed then.
    pub fn push(&mut self, id: ActionId, call: PackedCall, now: Duration) -> bool {
        let room = self.waiting.len() < QUEUE_MAX;
        if room {
            self.waiting.push_back(Waiting { id, call, since: now });
        }
        room
    }

    /// Number of calls that wait.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// True when nothing waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Time from which a batch may be cut: at once when one is full or the lane is idle, else when the oldest
    /// call has lingered, or its time to live comes near.
    pub fn ready_at(&self, idle: bool) -> Option<Duration> {
        let oldest = self.waiting.front()?;
        let at_once = idle || self.run() >= self.max_actions || oldest.call.alone;
        Some(if at_once { oldest.since } else { oldest.since + self.linger.min(self.ttl / TTL_PART) })
    }

    /// Time at which the oldest call has waited too long.
    pub fn expires_at(&self) -> Option<Duration> {
        self.waiting.front().map(|oldest| oldest.since.saturating_add(self.ttl))
    }

    /// Gives back what has waited too long; it is not going to be signed.
    pub fn expire(&mut self, now: Duration) -> Vec<ActionId> {
        let late = self.waiting.iter().take_while(|waiting| waiting.since.saturating_add(self.ttl) <= now).count();
        self.waiting.drain(..late).map(|waiting| waiting.id).collect()
    }

    /// Gas limit of the batch that would be cut next.
    pub fn next_gas_limit(&self) -> Option<u64> {
        let tokens = self.waiting.front()?.call.tokens;
        let kinds: Vec<_> = self.waiting.iter().take(self.run()).map(|waiting| waiting.call.kind()).collect();
        Some(self.gas.limit(&kinds, tokens))
    }

    /// Cuts the next batch, or `None` when nothing waits.
    pub fn cut(&mut self) -> Option<Batch> {
        let count = self.run();
        let front = self.waiting.front()?;
        let mode = if front.call.alone { Mode::Atomic } else { Mode::Isolate };
        let mut bytes = match mode {
            Mode::Atomic => vec![0],
            Mode::Isolate => {
                let gas = CALL_GAS.to_be_bytes();
                vec![1, gas[1], gas[2], gas[3]]
            }
        };
        let tokens = front.call.tokens;
        let (mut actions, mut kinds) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for waiting in self.waiting.drain(..count) {
            waiting.call.write(&mut bytes);
            kinds.push(waiting.call.kind());
            actions.push(waiting.id);
        }
        Some(Batch { gas_limit: self.gas.limit(&kinds, tokens), actions, mode, bytes, kinds })
    }

    /// Gives back everything that waits, when nothing more will be signed.
    pub fn take_all(&mut self) -> Vec<ActionId> {
        self.waiting.drain(..).map(|waiting| waiting.id).collect()
    }

    /// Takes in what a mined batch of these kinds has used.
    pub fn learn(&mut self, kinds: &[u8], gas_used: u64) {
        self.gas.learn(kinds, gas_used);
    }

    /// Takes in that a batch of these kinds ran out of gas.
    pub fn ran_out(&mut self, kinds: &[u8]) {
        self.gas.ran_out(kinds);
    }

    /// Calls at the front that travel together: one that must be alone, or as many as count and gas allow.
    fn run(&self) -> usize {
        let front = self.waiting.iter().take(self.max_actions);
        let company = front.take_while(|waiting| !waiting.call.alone).count();
        let fits = usize::try_from(TX_GAS_MAX / (u64::from(CALL_GAS) + CALL_ROOM)).unwrap_or(1);
        company.min(fits).max(usize::from(!self.waiting.is_empty()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Call;
    use crate::pure::{Method, MethodTable};
    use alloy::primitives::Address;

    const TARGET: Address = Address::repeat_byte(0x11);

    fn batcher(max_actions: u8, calls: usize) -> Batcher {
        let method = Method { target: TARGET, selector: [1; 4], rule: 0, index: 0 };
        let call = MethodTable::new(vec![method], 0).pack(Call::new(TARGET, [1; 4])).expect("allowed call");
        let mut batcher = Batcher::new(max_actions, Duration::from_millis(30)).expiring(Duration::from_secs(10));
        for id in 0..calls {
            assert!(batcher.push(ActionId(id as u64), call.clone(), Duration::from_secs(id as u64)));
        }
        batcher
    }

    #[test]
    fn the_queue_is_bounded() {
        let mut full = batcher(8, QUEUE_MAX);
        let call = full.waiting[0].call.clone();
        assert!(!full.push(ActionId(0), call, Duration::ZERO));
        assert_eq!(full.len(), QUEUE_MAX);
    }

    #[test]
    fn what_waits_too_long_is_given_back_oldest_first() {
        let mut batcher = batcher(8, 3);
        assert_eq!(batcher.expires_at(), Some(Duration::from_secs(10)));
        assert_eq!(batcher.expire(Duration::from_millis(9_999)), []);
        assert_eq!(batcher.expire(Duration::from_secs(11)), [ActionId(0), ActionId(1)]);
        assert_eq!(batcher.len(), 1);
    }

    #[test]
    fn a_batch_is_full_by_gas_before_it_is_full_by_count() {
        let mut batcher = batcher(255, 100);
        let batch = batcher.cut().expect("a batch");
        assert!(batch.gas_limit <= TX_GAS_MAX && batch.actions.len() < 100, "{} calls", batch.actions.len());
        assert!(batch.gas_limit > TX_GAS_MAX * 9 / 10, "{} gas: it is not cut far too early", batch.gas_limit);
    }

    #[test]
    fn a_short_life_shortens_the_wait_for_company() {
        let lingering = batcher(8, 1).expiring(Duration::from_millis(40));
        assert_eq!(lingering.ready_at(false), Some(Duration::from_millis(20)));
    }
}
