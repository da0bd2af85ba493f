//! What it takes to keep a transaction before it leaves, by the engine's own metric.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use latchkey::{Durability, FrequencyCap};
use metrics::{Counter, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit};

use crate::ground::{Goal, Table};
use crate::percentile;
use crate::world::World;
use crate::{end, frames};

/// The metric that is read.
const WRITES: &str = "latchkey_journal_seconds";

/// Durations of the one metric.
#[derive(Clone, Default)]
struct Writes(Arc<Mutex<Vec<f64>>>);

impl HistogramFn for Writes {
    fn record(&self, seconds: f64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(seconds * 1e6);
    }
}

impl Recorder for Writes {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        Counter::noop()
    }
    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }
    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        if key.name() == WRITES { Histogram::from_arc(Arc::new(self.clone())) } else { Histogram::noop() }
    }
}

pub(crate) fn measure(table: &mut Table) {
    for (durability, survives) in [(Durability::Process, "the process"), (Durability::Power, "a loss of power")] {
        let mut took = writes(durability);
        let what = format!("journal write that survives {survives}, p50 of {}", took.len());
        table.row(what, percentile(&mut took, 50.0), " µs", Goal::None);
        table.row("the same, p99", percentile(&mut took, 99.0), " µs", Goal::None);
    }
}

/// Forty transactions a second for a while.
fn writes(durability: Durability) -> Vec<f64> {
    let dir = std::env::temp_dir().join(format!("latchkey-bench-{}-{durability:?}", std::process::id()));
    let world = World::new(Duration::from_millis(100), FrequencyCap::per_second(50));
    let writes = Writes::default();
    let begin = || world.chain(|builder| builder.journal(&dir).durability(durability).linger(Duration::ZERO));
    let mut chain = metrics::with_local_recorder(&writes, begin);
    frames(Duration::from_secs(15), |frame| {
        if !frame.is_multiple_of(3) {
            chain.act(0).expect("room for an action");
        }
        drop(chain.drain());
    });
    end(&mut chain);
    drop(chain.shutdown(Duration::from_secs(5)));
    // It was only for this.
    let _ = std::fs::remove_dir_all(&dir);
    writes.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
}
