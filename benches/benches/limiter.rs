//! A token of the frequency cap.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use latchkey::pure::Limiter;

fn limiter(c: &mut Criterion) {
    c.bench_function("limiter/take", |b| {
        let mut limiter = Limiter::new(5, Duration::from_secs(1));
        let mut now = Duration::ZERO;
        b.iter(|| {
            now += Duration::from_millis(50);
            limiter.try_take(black_box(now), 0)
        });
    });
}

criterion_group!(benches, limiter);
criterion_main!(benches);
