//! Faults on the way out: lies, skipped blocks, broken sockets.

use latchkey::Endpoint;
use latchkey::devnet::{Fault, Rule};
use serde_json::json;

use super::marks::Kind;
use super::world::{Via, World};

#[test]
fn case_04_two_endpoints_disagree_on_the_pending_count() {
    let world = World::new();
    let mut first = world.start(Via::Http);
    first.act_plain(3);
    first.settle();
    drop(first);
    // From now on one of two endpoints is three transactions behind.
    let stale = world.inject(Rule::new(Fault::Answer(json!("0x0"))).on("eth_getTransactionCount"));
    let honest = Endpoint::url(&world.node_url).expect("the chain's URL");
    let mut run = world.run(world.builder(Via::Http).also(honest).start().expect("a granted session starts"));
    assert!(world.proxy.fired(stale) > 0, "it was asked");
    for _ in 0..3 {
        run.act_plain(2);
        run.settle();
    }
    world.verify_same_bytes();
    world.verify(&run);
}

#[test]
fn case_06_the_poller_skips_the_block_that_mined_it() {
    let world = World::new();
    let mut run = world.start(Via::Http);
    run.act(Kind::Plain);
    world.until_pooled(1);
    let latest = |fault| Rule::new(fault).on("eth_getBlockByNumber").mentioning("latest");
    let before = world.ask("eth_getBlockByNumber", json!(["latest", false]));
    let stale = world.inject(latest(Fault::Answer(before)));
    world.node.mine();
    world.node.mine();
    world.until("it was polled meanwhile", || world.proxy.fired(stale) > 2);
    run.drain();
    assert!(!run.is_settled(), "nobody has said so");
    let polls = world.inject(latest(Fault::Rewrite(|_| {})));
    world.proxy.remove(stale);
    run.until("the outcome", |run| run.is_settled());
    assert!(world.proxy.fired(polls) <= 2 + 1, "within two polls, and one that had begun before");
    world.verify(&run);
}

#[test]
fn case_07_the_socket_breaks_around_our_block() {
    let world = World::new();
    let mut run = world.start(Via::Ws);
    run.act(Kind::Plain);
    run.settle();

    run.act(Kind::Plain);
    world.until_pooled(1);
    world.proxy.cut();
    world.node.mine();
    world.node.mine();
    world.proxy.restore();
    run.until("the outcome from before the break", |run| run.is_settled());

    run.act(Kind::Plain);
    world.until_pooled(1);
    world.proxy.stray_error();
    world.node.mine();
    run.until("the outcome although a frame made no sense", |run| run.is_settled());

    run.act_plain(3);
    run.settle();
    world.verify(&run);
}
