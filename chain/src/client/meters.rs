//! What the game thread tells of its session, through the `metrics` facade.
//!
//! Whoever installs a recorder before a run starts gets it; without one it costs a branch. Nothing is told from `act`:
//! what it counts is told by the next `drain`.

use std::time::Duration;

use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};

use crate::status::Status;

/// Actions, by `outcome`: acted, confirmed, rejected, expired, conflicted.
const ACTIONS: &str = "latchkey_actions_total";
/// Transactions, by `outcome`: sent, confirmed, reverted, rate_limited.
const TRANSACTIONS: &str = "latchkey_transactions_total";
/// Reorgs that were stepped back over.
const REORGS: &str = "latchkey_reorgs_total";
/// Time from `act` to the block that confirmed it, in seconds.
const CONFIRMED: &str = "latchkey_act_to_confirmed_seconds";
/// Actions that wait for a batch.
const QUEUED: &str = "latchkey_queued_actions";
/// Actions that are signed and have no receipt.
const IN_FLIGHT: &str = "latchkey_in_flight_actions";

/// What the game thread tells of one session. Sessions of one process add up.
pub(super) struct SessionMeters {
    actions: [Counter; 5],
    transactions: [Counter; 4],
    reorgs: Counter,
    confirmed: Histogram,
    queued: Gauge,
    in_flight: Gauge,
    told: Told,
}

/// What was told already.
#[derive(Clone, Copy, Default)]
struct Told {
    actions: [u64; 5],
    transactions: [u64; 4],
    queued: u64,
    in_flight: u64,
}

impl SessionMeters {
    pub(super) fn new() -> Self {
        let outcomes = ["acted", "confirmed", "rejected", "expired", "conflicted"];
        let ends = ["sent", "confirmed", "reverted", "rate_limited"];
        Self {
            actions: outcomes.map(|outcome| counter!(ACTIONS, "outcome" => outcome)),
            transactions: ends.map(|outcome| counter!(TRANSACTIONS, "outcome" => outcome)),
            reorgs: counter!(REORGS),
            confirmed: histogram!(CONFIRMED),
            queued: gauge!(QUEUED),
            in_flight: gauge!(IN_FLIGHT),
            told: Told::default(),
        }
    }

    /// Tells what has changed since the last time.
    pub(super) fn publish(&mut self, status: &Status) {
        let (actions, transactions) = (&status.actions, &status.transactions);
        let now = Told {
            actions: [actions.acted, actions.confirmed, actions.rejected, actions.expired, actions.conflicted],
            transactions: [transactions.sent, transactions.confirmed, transactions.reverted, transactions.rate_limited],
            queued: actions.queued,
            in_flight: actions.in_flight,
        };
        self.tell(now);
    }

    pub(super) fn confirmed(&self, latency: Duration) {
        self.confirmed.record(latency.as_secs_f64());
    }

    pub(super) fn reorged(&self) {
        self.reorgs.increment(1);
    }

    fn tell(&mut self, now: Told) {
        let before = std::mem::replace(&mut self.told, now);
        // A reorg takes ends back; a counter only ever grows, and tells such an action's end again.
        let grow = |counter: &Counter, now: u64, before: u64| counter.increment(now.saturating_sub(before));
        for (counter, (now, before)) in self.actions.iter().zip(now.actions.into_iter().zip(before.actions)) {
            grow(counter, now, before);
        }
        let pairs = now.transactions.into_iter().zip(before.transactions);
        for (counter, (now, before)) in self.transactions.iter().zip(pairs) {
            grow(counter, now, before);
        }
        self.queued.increment(now.queued as f64 - before.queued as f64);
        self.in_flight.increment(now.in_flight as f64 - before.in_flight as f64);
    }
}

impl Drop for SessionMeters {
    fn drop(&mut self) {
        // A session that is gone has nothing queued or in flight.
        self.tell(Told { queued: 0, in_flight: 0, ..self.told });
    }
}
