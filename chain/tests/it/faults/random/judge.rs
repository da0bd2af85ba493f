//! What must be so at the end, whatever happened.

use std::collections::{BTreeMap, BTreeSet};

use alloy::consensus::{Transaction, TxEnvelope};
use alloy::eips::eip2718::Decodable2718;
use alloy::primitives::{Bytes, U256};
use alloy::sol_types::SolCall;
use latchkey::pure::{ACT_SELECTOR, Method, MethodTable};

use crate::faults::marks::{MARKS, noteCall};
use crate::faults::player::Player;
use crate::faults::world::World;

/// Marks that a signed transaction carries; a cancellation carries none.
fn marks(raw: &Bytes) -> Vec<u64> {
    let method = Method { target: MARKS, selector: noteCall::SELECTOR, rule: 0, index: 0 };
    let table = MethodTable::new(vec![method], 1);
    let envelope = TxEnvelope::decode_2718_exact(raw).expect("a transaction");
    if envelope.input().is_empty() {
        return Vec::new();
    }
    let calls = envelope.input().get(ACT_SELECTOR.len()..).and_then(|batch| table.unpack(batch));
    let mark = |args: &[u8]| U256::from_be_slice(args).to::<u64>();
    calls.expect("a batch of the session's").iter().map(|call| mark(&call.args)).collect()
}

pub(in crate::faults) fn judge(world: &World, player: &Player) {
    let mut noted: BTreeMap<u64, u32> = BTreeMap::new();
    world.noted().iter().for_each(|event| *noted.entry(event.mark).or_default() += 1);
    let twice: Vec<_> = noted.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "carried out more than once: {twice:?}");

    let mut carrier: BTreeMap<u64, BTreeSet<u64>> = BTreeMap::new();
    for (nonce, raw) in world.submissions() {
        for mark in marks(&raw) {
            carrier.entry(mark).or_default().insert(nonce);
        }
    }
    let moved: Vec<_> = carrier.iter().filter(|(_, nonces)| nonces.len() > 1).collect();
    assert!(moved.is_empty(), "signed under more than one nonce: {moved:?}");
    let cancelled: BTreeSet<u64> =
        world.submissions().iter().filter(|(_, raw)| marks(raw).is_empty()).map(|(nonce, _)| *nonce).collect();
    let stands = |mark: &u64, nonces: &BTreeSet<u64>| noted.contains_key(mark) || !nonces.is_disjoint(&cancelled);
    let lost: Vec<_> = carrier.iter().filter(|(mark, nonces)| !stands(mark, nonces)).collect();
    assert!(lost.is_empty(), "handed to the network, and lost: {lost:?}");

    for (mark, end) in &player.ends {
        let expected = u32::from(end == "confirmed");
        assert_eq!(noted.get(mark).copied().unwrap_or(0), expected, "mark {mark} was told as {end}");
    }
    let open: Vec<_> = player.fresh.iter().filter(|mark| !player.ends.contains_key(*mark)).collect();
    assert!(open.is_empty(), "the last process was done, but not with {open:?}");
    assert_eq!(player.done, Some(world.tally()), "the client's state is the chain's");

    let (mined, pending) = world.nonces();
    assert_eq!(mined, pending, "nothing waits in the pool");
    world.verify_nonces(mined);
}
