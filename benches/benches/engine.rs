//! What the engine costs on its two threads, stage by stage.

use std::hint::black_box;
use std::time::Duration;

use alloy::primitives::{Address, B256};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use latchkey::SessionKey;
use latchkey::model::{ActionId, Model};
use latchkey::pure::{Fees, Limiter, Reconciler, seal};
use latchkey::signer::Signer;
use latchkey_benches::{Monsters, batch, block, methods};

/// Prediction window of the design's figures.
const WINDOW: usize = 64;

fn key() -> SessionKey {
    SessionKey::from_bytes(&[7; 32]).expect("a valid scalar")
}

fn signing_thread(c: &mut Criterion) {
    let key = key();
    let hash = B256::repeat_byte(3);
    c.bench_function("sign/one hash", |b| b.iter(|| key.sign_hash(black_box(&hash))));
    for actions in [1, 8] {
        let batch = batch(actions);
        let fees = Fees { base_fee: 1_000_000_000, priority_fee: 1 };
        c.bench_function(&format!("seal/batch of {actions} to raw transaction"), |b| {
            b.iter(|| seal(black_box(&batch), &key, 31_337, 7, Address::ZERO, fees));
        });
    }
    c.bench_function("batch/cut eight", |b| b.iter(|| batch(black_box(8))));
    c.bench_function("limiter/take", |b| {
        let mut limiter = Limiter::new(5, Duration::from_secs(1));
        let mut now = Duration::ZERO;
        b.iter(|| {
            now += Duration::from_millis(50);
            limiter.try_take(black_box(now))
        });
    });
}

fn game_thread(c: &mut Criterion) {
    let methods = methods();
    c.bench_function("act/encode, pack and predict", |b| {
        b.iter_batched_ref(
            || Reconciler::new(Monsters, WINDOW),
            |reconciler| {
                let call = methods.pack(&Monsters.encode(black_box(&7)));
                (call, reconciler.predict(7, 0))
            },
            BatchSize::SmallInput,
        );
    });
    c.bench_function("reconcile/window of 64 with 64 events", |b| {
        b.iter_batched_ref(
            || {
                let mut reconciler = Reconciler::new(Monsters, WINDOW);
                let ids: Vec<ActionId> = (0..WINDOW).map(|id| reconciler.predict(id as u8, 0).expect("room")).collect();
                (reconciler, block(&ids))
            },
            |(reconciler, step)| reconciler.settle(step),
            BatchSize::SmallInput,
        );
    });
    c.bench_function("reconcile/fold 64 over one foreign event", |b| {
        b.iter_batched_ref(
            || {
                let mut reconciler = Reconciler::new(Monsters, WINDOW);
                for id in 0..WINDOW {
                    reconciler.predict(id as u8, 0).expect("room");
                }
                (reconciler, block(&[ActionId(u64::MAX)]))
            },
            |(reconciler, step)| reconciler.settle(step),
            BatchSize::SmallInput,
        );
    });
}

criterion_group!(engine, signing_thread, game_thread);
criterion_main!(engine);
