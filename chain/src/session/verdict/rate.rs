//! The frequency cap: a bucket of `limit` tokens that refills evenly over `period`.

use alloy::primitives::U256;

use super::Refusal;
use crate::contracts::abi::SessionWallet;

/// A cap of `limit` transactions per `period` seconds.
///
/// The bucket is kept as the time at which it would be full again, in parts of a second, of which a second has `limit`:
/// each transaction puts that time off by `period` parts, and a time further away than the whole period is an overdrawn
/// bucket. Nothing is rounded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rate {
    /// Transactions per period; at least one.
    pub(crate) limit: u64,
    /// Seconds; at least one.
    pub(crate) period: u64,
}

impl Rate {
    /// The clock after one transaction at Unix second `now`.
    pub(crate) fn take(self, clock: u64, now: u64) -> Result<u64, Refusal> {
        if self.spare(clock, now) == 0 {
            let at = self.allowed_at(clock, now);
            return Err(SessionWallet::RateLimited { nextAllowedAt: U256::from(at) }.into());
        }
        Ok(clock.max(now * self.limit) + self.period)
    }

    /// Transactions that fit into the bucket at Unix second `now`.
    pub(crate) fn spare(self, clock: u64, now: u64) -> u64 {
        let missing = clock.saturating_sub(now * self.limit);
        (self.limit * self.period).saturating_sub(missing) / self.period
    }

    /// First second, from `now` on, at which one transaction fits.
    pub(crate) fn allowed_at(self, clock: u64, now: u64) -> u64 {
        // All but one share may be missing.
        clock.saturating_sub((self.limit - 1) * self.period).div_ceil(self.limit).max(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_burst_is_the_limit_and_idle_time_is_not_saved_up() {
        let rate = Rate { limit: 5, period: 1 };
        let mut clock = 0;
        for now in [1_000, 1_001, 9_000] {
            for left in (0..5).rev() {
                clock = rate.take(clock, now).expect("within the cap");
                assert_eq!(rate.spare(clock, now), left);
            }
            assert!(rate.take(clock, now).is_err());
            assert_eq!(rate.allowed_at(clock, now), now + 1);
        }
    }

    proptest! {
        /// What is told is what happens: nothing before `allowed_at`, one transaction at it, and `spare` of them.
        #[test]
        fn the_three_answers_agree(
            limit in 1u64..40, period in 1u64..100, gaps in proptest::collection::vec(0u64..20, 1..60),
        ) {
            let rate = Rate { limit, period };
            let (mut clock, mut now) = (0, 1_000);
            for gap in gaps {
                now += gap;
                let at = rate.allowed_at(clock, now);
                prop_assert_eq!(at == now, rate.spare(clock, now) > 0);
                prop_assert!(at == now || rate.spare(clock, at - 1) == 0);
                prop_assert!(rate.spare(clock, at) > 0);
                if let Ok(next) = rate.take(clock, now) {
                    prop_assert_eq!(rate.spare(next, now) + 1, rate.spare(clock, now));
                    clock = next;
                }
            }
        }
    }
}
