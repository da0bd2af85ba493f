//! What a run makes of the journal of an earlier one when the chain has moved on meanwhile.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use alloy::consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy::eips::eip2718::Encodable2718;
use alloy::primitives::{Bytes, U64};
use latchkey::devnet::{CHAIN_ID, Fault, Rule};
use latchkey::pure::Ending;
use latchkey::signer::Signer;
use latchkey::{ActionId, Chain, JournalError, Outcome, StartError};
use serde_json::json;

use super::marks::{Kind, Marks};
use super::world::{Run, Via, World, session};
use crate::support::Node;

/// Seconds between the first blocks of a chain and of the one that took its place.
const ANEW_S: u64 = 3_600;

/// A directory for a journal, removed with the value.
struct Dir(PathBuf);

impl Dir {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("latchkey-resume-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        Self(std::env::temp_dir().join(name))
    }

    fn start(&self, world: &World) -> Result<Chain<Marks>, StartError> {
        world.builder(Via::Http).journal(&self.0).start()
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        // What cannot be removed is the system's to clean up.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Leaves one signed action behind; without `arrives` no endpoint has ever seen it.
fn leave_one(world: &World, dir: &Dir, arrives: bool) {
    let mut run = world.run(dir.start(world).expect("a granted session starts"));
    let lost = (!arrives).then(|| world.inject(Rule::new(Fault::Refuse).on("eth_sendRawTransaction*")));
    run.act(Kind::Plain);
    run.until("the bytes leave", |run| match lost {
        Some(lost) => run.world.proxy.fired(lost) > 0,
        None => run.world.nonces() == (0, 1),
    });
    assert_eq!(run.chain.shutdown(Duration::ZERO).status.actions.unresolved, 1);
    world.proxy.clear();
}

/// Lets blocks come until the one action has ended, and tells how.
fn end_of_earlier(run: &mut Run<'_>) -> Ending {
    let mut end = None;
    run.world.until("the earlier action ends", || {
        run.world.node.mine();
        end = run.chain.drain().into_iter().find_map(|outcome| match outcome {
            Outcome::Earlier { id, nonce, ending } => Some((id, nonce, ending)),
            _ => None,
        });
        end.is_some()
    });
    let (id, nonce, ending) = end.expect("it was found");
    assert_eq!((id, nonce), (ActionId(1), 0));
    assert_eq!(run.chain.status().actions.earlier, 0);
    ending
}

fn noted(world: &World) -> Vec<u64> {
    world.noted().iter().map(|noted| noted.mark).collect()
}

/// The next run ends the action as confirmed, once, and goes on after it.
#[track_caller]
fn goes_on(world: &World, dir: &Dir) {
    let mut run = world.run(dir.start(world).expect("the session lives"));
    assert_eq!(end_of_earlier(&mut run), Ending::Confirmed);
    assert_eq!(run.act(Kind::Plain), ActionId(2), "numbers go on");
    run.settle();
    assert_eq!((noted(world), world.nonces()), (vec![1, 2], (2, 2)), "each once");
    world.verify_same_bytes();
}

#[test]
fn what_never_arrived_is_sent_by_the_next_run() {
    let (world, dir) = (World::new(), Dir::new());
    leave_one(&world, &dir, false);
    assert_eq!(world.nonces(), (0, 0), "no endpoint saw it");
    goes_on(&world, &dir);
}

#[test]
fn what_was_mined_or_forgotten_meanwhile_happens_once() {
    let check = |meanwhile: fn(&World)| {
        let (world, dir) = (World::new(), Dir::new());
        leave_one(&world, &dir, true);
        meanwhile(&world);
        goes_on(&world, &dir);
    };
    check(|world| world.node.mine());
    check(|world| {
        world.ask("anvil_dropAllTransactions", json!([]));
        assert_eq!(world.nonces(), (0, 0), "the pool forgot");
    });
}

#[test]
fn the_nonce_was_used_by_something_else_meanwhile() {
    let (world, dir) = (World::new(), Dir::new());
    leave_one(&world, &dir, false);
    let transfer = TxEip1559 {
        chain_id: CHAIN_ID,
        gas_limit: 21_000,
        max_fee_per_gas: 100_000_000_000,
        max_priority_fee_per_gas: 1_000_000_000,
        to: world.key.into(),
        ..TxEip1559::default()
    };
    let signature = session().sign_hash(&transfer.signature_hash());
    let raw: Bytes = TxEnvelope::from(transfer.into_signed(signature)).encoded_2718().into();
    world.ask("eth_sendRawTransaction", json!([raw]));
    world.node.mine();

    let mut run = world.run(dir.start(&world).expect("the session lives"));
    let Ending::Rejected(reason) = end_of_earlier(&mut run) else { panic!("it was not carried out") };
    assert!(reason.contains("another transaction"), "{reason}");
    run.act(Kind::Plain);
    run.settle();
    assert_eq!(noted(&world), [2]);
}

#[test]
fn the_session_was_revoked_meanwhile() {
    let (world, dir) = (World::new(), Dir::new());
    leave_one(&world, &dir, false);
    let before = world.submissions().len();
    world.by_the_owner(|owner| owner.revoke(world.key).expect("the owner may"));
    assert!(matches!(dir.start(&world), Err(StartError::NoSession { .. })));
    // The start's own question about sending bears no transaction.
    assert_eq!(world.submissions().len(), before, "nothing was sent");
}

#[test]
fn the_chain_began_anew_meanwhile() {
    let (world, dir) = (World::new(), Dir::new());
    leave_one(&world, &dir, false);
    // The same account and key on a chain of the same number.
    let first = world.ask("eth_getBlockByNumber", json!(["0x0", false]));
    let first: U64 = serde_json::from_value(first["timestamp"].clone()).expect("a time");
    let world = World::on(Node::automine_since(first.to::<u64>() + ANEW_S), |policy| policy);
    let refused = dir.start(&world).map(drop);
    let Err(StartError::Journal(JournalError::OtherHistory { transactions: 1, .. })) = refused else {
        panic!("{refused:?}")
    };
    let mut run = world.run(dir.start(&world).expect("said once"));
    assert_eq!(run.act(Kind::Plain), ActionId(1), "a new beginning");
    run.settle();
    assert_eq!(noted(&world), [1], "nothing of the other chain");
    world.verify(&run);
}
