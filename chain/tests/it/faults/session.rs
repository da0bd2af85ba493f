//! Sessions that end while eight transactions are in flight, and keys that run out of money.

use std::time::Duration;

use latchkey::devnet::{Fault, Rule};
use latchkey::{ActError, DegradedReason, DrainReason, FrequencyCap, Phase};
use serde_json::json;

use super::marks::Kind;
use super::world::{End, Run, Via, World};

/// Transactions that may be in flight at once.
const IN_FLIGHT: usize = 8;

/// Actions that then wait behind them.
const WAITING: usize = 3;

/// What is said of an action that other code in the account took.
const OTHER_CODE: &str = "the account ran other code than the session wallet";

/// Longest wait of an action for its signature, where it is to expire.
const TTL: Duration = Duration::from_millis(300);

/// The reasons for which the run signs nothing new, as often as they were told.
fn drains(run: &Run<'_>) -> Vec<DrainReason> {
    let reasons = run.phases.iter().filter_map(|phase| match phase {
        Phase::Draining(reason) => Some(*reason),
        _ => None,
    });
    reasons.collect()
}

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
    assert_eq!(drains(&run), [reason], "one prompt, with the reason");
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
    let world = World::with(|policy| policy.lifetime(Duration::from_secs(600)));
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
fn case_13_the_key_is_granted_again_for_less_with_eight_in_flight() {
    let world = World::with(|policy| policy.max_actions_per_tx(2));
    world.ask("evm_increaseTime", json!([90]));
    world.node.mine();
    let mut run = world.start(Via::Http);
    world.inject(Rule::new(Fault::LoseRequest).on("eth_sendRaw*"));
    run.act_plain(1);
    run.until("the first one leaves alone", |run| run.chain.status().transactions.sent == 1);
    run.act_plain(2 * (IN_FLIGHT - 1) + WAITING);
    run.until("eight are signed", |run| run.chain.status().transactions.sent as usize == IN_FLIGHT);
    world.grant_again(|policy| policy.max_actions_per_tx(1));
    world.proxy.clear();
    // All in one block: a receipt of the first one alone would let another one leave.
    world.until_pooled(IN_FLIGHT as u64);
    run.settle();
    assert_eq!(drains(&run), [DrainReason::PolicyChanged], "one prompt, with the reason");
    let count = |wanted: fn(&End) -> bool| run.ends.values().filter(|end| wanted(end)).count();
    assert_eq!(count(|end| *end == End::Confirmed), 1, "one action in a transaction is still allowed");
    assert_eq!(count(|end| *end == End::Expired), WAITING, "what was not signed never is");
    let refused = count(|end| matches!(end, End::Rejected(words) if words.starts_with("TooManyActions")));
    assert_eq!(refused, 2 * (IN_FLIGHT - 1));
    assert!(matches!(run.chain.act(world.mark(Kind::Plain)), Err(ActError::Expired(_))), "nothing new is taken");
    world.verify_same_bytes();
    assert_eq!(world.nonces().0 as usize, IN_FLIGHT, "nothing new was signed");
    world.verify(&run);
}

#[test]
fn case_13_the_key_is_granted_again_for_fewer_transactions() {
    let world = World::new();
    world.ask("evm_increaseTime", json!([90]));
    world.node.mine();
    let mut run = world.start(Via::Http);
    full(&mut run);
    world.grant_again(|policy| policy.frequency(FrequencyCap::new(2, 3_600)));
    world.proxy.clear();
    // What the contract refuses by frequency says nothing of a change; the session itself does.
    run.settle();
    run.until("it says so", |run| !drains(run).is_empty());
    assert_eq!(drains(&run), [DrainReason::PolicyChanged], "one prompt, with the reason");
    let confirmed = run.ends.values().filter(|end| **end == End::Confirmed).count();
    assert_eq!(confirmed, 2, "{:?}", run.ends);
    assert!(matches!(run.chain.act(world.mark(Kind::Plain)), Err(ActError::Expired(_))), "nothing new is taken");
    world.verify_same_bytes();
    world.verify(&run);
}

#[test]
fn an_account_that_is_delegated_elsewhere_confirms_nothing() {
    // No code at all, code that takes everything without a word, and code that refuses everything.
    for (code, words) in [("0x", Some(OTHER_CODE)), ("0x00", Some(OTHER_CODE)), ("0x5f5ffd", None)] {
        let world = World::new();
        let mut run = world.start(Via::Http);
        run.act_plain(3);
        run.settle();
        let asked = world.proxy.requests("eth_getCode");
        run.act_plain(3);
        run.settle();
        assert_eq!(world.proxy.requests("eth_getCode"), asked, "the game's logs are evidence enough");
        assert!(run.ends.values().all(|end| *end == End::Confirmed), "{:?}", run.ends);
        world.ask("anvil_setCode", json!([world.account, code]));
        let ids = run.act_plain(3);
        run.settle();
        assert!(matches!(run.ends[&ids[0]], End::Rejected(_)), "{code}: {:?}", run.ends);
        for end in ids.iter().map(|id| &run.ends[id]) {
            match end {
                End::Rejected(reason) => assert!(words.is_none_or(|words| reason == words), "{code}: {reason}"),
                // It was not signed yet when the first one's receipt ended the run.
                end => assert_eq!(*end, End::Expired, "{code}"),
            }
        }
        run.until("it says so", |run| !drains(run).is_empty());
        assert_eq!(drains(&run), [DrainReason::DelegatedElsewhere], "{code}: one prompt, with the reason");
        assert!(matches!(run.chain.act(world.mark(Kind::Plain)), Err(ActError::Expired(_))), "nothing new is taken");
        world.verify(&run);
    }
}

#[test]
fn a_top_up_is_noticed_after_what_waited_has_expired() {
    let world = World::new();
    world.ask("anvil_setBalance", json!([world.key, "0x1"]));
    let chain = world.builder(Via::Http).action_ttl(TTL).start().expect("a wei is not nothing");
    let mut run = world.run(chain);
    run.act_plain(1);
    run.settle();
    assert!(run.ends.values().all(|end| *end == End::Expired), "it was never signed: {:?}", run.ends);
    assert_eq!(run.chain.status().phase, Phase::Degraded(DegradedReason::GasMoney));
    world.ask("anvil_setBalance", json!([world.key, "0xde0b6b3a7640000"]));
    // Nobody acts meanwhile.
    run.until("it is well again", |run| run.chain.status().phase == Phase::Ready);
    run.act_plain(1);
    run.settle();
    world.verify(&run);
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
