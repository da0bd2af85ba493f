//! A chain that asks for more than was offered.

use std::collections::BTreeMap;

use alloy::consensus::{Transaction, TxEnvelope};
use alloy::eips::eip2718::Decodable2718;
use alloy::primitives::{Bytes, U256};
use serde_json::json;

use super::world::{End, Via, World};

/// By how much both fees rise at least from one transaction to the next of the same nonce, in percent.
const RAISE_PERCENT: u128 = 12;

/// All that was handed over, by nonce, each transaction once and in the order of its first sending.
fn variants(world: &World) -> BTreeMap<u64, Vec<TxEnvelope>> {
    let mut all: BTreeMap<u64, Vec<Bytes>> = BTreeMap::new();
    for (nonce, raw) in world.submissions() {
        let known = all.entry(nonce).or_default();
        if !known.contains(&raw) {
            known.push(raw);
        }
    }
    let read = |raw: &Bytes| TxEnvelope::decode_2718_exact(raw).expect("a transaction");
    all.into_iter().map(|(nonce, raw)| (nonce, raw.iter().map(read).collect())).collect()
}

#[test]
fn case_11_the_base_fee_rises_while_mining_is_paused() {
    let world = World::new();
    let mut run = world.start(Via::Http);
    run.act_plain(2);
    world.until_pooled(2);
    let head = world.ask("eth_getBlockByNumber", json!(["latest", false]));
    let fee: U256 = serde_json::from_value(head["baseFeePerGas"].clone()).expect("a base fee");
    run.until("both are replaced", |run| {
        // Twice is what was offered for; four times as much is too dear for the first offer.
        run.world.ask("anvil_setNextBlockBaseFeePerGas", json!([fee * U256::from(4)]));
        run.world.node.mine();
        variants(run.world).values().filter(|variants| variants.len() > 1).count() == 2
    });
    run.settle();
    assert!(run.ends.values().all(|end| *end == End::Confirmed), "each ends once: {:?}", run.ends);
    for (nonce, variants) in variants(&world) {
        for pair in variants.windows(2) {
            let [before, after] = pair else { continue };
            assert_eq!((before.input(), before.to()), (after.input(), after.to()), "the same payload");
            let enough = |before: u128, after: u128| after * 100 >= before * (100 + RAISE_PERCENT);
            assert!(enough(before.max_fee_per_gas(), after.max_fee_per_gas()), "nonce {nonce}");
            let tip = |tx: &TxEnvelope| tx.max_priority_fee_per_gas().unwrap_or_default();
            assert!(enough(tip(before), tip(after)), "nonce {nonce}");
        }
    }
    world.verify(&run);
}
