//! Faults on the way in: refusals, lost requests, lost answers.

use alloy::primitives::Bytes;
use latchkey::devnet::{Fault, Rule};

use super::marks::Kind;
use super::world::{Via, World};

#[test]
fn case_01_every_second_send_refused() {
    for via in [Via::Http, Via::Ws] {
        let world = World::new();
        let refusals = world.inject(Rule::new(Fault::Refuse).on("eth_sendRawTransaction*").every(2));
        let mut run = world.start(via);
        run.act_plain(12);
        run.settle();
        assert!(world.proxy.fired(refusals) >= 11, "half of all sends met a refusal");
        world.verify_same_bytes();
        world.verify(&run);
    }
}

#[test]
fn case_02_the_middle_one_of_three_is_lost() {
    let world = World::new();
    let mut run = world.start(Via::Http);
    run.act_plain(5);
    run.settle();
    let before = world.submissions().len();
    world.fail_sends(1, 1, Fault::LoseRequest);
    run.act_plain(3);
    world.until_pooled(3);
    let sent: Vec<u64> = world.submissions().into_iter().skip(before).map(|(nonce, _)| nonce).collect();
    assert_eq!(sent.len(), 4, "one more than without the fault: {sent:?}");
    assert_eq!(sent.iter().filter(|nonce| **nonce == 6).count(), 2, "only the lost one went out again: {sent:?}");
    run.settle();
    world.verify_same_bytes();
    world.verify(&run);
}

#[test]
fn case_03_one_failure_with_three_in_flight() {
    let faults = [Fault::Error(-32_603, "internal error"), Fault::LoseAnswer, Fault::LoseRequest, Fault::Refuse];
    for fault in faults {
        for place in 0..3 {
            let world = World::new();
            let mut run = world.start(Via::Http);
            world.fail_sends(place, 1, fault.clone());
            run.act_plain(3);
            world.until_pooled(3);
            run.act_plain(1);
            run.settle();
            world.verify_same_bytes();
            world.verify(&run);
        }
    }
}

#[test]
fn case_05_a_send_without_an_answer_was_accepted() {
    for via in [Via::Http, Via::Ws] {
        let world = World::new();
        let mut run = world.start(via);
        let lost = world.fail_sends(0, 1, Fault::LoseAnswer);
        run.act(Kind::Plain);
        world.until_pooled(1);
        run.act_plain(2);
        run.settle();
        assert_eq!(world.proxy.fired(lost), 1);
        world.verify_same_bytes();
        world.verify(&run);
    }
}

#[test]
fn case_10_a_dropped_transaction_goes_out_again() {
    let world = World::new();
    let mut run = world.start(Via::Http);
    run.act_plain(2);
    world.until_pooled(2);
    let raw = world.submissions().into_iter().map(|(_, raw)| raw).collect::<Vec<Bytes>>();
    world.ask("anvil_dropAllTransactions", serde_json::json!([]));
    assert_eq!(world.nonces(), (0, 0), "the pool has forgotten them");
    // Receipt and transaction are null from now on, and the nonce does not move.
    run.until("both are offered again", |_| {
        world.node.mine();
        world.nonces().1 == 2
    });
    run.settle();
    let again = world.submissions().into_iter().skip(2).map(|(_, raw)| raw).collect::<Vec<Bytes>>();
    assert!(again.iter().all(|bytes| raw.contains(bytes)) && again.len() >= 2, "the same bytes");
    world.verify_same_bytes();
    world.verify(&run);
}
