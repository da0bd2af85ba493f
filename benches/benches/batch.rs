//! Calls packed into the wallet's batch format.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use latchkey_benches::world::{batch, methods};

fn encode(c: &mut Criterion) {
    let methods = methods();
    for actions in [1, 8] {
        c.bench_function(&format!("batch/{actions} actions, encoded, packed, cut"), |b| {
            b.iter(|| batch(&methods, black_box(actions)))
        });
    }
}

criterion_group!(benches, encode);
criterion_main!(benches);
