//! Raw bytes, mutated from valid ones: requests to the server, and transactions to the chain.
//!
//! `LATCHKEY_FUZZ_SECONDS` runs longer than the fixed number of cases of the suite, `LATCHKEY_SEED` repeats a run.
//! An input that gets an answer of a new kind joins the corpus, so that later ones start from there.

mod mutate;
mod requests;
mod transactions;

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use rand::{RngExt, SeedableRng, TryRng, rngs::SysRng, rngs::Xoshiro256PlusPlus};

use super::{environment_number, wire::resident};

/// Inputs of the corpus, at most; beyond it a random one makes room.
const MAX_CORPUS: usize = 4_096;

/// A run of one target: its randomness, its corpus, its end.
struct Run {
    rng: Xoshiro256PlusPlus,
    name: &'static str,
    seed: u64,
    corpus: Vec<Vec<u8>>,
    kinds: BTreeSet<String>,
    cases: u64,
    wanted: u64,
    begun: Instant,
    until: Option<Instant>,
}

impl Run {
    /// A run of `cases`, or of as many seconds as the environment says.
    fn new(name: &'static str, cases: u64, corpus: Vec<Vec<u8>>) -> Self {
        let seed = environment_number("LATCHKEY_SEED").unwrap_or_else(|| SysRng.try_next_u64().expect("randomness"));
        let begun = Instant::now();
        let until = environment_number("LATCHKEY_FUZZ_SECONDS").map(|seconds| begun + Duration::from_secs(seconds));
        println!("{name}: LATCHKEY_SEED={seed}");
        let rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        Self { rng, name, seed, corpus, kinds: BTreeSet::new(), cases: 0, wanted: cases, begun, until }
    }

    /// The next mutated input, or `None` at the end of the run.
    fn next(&mut self) -> Option<Vec<u8>> {
        let over = self.until.map_or(self.cases >= self.wanted, |until| Instant::now() >= until);
        if over {
            let (seconds, kib) = (self.begun.elapsed().as_secs_f64(), resident().unwrap_or_default() / 1024);
            println!(
                "{}: {} executions in {seconds:.1} s, {} kinds of answers, corpus of {}, {kib} KiB resident",
                self.name,
                self.cases,
                self.kinds.len(),
                self.corpus.len()
            );
            return None;
        }
        self.cases += 1;
        let mut input = self.corpus[self.rng.random_range(0..self.corpus.len())].clone();
        mutate::mutate(&mut self.rng, &mut input, &self.corpus);
        Some(input)
    }

    /// Tells what came of an input; digits do not make a kind of their own.
    fn learn(&mut self, input: Vec<u8>, answer: &str) {
        let kind: String = answer.chars().filter(|letter| !letter.is_ascii_hexdigit()).take(30).collect();
        if !self.kinds.insert(kind) {
            return;
        }
        if self.corpus.len() < MAX_CORPUS {
            self.corpus.push(input);
        } else {
            let at = self.rng.random_range(0..MAX_CORPUS);
            self.corpus[at] = input;
        }
    }

    fn told(&self, input: &[u8]) -> String {
        format!("LATCHKEY_SEED={}, case {}: {}", self.seed, self.cases, alloy::primitives::hex::encode(input))
    }
}
