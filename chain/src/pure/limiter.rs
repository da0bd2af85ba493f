//! Lets a transaction leave when the contract's frequency cap is sure to take it.

use std::time::Duration;

use crate::session::verdict::Rate;

/// Lateness that the next transaction catches up with: of a thread that got up late, of a block that was noticed late.
///
/// The bucket below is what keeps the cap; the spacing spreads a second's transactions over it evenly. Sent in a burst,
/// they would leave what the player does in the rest of the second to the next block.
const CATCH_UP: Duration = Duration::from_millis(20);

/// How far the next block's time may lie behind what the local clock expects of it. Only counts on chains whose blocks
/// stop; otherwise their heads tell the time.
const SLACK: Duration = Duration::from_secs(1);

/// The contract's bucket as of the latest block, less what is in flight.
///
/// A bucket only fills with time. So if all that is in flight fits into it at the earliest time that the next block can
/// have, then it fits whenever and however its transactions are mined: after an outage, in one block or in many. Nothing
/// piles up, and jitter does not matter.
#[derive(Clone, Debug)]
pub struct Limiter {
    rate: Option<Rate>,
    /// The contract's clock after the transactions mined so far; see [`Rate`].
    clock: u64,
    number: u64,
    timestamp: u64,
    seen: Duration,
    /// No two blocks have had the same timestamp.
    strict: bool,
    spacing: Duration,
    /// Earliest time of the next transaction (GCRA), which is late by [`CATCH_UP`] at most.
    arrival: Duration,
}

impl Limiter {
    /// A limiter for at most `limit` transactions per `period`, as read from the contract, with a full bucket.
    ///
    /// A `limit` of zero allows nothing ever.
    pub fn new(limit: u16, period: Duration) -> Self {
        let period_s = period.as_secs().max(1);
        let rate = (limit > 0).then(|| Rate { limit: limit.into(), period: period_s });
        let spacing = period / u32::from(limit.max(1));
        let (number, timestamp, seen) = (0, 0, Duration::ZERO);
        Self { rate, clock: 0, number, timestamp, seen, strict: true, spacing, arrival: Duration::ZERO }
    }

    /// The same limiter with room for `spare` transactions at Unix second `timestamp`, as the contract tells it.
    #[must_use]
    pub fn with_spare(mut self, spare: u16, timestamp: u64) -> Self {
        if let Some(rate) = self.rate {
            let missing = rate.limit.saturating_sub(spare.into()) * rate.period;
            self.clock = timestamp.saturating_mul(rate.limit).saturating_add(missing);
        }
        self
    }

    /// Takes in a block: its height and its time in Unix seconds.
    pub fn block(&mut self, number: u64, timestamp: u64, now: Duration) {
        if number > self.number && timestamp == self.timestamp {
            self.strict = false;
        } else {
            self.seen = now;
        }
        (self.number, self.timestamp) = (number, timestamp);
    }

    /// Takes in that the contract has taken a transaction of ours in a block of this time.
    pub fn executed(&mut self, timestamp: u64) {
        if let Some(rate) = self.rate {
            let empty = timestamp.saturating_mul(rate.limit).saturating_add(rate.limit * rate.period);
            self.clock = self.clock.max(timestamp.saturating_mul(rate.limit)).saturating_add(rate.period).min(empty);
        }
    }

    /// Takes in that the contract has refused a transaction by frequency at this time: the bucket was empty.
    pub fn refused(&mut self, timestamp: u64) {
        if let Some(rate) = self.rate {
            self.clock = timestamp.saturating_mul(rate.limit).saturating_add(rate.limit * rate.period);
        }
    }

    /// Earliest time at which one more transaction may leave beside those in flight, unless a block comes first;
    /// `None` when only a block can allow it.
    pub fn ready_at(&self, in_flight: usize) -> Option<Duration> {
        let rate = self.rate?;
        let wanted = u64::try_from(in_flight).ok()?.checked_add(1).filter(|wanted| *wanted <= rate.limit)?;
        // Second from which so many fit: all but the wanted shares may be missing.
        let second = self.clock.saturating_sub((rate.limit - wanted) * rate.period).div_ceil(rate.limit);
        let at = match second.saturating_sub(self.timestamp) {
            0 => Duration::ZERO,
            1 if self.strict => Duration::ZERO,
            more => self.seen.saturating_add(Duration::from_secs(more)).saturating_add(SLACK),
        };
        Some(at.max(self.arrival))
    }

