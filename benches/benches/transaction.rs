//! From an action, or a batch of them, to the bytes of a signed transaction.

use std::hint::black_box;

use alloy::primitives::Address;
use criterion::{Criterion, criterion_group, criterion_main};
use latchkey::pure::seal;
use latchkey::signer::Backend;
use latchkey_benches::world::{FEES, batch, key, methods};

fn transaction(c: &mut Criterion) {
    let (key, methods) = (key(Backend::K256), methods());
    for actions in [1, 8] {
        c.bench_function(&format!("transaction/{actions} actions, encoded, packed, signed"), |b| {
            b.iter(|| seal(&batch(&methods, black_box(actions)), &key, 31_337, 7, Address::ZERO, FEES));
        });
    }
    let sealed = batch(&methods, 8);
    c.bench_function("transaction/batch of 8, signed", |b| {
        b.iter(|| seal(black_box(&sealed), &key, 31_337, 7, Address::ZERO, FEES));
    });
}

criterion_group!(benches, transaction);
criterion_main!(benches);
