//! What the engine tells of itself: counts, phase, latencies.

use std::collections::VecDeque;
use std::time::Duration;

use alloy::primitives::{Address, B256};
use hdrhistogram::Histogram;

use crate::lane::{DegradedReason, DrainReason};
use crate::pure::Inclusion;

/// Transactions that [`Status::recent`] remembers: what fits a panel.
const RECENT: usize = 16;

/// Significant decimal digits of a latency that grows: right to a percent.
const FIGURES: u8 = 2;

/// The same of one that must not: right to a sixteenth, in 1.3 KiB for good.
const FIGURES_FIXED: u8 = 1;

/// Steps between nothing and the unit of the figures that are told apart.
const STEPS: u64 = 5;

/// How the engine is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Phase {
    /// Reading the chain's history.
    #[default]
    Starting,
    /// Signing and following.
    Ready,
    /// Actions wait for this reason; nothing is lost, and it goes on by itself.
    Degraded(DegradedReason),
    /// Nothing new is signed, for this reason; what is in flight is still followed.
    Draining(DrainReason),
    /// Over.
    Stopped,
}

/// A capped token of the session, in its smallest unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenFacts {
    /// ERC-20 contract.
    pub token: Address,
    /// Most that one transaction may spend.
    pub per_tx: u128,
    /// Most that the session may spend.
    pub total: u128,
    /// Of that, spent, as the contract had it after the latest block with one of our transactions.
    pub spent: u128,
}

impl TokenFacts {
    /// What the session may still spend.
    pub fn left(&self) -> u128 {
        self.total.saturating_sub(self.spent)
    }
}

/// The session, as the contract has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionFacts {
    /// Session key.
    pub key: Address,
    /// The player's account.
    pub account: Address,
    /// Transactions per period.
    pub tx_limit: u16,
    /// Period of the frequency cap, in seconds.
    pub tx_period_s: u32,
    /// Actions that one transaction may carry.
    pub max_actions_per_tx: u8,
    /// Start, inclusive, in Unix seconds.
    pub valid_after: u64,
    /// End, exclusive, in Unix seconds.
    pub valid_until: u64,
    /// Native value that one transaction may send along, in wei.
    pub native_per_tx: u128,
    /// Native value that the session may send along, in wei.
    pub native_total: u128,
    /// Of that, spent or on the way, in wei.
    pub native_spent: u128,
    /// Capped tokens, at most four.
    pub tokens: Vec<TokenFacts>,
}

/// What became of actions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ActionCounts {
    /// Taken in at the door.
    pub acted: u64,
    /// Carried out by the chain.
    pub confirmed: u64,
    /// Refused by the chain.
    pub rejected: u64,
    /// Never signed, and never will be.
    pub expired: u64,
    /// Found not to apply any more before the chain decided; they end as confirmed or rejected all the same.
    pub conflicted: u64,
    /// Not ended yet: `queued` and `in_flight` together.
    pub unresolved: u64,
    /// Of those, not signed yet.
    pub queued: u64,
    /// Of those, signed and without a receipt.
    pub in_flight: u64,
    /// Beside those, of earlier runs and not ended yet.
    pub earlier: u64,
}

/// What became of transactions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransactionCounts {
    /// Signed and handed to the network.
    pub sent: u64,
    /// Mined and carried out.
    pub confirmed: u64,
    /// Mined and reverted, by the frequency cap too.
    pub reverted: u64,
    /// Of those, by the frequency cap.
    pub rate_limited: u64,
}

/// Where a transaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionState {
    /// Signed, without a receipt.
    InFlight,
    /// Mined and carried out.
    Confirmed,
    /// Mined and reverted.
    Reverted,
}

/// One of the latest transactions.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RecentTransaction {
    /// Hash.
    pub hash: B256,
    /// Nonce on the session key's account.
    pub nonce: u64,
    /// Number of actions.
    pub actions: usize,
    /// Where it is.
    pub state: TransactionState,
}

/// A snapshot of the engine, brought up to date by [`act`](crate::Chain::act) and [`drain`](crate::Chain::drain).
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Status {
    /// How the engine is doing.
    pub phase: Phase,
    /// The session.
    pub session: SessionFacts,
    /// Actions.
    pub actions: ActionCounts,
    /// Transactions.
    pub transactions: TransactionCounts,
    /// Actions whose predicted effect had to be withdrawn.
    pub rollbacks: u64,
    /// Requests sent to the endpoint.
    pub rpc_requests: u64,
    /// Gas used by our transactions.
    pub gas_total: u64,
    /// Height of the latest block seen.
    pub head_number: u64,
    /// Its time in Unix seconds.
    pub head_timestamp: u64,
    /// Blocks that the chain is ahead of it: more than zero while the history is read.
    pub behind: u64,
    /// Blocks seen since the start.
    pub blocks: u64,
    /// What the endpoint calls itself.
    pub client: String,
    /// The endpoint's words when it last failed.
    pub last_error: Option<String>,
    /// Latest transactions, newest first.
    pub recent: VecDeque<RecentTransaction>,
}

impl Status {
    /// Gas per action that the chain ended, or 0.
    pub fn gas_per_action(&self) -> u64 {
        self.gas_total.checked_div(self.actions.confirmed + self.actions.rejected).unwrap_or(0)
    }

    pub(crate) fn signed(&mut self, hash: B256, nonce: u64, actions: usize) {
        self.transactions.sent += 1;
        self.actions.queued = self.actions.queued.saturating_sub(actions as u64);
        self.actions.in_flight += actions as u64;
        self.recent.truncate(RECENT - 1);
        self.recent.push_front(RecentTransaction { hash, nonce, actions, state: TransactionState::InFlight });
    }

