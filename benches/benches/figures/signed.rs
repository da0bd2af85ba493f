//! From an action to its signed raw transaction, beyond what the signature itself takes.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use alloy::primitives::{Address, B256, Signature};
use latchkey::signer::Signer;
use latchkey::{FrequencyCap, SessionKey};

use crate::ground::{FRAME, Goal, Table};
use crate::percentile;
use crate::world::{World, key};

/// Pairs of actions.
const PAIRS: usize = 400;

/// Longest wait for a transaction.
const DEADLINE: Duration = Duration::from_secs(5);

/// What may come on top of the signature, in µs.
const BEYOND_US: f64 = 25.0;

/// How long each signature took.
type Watch = Arc<Mutex<Vec<Duration>>>;

#[derive(Debug)]
struct Watched {
    key: SessionKey,
    watch: Watch,
}

impl Signer for Watched {
    fn address(&self) -> Address {
        self.key.address()
    }

    fn sign_hash(&self, hash: &B256) -> Signature {
        let begun = Instant::now();
        let signature = self.key.sign_hash(hash);
        self.watch.lock().expect("nothing panics").push(begun.elapsed());
        signature
    }
}

/// Two actions now and then: the first finds the signing thread napping, the second follows at once.
///
/// The transaction counts when the game thread has been told of it, so that the way there and back is in the figure.
pub(crate) fn measure(table: &mut Table) {
    let world = World::new(Duration::from_millis(50), FrequencyCap::per_second(50_000));
    let watch = Watch::default();
    let watched = Watched { key: key(), watch: watch.clone() };
    let mut chain = world.chain_with(watched, |builder| builder.linger(Duration::ZERO));
    let (mut napping, mut awake, mut signing) = (Vec::new(), Vec::new(), Vec::new());
    for pair in 0..PAIRS {
        for beyond in [&mut napping, &mut awake] {
            let sent = chain.status().transactions.sent;
            let acted = Instant::now();
            if chain.act(pair as u64).is_err() {
                continue;
            }
            while chain.status().transactions.sent == sent {
                assert!(acted.elapsed() < DEADLINE, "not signed within {DEADLINE:?}");
                drop(chain.drain());
                std::hint::spin_loop();
            }
            let whole = acted.elapsed();
            let signature = watch.lock().expect("nothing panics").pop().expect("what was sent is signed");
            beyond.push(micros(whole.saturating_sub(signature)));
            signing.push(micros(signature));
        }
        let next = Instant::now() + 6 * FRAME;
        while chain.status().actions.unresolved > 0 || Instant::now() < next {
            drop(chain.drain());
            std::thread::park_timeout(FRAME);
        }
    }
    table.row("the signature itself, p50", percentile(&mut signing, 50.0), " µs", Goal::None);
    let what = "action to raw transaction and the news of it, beyond the signature";
    let goal = Goal::AtMost(BEYOND_US);
    table.row(format!("{what}, p50, signing thread awake"), percentile(&mut awake, 50.0), " µs", goal);
    table.row(format!("{what}, p50, napping"), percentile(&mut napping, 50.0), " µs", goal);
}

fn micros(duration: Duration) -> f64 {
    duration.as_nanos() as f64 / 1e3
}
