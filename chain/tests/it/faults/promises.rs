//! Submissions that are answered with the receipt (EIP-7966): what an endpoint promises, the chain decides.

use latchkey::devnet::{Fault, Rule, RuleId};
use serde_json::{Value, json};

use super::marks::Kind;
use super::world::{End, Run, Via, World};

const SYNC: &str = "eth_sendRawTransactionSync";

/// Keeps the client from seeing any block after the latest one.
fn blindfold(world: &World) -> RuleId {
    let latest = world.ask("eth_getBlockByNumber", json!(["latest", false]));
    world.inject(Rule::new(Fault::Answer(latest)).on("eth_getBlockByNumber").mentioning("latest"))
}

/// Mines an action that the endpoint promises, and the client sees no block of.
fn promised(run: &mut Run<'_>, kind: Kind) -> latchkey::ActionId {
    let id = run.act(kind);
    run.world.until_pooled(1);
    run.world.node.mine();
    run.until("it is promised", |run| run.preconfirmed.contains(&id));
    id
}

#[test]
fn case_08_preconfirmed_and_then_refused_by_the_chain() {
    let world = World::new();
    let mut run = world.start(Via::Http);
    let blindfold = blindfold(&world);
    let first = promised(&mut run, Kind::Plain);
    let refused = promised(&mut run, Kind::Reverts);
    let last = promised(&mut run, Kind::Plain);
    assert_eq!(run.preconfirmed, [first, refused, last], "each once");
    assert!(run.ends.is_empty(), "a promise ends nothing");
    assert_eq!((run.chain.confirmed().count, run.chain.predicted().count), (0, 3));
    world.proxy.remove(blindfold);
    run.settle();
    assert!(matches!(run.ends[&refused], End::Rejected(_)), "{:?}", run.ends);
    assert_eq!([&run.ends[&first], &run.ends[&last]], [&End::Confirmed; 2], "only the one is rolled back");
    assert_eq!(run.preconfirmed.len(), 3, "and nothing is promised afterwards");
    world.verify_same_bytes();
    world.verify(&run);
}

#[test]
fn case_08_preconfirmed_and_then_dropped_by_a_reorg() {
    let world = World::new();
    let mut run = world.start(Via::Http);
    let blindfold = blindfold(&world);
    let id = promised(&mut run, Kind::Plain);
    world.ask("anvil_reorg", json!([1, []]));
    assert_eq!(world.tally().count, 0, "the block is gone");
    world.proxy.remove(blindfold);
    run.settle();
    assert_eq!((run.ends[&id].clone(), run.reopened), (End::Confirmed, 0), "it was sent again, and mined once");
    world.verify_same_bytes();
    world.verify(&run);
}

#[test]
fn whatever_answers_a_held_submission_the_same_bytes_go_out_again() {
    let another = json!({ "transactionHash": alloy::primitives::B256::ZERO, "status": "0x1" });
    let faults = [
        Fault::Error(4, "the transaction was not processed in time"),
        Fault::Error(5, "the transaction is queued"),
        Fault::Error(6, "the nonce leaves a gap"),
        Fault::Error(-32_601, "the method does not exist"),
        Fault::Answer(Value::Null),
        Fault::Answer(another),
        Fault::LoseRequest,
        Fault::LoseAnswer,
    ];
    for fault in faults {
        let world = World::new();
        let mut run = world.start(Via::Http);
        let rule = world.inject(Rule::new(fault.clone()).on(SYNC).times(1));
        run.act(Kind::Plain);
        world.until("it is met", || world.proxy.fired(rule) == 1);
        // Whether it arrived is not known; further ones do not wait for that.
        run.act_plain(2);
        run.settle();
        assert!(run.ends.values().all(|end| *end == End::Confirmed), "{fault:?}: {:?}", run.ends);
        world.verify_same_bytes();
        world.verify(&run);
    }
}

#[test]
fn a_held_submission_holds_up_nothing() {
    for via in [Via::Http, Via::Ws] {
        let world = World::new();
        let mut run = world.start(via);
        let held = world.inject(Rule::new(Fault::Rewrite(|_| {})).on(SYNC));
        run.act(Kind::Plain);
        world.until("it is held", || world.proxy.fired(held) == 1);
        run.act_plain(3);
        // No block has come, so the first one has no answer.
        world.until_pooled(4);
        assert_eq!(world.proxy.fired(held), 1, "what follows goes the plain way");
        run.settle();
        world.verify_same_bytes();
        world.verify(&run);
    }
}
