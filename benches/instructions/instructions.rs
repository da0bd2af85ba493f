//! Instructions that valgrind's callgrind counts, for operations whose time drowns in noise.
//!
//! `count` compares them with the committed baseline.

#![allow(missing_docs, reason = "gungraun's macros make public modules without documentation")]

use std::hint::black_box;
use std::time::Duration;

use alloy::primitives::{Address, B256, Bytes, Signature};
use gungraun::prelude::*;
use latchkey::SessionKey;
use latchkey::contracts::abi::SessionBatch;
use latchkey::model::{ActionId, Model};
use latchkey::pure::{Batch, Limiter, MethodTable, Reconciler, Settled, Step, seal};
use latchkey::session::digest;
use latchkey::signer::{Backend, PRESIGNATURES_MAX, Presigner, Signer};
use latchkey_benches::world::{FEES, Monsters, WINDOW, batch, block, full_window, key, methods, session_batch};

fn key_and_batch(actions: u8) -> (SessionKey, Batch) {
    (key(Backend::K256), batch(&methods(), actions))
}

fn presigner() -> Presigner {
    let presigner = key(Backend::K256).presigned(PRESIGNATURES_MAX);
    while presigner.prepare() {}
    presigner
}

#[library_benchmark]
#[bench::k256(args = (Backend::K256), setup = key)]
#[bench::libsecp256k1(args = (Backend::Libsecp256k1), setup = key)]
fn sign(key: SessionKey) -> Signature {
    key.sign_hash(black_box(&B256::repeat_byte(3)))
}

#[library_benchmark]
#[bench::k256(args = (Backend::K256), setup = key)]
#[bench::libsecp256k1(args = (Backend::Libsecp256k1), setup = key)]
fn sign_bulk_of_64(key: SessionKey) -> Vec<Signature> {
    let mut signatures = Vec::with_capacity(64);
    key.sign_batch(black_box(&[B256::repeat_byte(3); 64]), &mut signatures);
    signatures
}

#[library_benchmark(setup = presigner)]
fn sign_presigned(presigner: Presigner) -> Signature {
    presigner.sign_hash(black_box(&B256::repeat_byte(3)))
}

/// The first digest computes the domain's address.
fn warm_session_batch() -> SessionBatch {
    let message = session_batch();
    digest(&message, 31_337);
    message
}

#[library_benchmark(setup = warm_session_batch)]
fn eip712_digest(message: SessionBatch) -> B256 {
    digest(black_box(&message), 31_337)
}

#[library_benchmark(setup = key_and_batch)]
#[bench::one(1)]
#[bench::eight(8)]
fn raw_transaction((key, batch): (SessionKey, Batch)) -> (B256, Bytes) {
    seal(black_box(&batch), &key, 31_337, 7, Address::ZERO, FEES)
}

#[library_benchmark(setup = methods)]
fn batch_of_eight(methods: MethodTable) -> Batch {
    batch(&methods, black_box(8))
}

fn limiter_of_five() -> Limiter {
    Limiter::new(5, Duration::from_secs(1))
}

#[library_benchmark(setup = limiter_of_five)]
fn limiter(mut limiter: Limiter) -> bool {
    (0..100).fold(true, |_, step: u64| limiter.try_take(black_box(Duration::from_millis(50 * step)), 0))
}

fn empty_window() -> (MethodTable, Reconciler<Monsters>) {
    (methods(), Reconciler::new(Monsters, WINDOW))
}

#[library_benchmark(setup = empty_window)]
fn act((methods, mut reconciler): (MethodTable, Reconciler<Monsters>)) -> Option<ActionId> {
    methods.pack(Monsters.encode(black_box(&7))).ok()?;
    reconciler.predict(7, 0).ok()
}

fn window_and_block() -> (Reconciler<Monsters>, Step) {
    let (reconciler, ids) = full_window();
    let step = block(&ids);
    (reconciler, step)
}

#[library_benchmark(setup = window_and_block)]
fn reconcile((mut reconciler, step): (Reconciler<Monsters>, Step)) -> Vec<Settled<Monsters>> {
    let mut settled = reconciler.settle(black_box(&step));
    settled.extend(reconciler.fold());
    settled
}

library_benchmark_group!(
    name = engine;
    benchmarks =
        sign,
        sign_bulk_of_64,
        sign_presigned,
        eip712_digest,
        raw_transaction,
        batch_of_eight,
        limiter,
        act,
        reconcile
);
// Plain SSE2 copies on every machine, whatever its processor and C library would choose.
main!(
    config = LibraryBenchmarkConfig::default()
        .env("GLIBC_TUNABLES", "glibc.cpu.hwcaps=-AVX2,-AVX,-ERMS,-FSRM,-AVX_Fast_Unaligned_Load");
    library_benchmark_groups = engine
);
