//! What a client said and what the chain holds, side by side.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::time::Duration;

use serde::Serialize;

use crate::clients::Told;

/// One client's run.
#[derive(Debug, Serialize)]
pub(crate) struct Line {
    client: &'static str,
    /// One request in so many was answered with 429; 0 for none.
    fault_every: u64,
    attempted: u64,
    /// Of those, in a block at the end.
    on_chain: u64,
    /// On chain per second, from the first action to the last end.
    per_second: f64,
    latency_p50_ms: Option<f64>,
    latency_p99_ms: Option<f64>,
    requests_per_action: f64,
    /// Taken on, and not on chain.
    lost: u64,
    /// On chain more than once.
    duplicated: u64,
    /// Neither confirmed nor failed, by the client's own word, when its patience ended.
    stuck: u64,
    /// Failed by the client's word, and yet on chain, or confirmed and not on chain.
    misreported: u64,
}

impl Line {
    pub(crate) fn new(
        client: &'static str,
        fault_every: u64,
        took: Duration,
        requests: u64,
        told: &Told,
        counts: &BTreeMap<u64, u64>,
    ) -> Self {
        let on_chain = (0..told.attempted).filter(|number| counts.contains_key(number)).count() as u64;
        let confirmed = told.confirmed_ms.len() as u64;
        let mut sorted = told.confirmed_ms.clone();
        sorted.sort_by(f64::total_cmp);
        let at = |share: f64| sorted.get((sorted.len().saturating_sub(1) as f64 * share).round() as usize).copied();
        Self {
            client,
            fault_every,
            attempted: told.attempted,
            on_chain,
            per_second: on_chain as f64 / took.as_secs_f64(),
            latency_p50_ms: at(0.5),
            latency_p99_ms: at(0.99),
            requests_per_action: requests as f64 / told.attempted.max(1) as f64,
            lost: told.attempted - on_chain,
            duplicated: counts.values().filter(|count| **count > 1).count() as u64,
            stuck: told.attempted.saturating_sub(confirmed + told.failed),
            misreported: on_chain.abs_diff(confirmed),
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |ms: Option<f64>| ms.map(|ms| format!("{ms:.0}")).unwrap_or_else(|| "-".to_owned());
        let faults = if self.fault_every == 0 { "-".to_owned() } else { format!("1 in {}", self.fault_every) };
        write!(
            f,
            "{:<20} {faults:>8} {:>9} {:>8} {:>6.2} {:>7} {:>7} {:>8.2} {:>5} {:>5} {:>5} {:>11}",
            self.client,
            self.attempted,
            self.on_chain,
            self.per_second,
            ms(self.latency_p50_ms),
            ms(self.latency_p99_ms),
            self.requests_per_action,
            self.lost,
            self.duplicated,
            self.stuck,
            self.misreported
        )
    }
}

/// All runs under one heading.
pub(crate) fn table(lines: &[Line]) -> String {
    let mut text = format!(
        "{:<20} {:>8} {:>9} {:>8} {:>6} {:>7} {:>7} {:>8} {:>5} {:>5} {:>5} {:>11}\n",
        "client",
        "429s",
        "attempted",
        "on chain",
        "per s",
        "p50 ms",
        "p99 ms",
        "requests",
        "lost",
        "twice",
        "stuck",
        "misreported"
    );
    for line in lines {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{line}");
    }
    text
}
