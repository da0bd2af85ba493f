//! EIP-712: the digest of a batch that anybody may submit, and its signature.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use latchkey::session::digest;
use latchkey::signer::{Backend, Signer};
use latchkey_benches::world::{key, session_batch};

fn typed(c: &mut Criterion) {
    let (key, message) = (key(Backend::K256), session_batch());
    c.bench_function("typed/digest", |b| b.iter(|| digest(black_box(&message), 31_337)));
    c.bench_function("typed/digest and signature", |b| {
        b.iter(|| key.sign_hash(&digest(black_box(&message), 31_337)));
    });
}

criterion_group!(benches, typed);
criterion_main!(benches);
