//! Raw transaction bytes, into a chain without threads.

use std::panic::{AssertUnwindSafe, catch_unwind};

use alloy::{
    consensus::{TxEip1559, TxEip2930, TxLegacy},
    eips::eip2930::{AccessList, AccessListItem},
    primitives::{Address, B256, Bytes, TxKind, U256, keccak256},
};
use latchkey::devnet::{CHAIN_ID, DevChain, Genesis, limits::MAX_POOL};
use rand::{Rng, RngExt};

use super::Run;
use crate::devnet::support::*;

/// Transactions of the suite's run.
const CASES: u64 = 2_000;

/// Transactions between two blocks.
const MINE_EVERY: u64 = 32;

/// One valid transaction of each type that the chain takes.
fn corpus() -> Vec<Vec<u8>> {
    let (alice, bob) = (account(0), account(1));
    let to = TxKind::Call(bob.address());
    let input = Bytes::from_static(&[1; 40]);
    let access_list = AccessList(vec![AccessListItem {
        address: bob.address(),
        storage_keys: vec![B256::ZERO, B256::repeat_byte(1)],
    }]);
    let value = U256::from(1);
    let legacy = TxLegacy {
        chain_id: Some(CHAIN_ID),
        nonce: 0,
        gas_price: FEE,
        gas_limit: 60_000,
        to,
        value,
        input: input.clone(),
    };
    let listed = TxEip2930 {
        chain_id: CHAIN_ID,
        nonce: 0,
        gas_price: FEE,
        gas_limit: 60_000,
        to,
        value,
        access_list: access_list.clone(),
        input: input.clone(),
    };
    let priced = TxEip1559 { access_list, input, value, ..transaction(0, to) };
    let create = TxEip1559 { input: init_code(STORE_AND_LOG), ..transaction(0, TxKind::Create) };
    let delegate = set_code(0, bob.address(), authorize(&bob, Address::repeat_byte(7), 0));
    [sign(&alice, legacy), sign(&alice, listed), sign(&alice, priced), sign(&alice, create), sign(&alice, delegate)]
        .into_iter()
        .map(Vec::from)
        .collect()
}

/// Signed by somebody with funds, with edges in every field: it gets past the checks that mutated bytes fail at.
fn drawn(rng: &mut impl Rng, chain: &DevChain, code: &[u8]) -> Bytes {
    let signer = account(rng.random_range(0..10));
    let next = chain.nonce(signer.address());
    let edge = |rng: &mut dyn Rng, usual: u64| match rng.random_range(0..12) {
        0 => 0,
        1 => u64::MAX,
        2 => usual.wrapping_sub(1),
        3 => usual + 1,
        _ => usual,
    };
    let nonce = edge(rng, next);
    let usual = [60_000, 150_000, 600_000][rng.random_range(0..3)];
    let gas_limit = edge(rng, usual);
    let to = match rng.random_range(0..3) {
        0 => TxKind::Create,
        1 => account(rng.random_range(0..10)).address().into(),
        _ => Address::left_padding_from(&[rng.random_range(0..20)]).into(),
    };
    let tx = TxEip1559 {
        gas_limit,
        max_fee_per_gas: edge(rng, 20_000_000_000).into(),
        max_priority_fee_per_gas: edge(rng, 1_000_000_000).into(),
        value: U256::from(edge(rng, 10)),
        input: Bytes::copy_from_slice(code),
        ..transaction(nonce, to)
    };
    if rng.random_bool(0.3) && !tx.to.is_create() {
        let authority = account(rng.random_range(0..10));
        let nonce = edge(rng, chain.nonce(authority.address()));
        let mut tx = set_code(tx.nonce, authority.address(), authorize(&authority, Address::repeat_byte(1), nonce));
        tx.gas_limit = gas_limit;
        return sign(&signer, tx);
    }
    sign(&signer, tx)
}

#[test]
fn mutated_transactions_are_taken_or_refused() {
    let mut chain = DevChain::new(&Genesis::default()).expect("a chain");
    let mut run = Run::new("transactions", CASES, corpus());
    let (mut taken, mut mined) = (0_u64, 0_u64);
    while let Some(mut input) = run.next() {
        if run.cases.is_multiple_of(2) {
            input.truncate(300);
            input = drawn(&mut run.rng, &chain, &input).into();
        }
        let told = run.told(&input);
        let answer =
            catch_unwind(AssertUnwindSafe(|| chain.submit(&input))).unwrap_or_else(|_| panic!("panic: {told}"));
        if let Ok(hash) = answer {
            taken += 1;
            assert_eq!(hash, keccak256(&input), "taken in another encoding than its own: {told}");
        }
        if run.cases.is_multiple_of(MINE_EVERY) {
            let block = catch_unwind(AssertUnwindSafe(|| chain.mine())).unwrap_or_else(|_| panic!("panic: {told}"));
            mined += block.transaction_hashes().count() as u64;
            assert!(block.header().gas_used <= block.header().gas_limit, "{told}");
            assert!(chain.pending() <= MAX_POOL, "{told}");
        }
        run.learn(input, &answer.map_or_else(|error| error.to_string(), |_| "taken".to_owned()));
    }
    println!("{taken} taken, {mined} mined");
    assert!(mined > 0 && taken < run.cases, "both ends are met: {taken} of {} taken, {mined} mined", run.cases);
}
