//! Candidates in turn, round after round: what disturbs the machine disturbs all of them alike.
//!
//! Within a round a candidate's figure is the lower quartile of a few short samples, so that those in which the system
//! ran something else do not count. A ratio is taken within each round; medians and quartiles are over the rounds.

use std::time::{Duration, Instant};

use serde::Serialize;

use crate::candidate::{About, Candidate, Operation};
use crate::peer::Skipped;

/// Length of a sample: far below the time slice of common schedulers, so that most samples are undisturbed.
const SAMPLE: Duration = Duration::from_micros(500);

/// Samples of a candidate per round and operation.
const SAMPLES: usize = 15;

/// Time that each operation runs before it is measured: enough for a just-in-time compiler to settle.
const WARM_UP: Duration = Duration::from_millis(400);

/// Warm-up of one operation takes at most this part of the whole time: one in so many.
const WARM_UP_SHARE: u32 = 60;

/// Fewest rounds that a median is taken of, however long they last.
const ROUNDS_MIN: usize = 5;

/// Median and quartiles over the rounds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// A quarter of the rounds lies below.
    pub low: f64,
    /// Half of the rounds lies below.
    pub median: f64,
    /// A quarter of the rounds lies above.
    pub high: f64,
}

impl Spread {
    /// Of at least one value; none of none.
    pub fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let last = values.len().checked_sub(1)?;
        let at = |share: f64| values[(last as f64 * share).round() as usize];
        Some(Self { low: at(0.25), median: at(0.5), high: at(0.75) })
    }
}

/// One operation of one candidate, with a figure per round, in nanoseconds per operation.
#[derive(Clone, Debug)]
pub struct Series {
    /// Whose.
    pub about: About,
    /// Of what.
    pub operation: Operation,
    /// Figures, one per round.
    pub ns: Vec<f64>,
}

impl Series {
    /// Ratio to another series, round by round.
    pub fn ratio_to(&self, other: &Self) -> Option<Spread> {
        Spread::of(self.ns.iter().zip(&other.ns).map(|(own, other)| own / other).collect())
    }
}

struct Entry {
    candidate: Box<dyn Candidate>,
    /// Operations that it has, with how many make a sample.
    counts: Vec<(Operation, u64)>,
    figures: Vec<(Operation, Vec<f64>)>,
}

/// Measures the candidates in turn for about `budget`; tells `progress` the share that is done, 0 to 1.
///
/// A candidate that fails on the way is left out of the result and named among the skipped.
pub fn run(
    candidates: Vec<Box<dyn Candidate>>,
    budget: Duration,
    skipped: &mut Vec<Skipped>,
    mut progress: impl FnMut(f64, &str),
) -> Vec<Series> {
    let begun = Instant::now();
    let mut entries = Vec::new();
    let mut leave = |candidate: &dyn Candidate, reason| {
        skipped.push(Skipped { candidate: candidate.about().name, reason });
    };
    for mut candidate in candidates {
        progress(begun.elapsed().div_duration_f64(budget), candidate.about().name);
        match warm_up(candidate.as_mut(), WARM_UP.min(budget / WARM_UP_SHARE)) {
            Ok(counts) => {
                let figures = counts.iter().map(|(operation, _)| (*operation, Vec::new())).collect();
                entries.push(Entry { candidate, counts, figures });
            }
            Err(reason) => leave(candidate.as_ref(), reason),
        }
    }
    let mut rounds = 0;
    while !entries.is_empty() && (rounds < ROUNDS_MIN || begun.elapsed() < budget) {
        entries.retain_mut(|entry| {
            progress(begun.elapsed().div_duration_f64(budget), entry.candidate.about().name);
            entry.round().map_err(|reason| leave(entry.candidate.as_ref(), reason)).is_ok()
        });
        rounds += 1;
    }
    entries.into_iter().flat_map(Entry::series).collect()
}

/// Runs each operation for a while; gives those that there are, with how many make a sample.
fn warm_up(candidate: &mut dyn Candidate, length: Duration) -> Result<Vec<(Operation, u64)>, String> {
    let mut counts = Vec::new();
    for operation in Operation::ALL {
        let begun = Instant::now();
        let mut count = 1;
        while let Some(sample) = candidate.sample(operation, count)? {
            let ns = sample.ns().max(1.0);
            count = ((SAMPLE.as_nanos() as f64 / ns) as u64).max(1);
            if begun.elapsed() >= length {
                counts.push((operation, count));
                break;
            }
        }
    }
    Ok(counts)
}

impl Entry {
    fn round(&mut self) -> Result<(), String> {
        for ((operation, count), (_, figures)) in self.counts.iter().zip(&mut self.figures) {
            let mut samples = Vec::with_capacity(SAMPLES);
            for _ in 0..SAMPLES {
                samples.extend(self.candidate.sample(*operation, *count)?.map(|sample| sample.ns()));
            }
            figures.extend(Spread::of(samples).map(|spread| spread.low));
        }
        Ok(())
    }

    fn series(self) -> impl Iterator<Item = Series> {
        let about = self.candidate.about().clone();
        self.figures.into_iter().map(move |(operation, ns)| Series { about: about.clone(), operation, ns })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::candidate::{Kind, Sample};

    /// Signs in a fixed time, and fails for good after so many samples.
    struct Fake(About, u64, u64);

    impl Candidate for Fake {
        fn about(&self) -> &About {
            &self.0
        }
        fn sample(&mut self, operation: Operation, operations: u64) -> Result<Option<Sample>, String> {
            self.2 = self.2.checked_sub(1).ok_or("its worker ended")?;
            let took = Duration::from_nanos(self.1 * operations);
            Ok((operation == Operation::Sign).then_some(Sample { operations, took }))
        }
    }

    fn fake(name: &'static str, ns: u64, samples: u64) -> Box<dyn Candidate> {
        Box::new(Fake(About { name, version: String::new(), kind: Kind::Peer }, ns, samples))
    }

    #[test]
    fn ratios_are_taken_round_by_round_and_a_failure_is_named() {
        let mut skipped = Vec::new();
        let candidates = vec![fake("fast", 50_000, u64::MAX), fake("slow", 100_000, u64::MAX), fake("broken", 1, 3)];
        let series = run(candidates, Duration::ZERO, &mut skipped, |_, _| ());
        let [fast, slow] = &series[..] else { panic!("{series:?}") };
        assert_eq!((fast.about.name, fast.operation, fast.ns.len()), ("fast", Operation::Sign, ROUNDS_MIN));
        let half = Spread { low: 0.5, median: 0.5, high: 0.5 };
        assert_eq!(fast.ratio_to(slow), Some(half));
        assert_eq!((skipped[0].candidate, skipped[0].reason.as_str()), ("broken", "its worker ended"));
    }

    #[test]
    fn quartiles_of_a_hundred_and_one() {
        let spread = Spread::of((0..=100).rev().map(f64::from).collect());
        assert_eq!(spread, Some(Spread { low: 25.0, median: 50.0, high: 75.0 }));
        assert_eq!(Spread::of(Vec::new()), None);
    }
}
