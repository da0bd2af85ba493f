//! The frequency cap of a session.

use std::fmt;
use std::time::Duration;

/// At most `limit` transactions in any `period`, enforced by the account's contract as a token bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrequencyCap {
    limit: u16,
    period_s: u32,
}

/// Longest period that the contract can keep, in seconds: 24 bits, half a year.
const MAX_PERIOD_S: u32 = (1 << 24) - 1;

/// Seconds by which a block may come late without an honest client being refused.
const BLOCK_JITTER_S: u32 = 1;

impl FrequencyCap {
    /// At most `limit` transactions per `period_s` seconds, as given.
    pub fn new(limit: u16, period_s: u32) -> Self {
        Self { limit, period_s: period_s.clamp(1, MAX_PERIOD_S) }
    }

    /// At most `limit` transactions per second; fit it to the chain with [`fitted`](Self::fitted).
    pub fn per_second(limit: u16) -> Self {
        Self::new(limit, 1)
    }

    /// The same rate over a period that a client can keep on a chain with this block time.
    ///
    /// All transactions of a block share its timestamp, so on blocks longer than a second the period grows to two
    /// blocks and a second of jitter: 5 per second becomes 25 per 5 s on blocks of 2 s.
    #[must_use]
    pub fn fitted(self, block_time: Duration) -> Self {
        if block_time <= Duration::from_secs(1) {
            return self;
        }
        let wanted = u32::try_from(block_time.as_secs_f64().ceil() as u64).unwrap_or(MAX_PERIOD_S);
        let period_s = wanted.saturating_mul(2).saturating_add(BLOCK_JITTER_S).clamp(self.period_s, MAX_PERIOD_S);
        let limit = u64::from(self.limit) * u64::from(period_s) / u64::from(self.period_s);
        match u16::try_from(limit) {
            Ok(limit) => Self { limit, period_s },
            Err(_) => self,
        }
    }

    /// Transactions per period.
    pub fn limit(self) -> u16 {
        self.limit
    }

    /// Period in seconds.
    pub fn period_s(self) -> u32 {
        self.period_s
    }

    /// Transactions per second on average.
    pub fn per_second_average(self) -> f64 {
        f64::from(self.limit) / f64::from(self.period_s)
    }
}

impl fmt::Display for FrequencyCap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.period_s {
            1 => write!(f, "at most {} transactions per second", self.limit),
            period => write!(f, "at most {} transactions per {period} seconds", self.limit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cap_is_fitted_to_the_block_time() {
        let check = |block_ms, expected| {
            let fitted = FrequencyCap::per_second(5).fitted(Duration::from_millis(block_ms));
            assert_eq!((fitted.limit(), fitted.period_s()), expected, "at blocks of {block_ms} ms");
        };
        check(100, (5, 1));
        check(1_000, (5, 1));
        check(2_000, (25, 5));
        check(12_000, (125, 25));
    }
}
