//! Spaces transactions so that the contract's frequency cap never has to refuse one.

use std::time::Duration;

/// Widening of the gap between two transactions, in percent of the cap's own interval.
///
/// The contract counts by block timestamp, the client by its clock: a block that comes 4 % late would otherwise
/// hold one transaction more than the cap allows. Five percent still uses 95 % of the cap.
const SPACING_MARGIN_PERCENT: u32 = 5;

/// The contract's token bucket (GCRA), run on a monotonic clock with a burst of one.
///
/// One clock value is the whole state: the theoretical arrival time of the next transaction. Idle time never
/// accumulates, so that an outage is not followed by a burst.
#[derive(Clone, Debug)]
pub struct Limiter {
    interval: Duration,
    next: Duration,
}

impl Limiter {
    /// A limiter for at most `limit` transactions per `period`, as read from the contract.
    ///
    /// A `limit` of zero allows nothing ever; it is kept as an interval without end.
    pub fn new(limit: u16, period: Duration) -> Self {
        let interval = if limit == 0 {
            Duration::MAX
        } else {
            (period / u32::from(limit)).saturating_mul(100 + SPACING_MARGIN_PERCENT) / 100
        };
        Self { interval, next: Duration::ZERO }
    }

    /// Earliest time at which one more transaction may leave.
    pub fn ready_at(&self) -> Duration {
        if self.interval == Duration::MAX { Duration::MAX } else { self.next }
    }

    /// Takes a token at `now` if one is free.
    pub fn try_take(&mut self, now: Duration) -> bool {
        if now < self.ready_at() {
            return false;
        }
        self.next = now.saturating_add(self.interval);
        true
    }

    /// Holds everything back until `until`, after the contract has refused by frequency all the same.
    pub fn hold(&mut self, until: Duration) {
        self.next = self.next.max(until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The contract's rule, for transactions that arrive in blocks with whole-second timestamps.
    struct OnChain {
        limit: u64,
        period: u64,
        clock: u64,
    }

    impl OnChain {
        fn accepts(&mut self, timestamp: u64) -> bool {
            // In parts of a second, of which a second has `limit`.
            let now = timestamp * self.limit;
            let clock = self.clock.max(now) + self.period;
            let accepted = clock - now <= self.limit * self.period;
            if accepted {
                self.clock = clock;
            }
            accepted
        }
    }

    #[test]
    fn idle_time_is_not_saved_up() {
        let mut limiter = Limiter::new(5, Duration::from_secs(1));
        let later = Duration::from_secs(3600);
        assert!(limiter.try_take(later));
        assert!(!limiter.try_take(later), "an idle hour is worth one token, not many");
    }

    #[test]
    fn a_cap_of_zero_allows_nothing() {
        assert!(!Limiter::new(0, Duration::from_secs(1)).try_take(Duration::from_secs(1 << 40)));
    }

    proptest! {
        /// Whatever the player does, a client that obeys the limiter is never refused on a chain of one-second
        /// blocks that come up to 40 ms off schedule.
        #[test]
        fn an_honest_client_is_never_refused(
            limit in 1u16..20,
            jitter in proptest::collection::vec(0u64..40, 60),
            pauses in proptest::collection::vec(0u64..400, 200),
        ) {
            let mut limiter = Limiter::new(limit, Duration::from_secs(1));
            let mut chain = OnChain { limit: limit.into(), period: 1, clock: 0 };
            let mut now = Duration::from_millis(500);
            // A block with timestamp s is cut at s seconds plus its jitter and holds all sent since the last one.
            let block_of = |at: Duration| (1..).find(|&s: &u64| {
                at < Duration::from_millis(s * 1000 + jitter[s as usize % jitter.len()])
            }).unwrap();
            for pause in pauses {
                now += Duration::from_millis(pause);
                if limiter.try_take(now) {
                    prop_assert!(chain.accepts(1_000_000 + block_of(now)), "refused at {now:?}");
                }
                now = now.max(Duration::from_millis(pause));
            }
        }
    }
}
