//! What the signing thread and the network tell, through the `metrics` facade.

use std::time::Duration;

use metrics::{Counter, Histogram, counter, histogram};

use crate::lane::{Output, Record};

/// Requests to endpoints, by `method`.
const REQUESTS: &str = "latchkey_requests_total";
/// Transactions signed again for the same nonce.
const REPLACEMENTS: &str = "latchkey_replacements_total";
/// Times that the frequency cap held a ready batch back.
const LIMITER_WAITS: &str = "latchkey_limiter_waits_total";
/// Time to batch and sign one transaction, in seconds.
const SIGN: &str = "latchkey_sign_seconds";

/// What the signing thread tells of one session.
pub(super) struct SigningMeters {
    sign: Histogram,
    replacements: Counter,
    waits: Counter,
    limited: bool,
    next_nonce: u64,
}

impl SigningMeters {
    pub(super) fn new() -> Self {
        Self {
            sign: histogram!(SIGN),
            replacements: counter!(REPLACEMENTS),
            waits: counter!(LIMITER_WAITS),
            limited: false,
            next_nonce: 0,
        }
    }

    /// Takes down what a tick of `took` has put out, and whether the cap holds the lane back after it.
    pub(super) fn ticked(&mut self, took: Duration, out: &[Output], limited: bool) {
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
pub(super) fn requested(method: &'static str) {
    counter!(REQUESTS, "method" => method).increment(1);
}