    pub(crate) fn mined(&mut self, hash: B256, gas_used: u64, reverted: bool, rate_limited: bool) {
        self.gas_total += gas_used;
        self.transactions.confirmed += u64::from(!reverted);
        self.transactions.reverted += u64::from(reverted);
        self.transactions.rate_limited += u64::from(rate_limited);
        if let Some(recent) = self.recent.iter_mut().find(|recent| recent.hash == hash) {
            recent.state = if reverted { TransactionState::Reverted } else { TransactionState::Confirmed };
        }
    }

    /// Takes back what [`mined`](Self::mined) counted.
    pub(crate) fn unmined(&mut self, inclusion: &Inclusion) {
        let Inclusion { hash, gas_used, reverted, rate_limited, .. } = *inclusion;
        self.gas_total = self.gas_total.saturating_sub(gas_used);
        let counts = &mut self.transactions;
        let counted = if reverted { &mut counts.reverted } else { &mut counts.confirmed };
        *counted = counted.saturating_sub(1);
        counts.rate_limited = counts.rate_limited.saturating_sub(rate_limited.into());
        if let Some(recent) = self.recent.iter_mut().find(|recent| recent.hash == hash) {
            recent.state = TransactionState::InFlight;
        }
    }
}

/// Distribution of a duration.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Percentiles {
    /// Half were at most this long.
    pub p50: f64,
    /// All but one in a hundred were at most this long.
    pub p99: f64,
    /// The longest.
    pub max: f64,
}

/// Everything about a run, for a summary at its end.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Report {
    /// The last snapshot.
    pub status: Status,
    /// From `act` to the block that confirmed it, as seen by `drain`, in milliseconds.
    pub act_to_confirmed_ms: Percentiles,
    /// Time that `act` took on the game thread, in microseconds.
    pub act_call_us: Percentiles,
}

/// Records durations in an amount of memory that does not depend on their number.
#[derive(Debug)]
pub(crate) struct Latency {
    histogram: Histogram<u32>,
    step_ns: u64,
    longest: u64,
}

impl Latency {
    /// Records up to `longest`, longer ones count as that, and tells them in units of `unit`. Takes the memory that the
    /// longest one so far needs: 3 KiB for a second in milliseconds.
    pub(crate) fn growing(longest: Duration, unit: Duration) -> Self {
        Self::new(longest, unit, Histogram::new(FIGURES).expect("2 digits are allowed"))
    }

    /// The same in fewer digits, and never allocates again.
    pub(crate) fn fixed(longest: Duration, unit: Duration) -> Self {
        let high = (nanos(longest) / (nanos(unit) / STEPS).max(1)).max(2);
        let histogram = Histogram::new_with_bounds(1, high, FIGURES_FIXED);
        Self::new(longest, unit, histogram.expect("1 < 2 <= high, and a digit is allowed"))
    }

    fn new(longest: Duration, unit: Duration, histogram: Histogram<u32>) -> Self {
        let step_ns = (nanos(unit) / STEPS).max(1);
        Self { histogram, step_ns, longest: nanos(longest) / step_ns }
    }

    pub(crate) fn record(&mut self, duration: Duration) {
        let steps = nanos(duration).div_ceil(self.step_ns).min(self.longest);
        // It only fails above the range, which ends there.
        let _ = self.histogram.record(steps);
    }

    pub(crate) fn percentiles(&self) -> Percentiles {
        let at = |quantile| self.histogram.value_at_quantile(quantile) as f64 / STEPS as f64;
        Percentiles { p50: at(0.5), p99: at(0.99), max: self.histogram.max() as f64 / STEPS as f64 }
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_told_in_their_unit() {
        let mut latency = Latency::growing(Duration::from_secs(60), Duration::from_millis(1));
        for ms in 1..=100 {
            latency.record(Duration::from_millis(ms));
        }
        let told = latency.percentiles();
        assert!((told.p50 - 50.0).abs() < 0.5 && (told.p99 - 99.0).abs() < 1.0, "{told:?}");
        latency.record(Duration::from_secs(3_600));
        assert!((latency.percentiles().max - 60_000.0).abs() < 600.0, "longer than the scale counts as its end");

        let mut fixed = Latency::fixed(Duration::from_secs(1), Duration::from_micros(1));
        (1..=100).for_each(|us| fixed.record(Duration::from_micros(us)));
        fixed.record(Duration::from_secs(3_600));
        let told = fixed.percentiles();
        assert!((told.p50 - 50.0).abs() < 4.0 && (told.max - 1e6).abs() < 7e4, "{told:?}");
    }

    #[test]
    fn a_transaction_is_counted_once_on_its_way() {
        let mut status = Status::default();
        status.actions.queued = 3;
        status.signed(B256::ZERO, 0, 3);
        assert_eq!((status.actions.queued, status.actions.in_flight), (0, 3));
        status.mined(B256::ZERO, 90_000, true, true);
        assert_eq!((status.transactions.reverted, status.transactions.rate_limited), (1, 1));
        assert_eq!(status.recent[0].state, TransactionState::Reverted);
        let inclusion = Inclusion { gas_used: 90_000, reverted: true, rate_limited: true, ..Inclusion::default() };
        status.unmined(&inclusion);
        assert_eq!((status.transactions.reverted, status.transactions.rate_limited, status.gas_total), (0, 0, 0));
        assert_eq!(status.recent[0].state, TransactionState::InFlight);
    }
}
