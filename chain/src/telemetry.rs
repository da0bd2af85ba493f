//! Counters, gauges and histograms, told through the `metrics` facade.
//!
//! Whoever installs a recorder before a run starts gets them; without one they cost a branch. Nothing is told from
//! [`act`](crate::Chain::act): what it counts is told by the next [`drain`](crate::Chain::drain).

use std::time::Duration;

use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};

use crate::lane::{Output, Record};
use crate::status::Status;

/// Actions, by `outcome`: acted, confirmed, rejected, expired, conflicted.
const ACTIONS: &str = "latchkey_actions_total";
/// Transactions, by `outcome`: sent, confirmed, reverted, rate_limited.
const TRANSACTIONS: &str = "latchkey_transactions_total";
/// Requests to endpoints, by `method`.
const REQUESTS: &str = "latchkey_requests_total";
/// Reorgs that were stepped back over.
const REORGS: &str = "latchkey_reorgs_total";
/// Transactions signed again for the same nonce.
const REPLACEMENTS: &str = "latchkey_replacements_total";
/// Times that the frequency cap held a ready batch back.
const LIMITER_WAITS: &str = "latchkey_limiter_waits_total";
/// Time from `act` to the block that confirmed it, in seconds.
const CONFIRMED: &str = "latchkey_act_to_confirmed_seconds";
/// Time to batch and sign one transaction, in seconds.
const SIGN: &str = "latchkey_sign_seconds";
/// Actions that wait for a batch.
const QUEUED: &str = "latchkey_queued_actions";
/// Actions that are signed and have no receipt.
const IN_FLIGHT: &str = "latchkey_in_flight_actions";

/// What the game thread tells of one session. Sessions of one process add up.
pub(crate) struct SessionMeters {
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
    pub(crate) fn new() -> Self {
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
    pub(crate) fn publish(&mut self, status: &Status) {
        let (actions, transactions) = (&status.actions, &status.transactions);
        let now = Told {
            actions: [actions.acted, actions.confirmed, actions.rejected, actions.expired, actions.conflicted],
            transactions: [transactions.sent, transactions.confirmed, transactions.reverted, transactions.rate_limited],
            queued: actions.queued,
            in_flight: actions.in_flight,
        };
        self.tell(now);
    }

    pub(crate) fn confirmed(&self, latency: Duration) {
        self.confirmed.record(latency.as_secs_f64());
    }

    pub(crate) fn reorged(&self) {
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

/// What the signing thread tells of one session.
pub(crate) struct SigningMeters {
    sign: Histogram,
    replacements: Counter,
    waits: Counter,
    limited: bool,
    next_nonce: u64,
}

impl SigningMeters {
    pub(crate) fn new() -> Self {
        Self {
            sign: histogram!(SIGN),
            replacements: counter!(REPLACEMENTS),
            waits: counter!(LIMITER_WAITS),
            limited: false,
            next_nonce: 0,
        }
    }

    /// Takes down what a tick of `took` has put out, and whether the cap holds the lane back after it.
    pub(crate) fn ticked(&mut self, took: Duration, out: &[Output], limited: bool) {
        let signed = out.iter().filter_map(|output| match output {
            Output::Record(Record::Signed { nonce, .. }) => Some(*nonce),
            _ => None,
        });
        let mut count = 0;
        for nonce in signed {
            count += 1;
            self.replacements.increment(u64::from(nonce < self.next_nonce));
            self.next_nonce = self.next_nonce.max(nonce.saturating_add(1));
        }
        if count > 0 {
            self.sign.record(took.as_secs_f64() / f64::from(count));
        }
        self.waits.increment(u64::from(limited && !self.limited));
        self.limited = limited;
    }
}

/// Counts a request to an endpoint.
pub(crate) fn requested(method: &'static str) {
    counter!(REQUESTS, "method" => method).increment(1);
}
