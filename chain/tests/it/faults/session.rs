//! Sessions that end while eight transactions are in flight, and keys that run out of money.

use latchkey::devnet::{Fault, Rule};
use latchkey::{ActError, DegradedReason, DrainReason, Phase};
use serde_json::json;

use super::marks::Kind;
use super::world::{End, Run, Via, World};

/// Transactions that may be in flight at once.
const IN_FLIGHT: usize = 8;

/// Actions that then wait behind them.
const WAITING: usize = 3;

/// Eight transactions signed and none at the endpoint yet, three actions behind them.
fn full(run: &mut Run<'_>) {
    run.world.inject(Rule::new(Fault::LoseRequest).on("eth_sendRaw*"));
    run.act_plain(IN_FLIGHT + WAITING);
    run.until("eight are signed", |run| run.chain.status().transactions.sent as usize == IN_FLIGHT);
}

/// Lets the eight go, and holds what came of all eleven against the reason.
fn drained(mut run: Run<'_>, reason: DrainReason, words: Option<&str>) {
    let world = run.world;
    world.proxy.clear();
    run.settle();
    let told: Vec<_> = run.phases.iter().filter(|phase| matches!(phase, Phase::Draining(_))).collect();
    assert_eq!(told, [&Phase::Draining(reason)], "one prompt, with the reason");
    let expired = run.ends.values().filter(|end| **end == End::Expired).count();
    assert_eq!(expired, WAITING, "what was not signed never is");
    for end in run.ends.values().filter(|end| **end != End::Expired) {
        match (words, end) {
            (None, End::Confirmed) => {}
            (Some(words), End::Rejected(reason)) => assert!(reason.starts_with(words), "{reason}"),
            other => panic!("{other:?}"),
        }
    }
    assert!(matches!(run.chain.act(world.mark(Kind::Plain)), Err(ActError::Expired(_))), "nothing new is taken");
    world.verify_same_bytes();
    assert_eq!(world.nonces().0 as usize, IN_FLIGHT, "nothing new was signed");
    world.verify(&run);
}

#[test]
fn case_13_the_session_is_revoked_with_eight_in_flight() {
    let world = World::new();
    let mut run = world.start(Via::Http);
    full(&mut run);
    world.by_the_owner(|owner| owner.revoke(world.key).expect("the owner may"));
    drained(run, DrainReason::Revoked, Some("SessionUnknown"));
}

#[test]
fn case_13_the_session_expires_with_eight_in_flight_and_the_local_clock_off() {
    let world = World::with(|policy| policy.lifetime(std::time::Duration::from_secs(600)));
    // The chain's time is what counts; this machine's is 90 s behind it from here on.
    world.ask("evm_increaseTime", json!([90]));
    world.node.mine();
    let mut run = world.start(Via::Http);
    full(&mut run);
    world.ask("evm_increaseTime", json!([600]));
    world.node.mine();
    drained(run, DrainReason::Expired, Some("Expired"));
}

#[test]
fn out_of_gas_money_pauses_until_a_top_up() {
    let world = World::new();
    let mut run = world.start(Via::Http);
    run.act_plain(1);
    run.settle();
    world.ask("anvil_setBalance", json!([world.key, "0x1"]));
    world.node.mine();
    run.act_plain(3);
    run.until("it says so", |run| run.phases.contains(&Phase::Degraded(DegradedReason::GasMoney)));
    world.ask("anvil_setBalance", json!([world.key, "0xde0b6b3a7640000"]));
    run.settle();
    run.act_plain(1);
    run.settle();
    assert_eq!(run.chain.status().phase, Phase::Ready, "{:?}", run.phases);
    let told = run.phases.iter().filter(|phase| **phase == Phase::Degraded(DegradedReason::GasMoney)).count();
    assert_eq!(told, 1, "one prompt: {:?}", run.phases);
    world.verify(&run);
}
