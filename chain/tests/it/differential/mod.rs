//! The model of the policy and the contract, asked the same questions: they must give the same answers.
//!
//! `LATCHKEY_CASES` sets the number of cases and `LATCHKEY_SEED` the seed, which a failure names.

mod chain;
mod fuzz;
mod generate;
mod random;
mod scenario;
mod world;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use random::Random;
use scenario::{Answers, Scenario};

pub(crate) use world::puppet_code;

/// Cases unless the environment says otherwise: a few seconds.
const CASES: u64 = 2_000;

/// Cases of one scenario: enough to use up most caps.
const CASES_EACH: u64 = 50;

/// Seed unless the environment says otherwise.
const SEED: u64 = 0x1a7c_4e11;

fn setting(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")),
        Err(_) => default,
    }
}

#[test]
fn model_and_contract_agree() {
    let (cases, seed) = (setting("LATCHKEY_CASES", CASES), setting("LATCHKEY_SEED", SEED));
    let answers = in_parallel(cases.div_ceil(CASES_EACH), |index| {
        // Told before the scenario, so that a failure is followed by what repeats it.
        eprintln!("LATCHKEY_SEED={seed}, scenario {index}");
        Scenario::new(Random::new(seed, index)).play(CASES_EACH)
    });
    let total: u64 = answers.values().sum();
    println!("{total} cases under seed {seed}: {answers:#?}");
    for needed in EXPECTED {
        assert!(answers.contains_key(needed), "{needed} never came up in {total} cases under seed {seed}");
    }
}

/// Answers without which the cases are not what they should be.
const EXPECTED: [&str; 19] = [
    "Expired",
    "IsolateForbidden",
    "MalformedBatch",
    "NativePerTx",
    "NativeTotal",
    "NotYetValid",
    "RateLimited",
    "RuleIndex",
    "SelectorIndex",
    "SequenceTooOld",
    "SequenceUsed",
    "SessionUnknown",
    "SignatureExpired",
    "SignatureWrong",
    "SpenderForbidden",
    "TokenPerTx",
    "TokenTotal",
    "TooManyActions",
    "accepted",
];

/// Runs numbered scenarios on every core; each is the same wherever it runs.
fn in_parallel(count: u64, scenario: impl Fn(u64) -> Answers + Sync) -> Answers {
    let (next, answers) = (AtomicU64::new(0), Mutex::new(Answers::new()));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= count {
                        return;
                    }
                    let found = scenario(index);
                    let mut answers = answers.lock().expect("no scenario panics while it adds up");
                    for (answer, times) in found {
                        *answers.entry(answer).or_default() += times;
                    }
                }
            });
        }
    });
    answers.into_inner().expect("every scenario ended")
}
