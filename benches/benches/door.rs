//! What the game thread pays: `act` and `drain`, without the queues between the threads.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use latchkey::model::{ActionId, Model};
use latchkey::pure::Reconciler;
use latchkey_benches::world::{Monsters, WINDOW, block, full_window, methods};

fn act(c: &mut Criterion) {
    let methods = methods();
    c.bench_function("door/act: encode, pack, predict", |b| {
        b.iter_batched_ref(
            || Reconciler::new(Monsters, WINDOW),
            |reconciler| {
                let call = methods.pack(Monsters.encode(black_box(&7)));
                (call, reconciler.predict(7, 0))
            },
            BatchSize::SmallInput,
        );
    });
}

fn drain(c: &mut Criterion) {
    c.bench_function("door/reconcile a full window with 64 events", |b| {
        b.iter_batched_ref(
            || {
                let (reconciler, ids) = full_window();
                (reconciler, block(&ids))
            },
            |(reconciler, step)| reconciler.settle(step),
            BatchSize::SmallInput,
        );
    });
    c.bench_function("door/fold a full window over a foreign event", |b| {
        b.iter_batched_ref(
            || (full_window().0, block(&[ActionId(u64::MAX)])),
            |(reconciler, step)| reconciler.settle(step),
            BatchSize::SmallInput,
        );
    });
}

criterion_group!(benches, act, drain);
criterion_main!(benches);
