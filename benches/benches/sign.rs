//! Signatures of 32-byte hashes: one, a backlog, and with presignatures.

use std::hint::black_box;

use alloy::primitives::B256;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use latchkey::signer::{Backend, PRESIGNATURES_MAX, Signer};
use latchkey_benches::world::key;

const BACKENDS: [(Backend, &str); 2] = [(Backend::K256, "k256"), (Backend::Libsecp256k1, "libsecp256k1")];

fn one(c: &mut Criterion) {
    for (backend, name) in BACKENDS {
        let key = key(backend);
        let hash = B256::repeat_byte(3);
        c.bench_function(&format!("sign/one, {name}"), |b| b.iter(|| key.sign_hash(black_box(&hash))));
    }
}

fn bulk(c: &mut Criterion) {
    for size in [8, 64] {
        let mut group = c.benchmark_group(format!("sign/bulk of {size}"));
        group.throughput(Throughput::Elements(size));
        for (backend, name) in BACKENDS {
            let key = key(backend);
            let hashes: Vec<B256> = (0..size).map(|at| B256::repeat_byte(at as u8)).collect();
            let mut signatures = Vec::with_capacity(hashes.len());
            group.bench_function(name, |b| {
                b.iter(|| {
                    signatures.clear();
                    key.sign_batch(black_box(&hashes), &mut signatures);
                });
            });
        }
        group.finish();
    }
}

fn presigned(c: &mut Criterion) {
    let hash = B256::repeat_byte(3);
    c.bench_function("sign/presigned", |b| {
        b.iter_batched_ref(
            || {
                let presigner = key(Backend::K256).presigned(PRESIGNATURES_MAX);
                presigner.prepare();
                presigner
            },
            |presigner| presigner.sign_hash(black_box(&hash)),
            BatchSize::SmallInput,
        );
    });
}

criterion_group!(benches, one, bulk, presigned);
criterion_main!(benches);
