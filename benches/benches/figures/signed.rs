//! From an action to its signature, on the signing thread's own watch.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use alloy::primitives::{Address, B256, Signature};
use latchkey::signer::Signer;
use latchkey::{FrequencyCap, SessionKey};

use crate::world::{FRAME, World, key};

/// Pairs of actions.
const PAIRS: usize = 200;

/// Longest wait for a signature.
const DEADLINE: Duration = Duration::from_secs(5);

/// When each signature was begun and ended.
type Watch = Arc<Mutex<Vec<(Instant, Instant)>>>;

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
        self.watch.lock().expect("nothing panics").push((begun, Instant::now()));
        signature
    }
}

/// Two actions now and then: the first finds the signing thread napping, the second follows at once.
pub(crate) fn measure() {
    let world = World::new(Duration::from_millis(50), FrequencyCap::per_second(50_000));
    let watch = Watch::default();
    let watched = Watched { key: key(), watch: watch.clone() };
    let mut chain = world.chain_with(watched, |builder| builder.linger(Duration::ZERO));
    let (mut napping, mut awake, mut signing) = (Vec::new(), Vec::new(), Vec::new());
    for pair in 0..PAIRS {
        for beyond in [&mut napping, &mut awake] {
            let asked = watch.lock().expect("nothing panics").len();
            let acted = Instant::now();
            if chain.act(pair as u64).is_err() {
                continue;
            }
            while watch.lock().expect("nothing panics").len() == asked && acted.elapsed() < DEADLINE {
                std::hint::spin_loop();
            }
            let (begun, ended) = watch.lock().expect("nothing panics")[asked];
            beyond.push((begun - acted).as_nanos() as f64 / 1e3);
            signing.push((ended - begun).as_nanos() as f64 / 1e3);
        }
        let next = Instant::now() + 6 * FRAME;
        while chain.status().actions.unresolved > 0 || Instant::now() < next {
            drop(chain.drain());
            std::thread::park_timeout(FRAME);
        }
    }
    println!(
        "action to the begin of its signing, p50: {:.1} us with the thread awake, {:.0} us with it napping; the signing itself {:.1} us",
        median(awake),
        median(napping),
        median(signing)
    );
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
}