    /// Lets one more transaction leave at `now` if it may, beside those in flight.
    pub fn try_take(&mut self, now: Duration, in_flight: usize) -> bool {
        let free = self.ready_at(in_flight).is_some_and(|at| at <= now);
        if free {
            self.arrival = self.arrival.max(now.saturating_sub(CATCH_UP)).saturating_add(self.spacing);
        }
        free
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::FrequencyCap;
    use proptest::prelude::*;

    #[test]
    fn idle_time_is_not_saved_up() {
        let mut limiter = Limiter::new(5, Duration::from_secs(1));
        let later = Duration::from_secs(3600);
        let taken = (0..5).filter(|in_flight| limiter.try_take(later, *in_flight)).count();
        assert_eq!(taken, 1, "an idle hour is worth one transaction, not more");
    }

    #[test]
    fn a_cap_of_zero_allows_nothing() {
        assert!(!Limiter::new(0, Duration::from_secs(1)).try_take(Duration::from_secs(1 << 40), 0));
    }

    #[test]
    fn what_is_in_flight_never_exceeds_a_full_bucket() {
        let mut limiter = Limiter::new(5, Duration::from_secs(1));
        limiter.block(1, 1_000, Duration::ZERO);
        let taken = (0..600).fold(0, |in_flight, step| {
            in_flight + usize::from(limiter.try_take(Duration::from_millis(50 * step), in_flight))
        });
        assert_eq!(taken, 5, "an outage of half a minute ends with five in one block, which the cap takes");
    }

    /// A chain with blocks of `block_ms`, each late by one of `jitter` parts in a thousand of that, and a client that
    /// always has something to send and sees a block `notice_ms` after it. Ten minutes; what was mined and refused.
    fn simulate(block_ms: u64, window: usize, jitter: &[u64], notice_ms: u64) -> (u64, u64, f64) {
        const MINUTES_MS: u64 = 600_000;
        let cap = FrequencyCap::per_second(5).fitted(Duration::from_millis(block_ms));
        let rate = Rate { limit: cap.limit().into(), period: cap.period_s().into() };
        let mut limiter = Limiter::new(cap.limit(), Duration::from_secs(cap.period_s().into()));
        let (mut clock, mut number, mut pool, mut in_flight) = (0, 0, 0_usize, 0_usize);
        let (mut mined, mut refused) = (0, 0);
        let mut notices = std::collections::VecDeque::new();
        for now_ms in 0..MINUTES_MS {
            let late = jitter[number as usize % jitter.len()] * block_ms / 1_000;
            if now_ms >= (number + 1) * block_ms + late {
                number += 1;
                let timestamp = 1_700_000_000 + now_ms / 1_000;
                let mut told = Vec::new();
                for _ in 0..std::mem::take(&mut pool) {
                    let taken = rate.take(clock, timestamp).map(|next| clock = next).is_ok();
                    mined += u64::from(taken);
                    refused += u64::from(!taken);
                    told.push(taken);
                }
                notices.push_back((now_ms + notice_ms, number, timestamp, told));
            }
            let now = Duration::from_millis(now_ms);
            while let Some((_, number, timestamp, told)) = notices.pop_front_if(|notice| notice.0 <= now_ms) {
                limiter.block(number, timestamp, now);
                in_flight -= told.len();
                for taken in told {
                    if taken { limiter.executed(timestamp) } else { limiter.refused(timestamp) }
                }
            }
            while in_flight < window && limiter.try_take(now, in_flight) {
                in_flight += 1;
                pool += 1;
            }
        }
        let reachable = cap.per_second_average().min(window as f64 * 1_000.0 / block_ms as f64);
        (mined, refused, mined as f64 / (reachable * 600.0))
    }

    #[test]
    fn ten_minutes_at_saturation_use_the_reachable_rate_without_a_refusal() {
        for block_ms in [100, 1_000, 2_000, 12_000] {
            for window in [8, 12] {
                let (mined, refused, share) = simulate(block_ms, window, &[0], 5);
                assert_eq!(refused, 0, "blocks of {block_ms} ms, window {window}");
                assert!(share >= 0.95, "{share:.3} ({mined}) with blocks of {block_ms} ms, window {window}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]
        /// However late blocks come and are seen, none of our transactions is refused, and little is left unused.
        #[test]
        fn jitter_costs_no_refusal(
            block_ms in prop_oneof![Just(100u64), Just(1_000), Just(2_000), Just(12_000)],
            jitter in proptest::collection::vec(0u64..300, 1..40),
            notice_ms in 0u64..40,
        ) {
            let (_, refused, share) = simulate(block_ms, 12, &jitter, notice_ms);
            prop_assert_eq!(refused, 0);
            prop_assert!(share >= 0.8, "{}", share);
        }
    }
}
