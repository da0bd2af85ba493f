//! An endpoint that refuses half of what it is sent, and then is gone for a while.

use std::time::Duration;

use latchkey::devnet::{Fault, Rule};
use latchkey::{ActError, FrequencyCap};
use serde_json::json;

use super::marks::Kind;
use super::world::{End, Via, World};

/// Actions that may be unconfirmed at once, by default.
const WINDOW: usize = 64;

/// Blocks of a second during which nothing gets through: more than the cap's period and the longest first pauses.
const OUTAGE_BLOCKS: u64 = 5;

/// Longest wait of an action for its signature: longer than the outage's first blocks.
const TTL: Duration = Duration::from_secs(7);

#[test]
fn case_15_refusals_and_an_outage_at_five_transactions_a_second() {
    let world = World::with(|policy| policy.frequency(FrequencyCap::per_second(5)).max_actions_per_tx(4));
    // The cap is counted in the chain's time, which has to go as the client's does.
    world.ask("evm_setIntervalMining", json!([1]));
    let chain = world.builder(Via::Http).action_ttl(TTL).start().expect("a granted session starts");
    let mut run = world.run(chain);
    world.inject(Rule::new(Fault::Refuse).on("eth_sendRaw*").every(2));
    run.act_plain(4);
    run.until("the first ones get through", |run| run.is_settled());

    world.proxy.cut();
    let end = world.height() + OUTAGE_BLOCKS;
    while run.chain.status().actions.unresolved < WINDOW as u64 {
        run.act(Kind::Plain);
        run.drain();
    }
    let refused = run.chain.act(world.mark(Kind::Plain));
    assert!(matches!(refused, Err(ActError::Full(_))), "what waits is bounded, and the player is told");
    assert_eq!(run.chain.predicted().count, run.chain.confirmed().count + WINDOW as u64, "all of it shows at once");
    run.until("the outage is over", |run| run.world.height() >= end);
    assert_eq!(run.chain.status().actions.unresolved, WINDOW as u64, "nothing has ended meanwhile");

    run.until("what nobody can sign any more has expired", |run| run.ends.len() > 4);
    assert!(run.ends.values().skip(4).all(|end| *end == End::Expired), "{:?}", run.ends);
    let open = run.chain.status().actions.unresolved;
    assert_eq!(run.chain.predicted().count, run.chain.confirmed().count + open, "and is rolled back");

    world.proxy.restore();
    run.until("everything has ended", |run| run.is_settled());
    assert!(run.ends.values().all(|end| matches!(end, End::Confirmed | End::Expired)), "{:?}", run.ends);
    let transactions = run.chain.status().transactions;
    assert_eq!((transactions.rate_limited, transactions.reverted), (0, 0), "no burst above the cap");
    world.verify(&run);
}

/// Seconds of the chain's time without an endpoint.
const LONG_OUTAGE_S: u64 = 30;

/// Longest wait of an action for its signature, on a client whose own clock hardly moves meanwhile.
const SHORT_TTL: Duration = Duration::from_millis(500);

#[test]
fn case_15_half_a_minute_without_an_endpoint_at_five_actions_a_second() {
    let world = World::with(|policy| policy.frequency(FrequencyCap::per_second(5)).max_actions_per_tx(4));
    let chain = world.builder(Via::Http).action_ttl(SHORT_TTL).start().expect("a granted session starts");
    let mut run = world.run(chain);
    run.act_plain(4);
    run.settle();

    world.proxy.cut();
    let mut turned_away = 0;
    for _ in 0..LONG_OUTAGE_S {
        world.ask("evm_increaseTime", json!([1]));
        world.node.mine();
        for _ in 0..5 {
            let mark = world.mark(Kind::Plain);
            match run.chain.act(mark) {
                Ok(id) => run.acted.push((id, mark)),
                Err(ActError::Full(_)) => turned_away += 1,
                Err(other) => panic!("{other}"),
            }
        }
        run.drain();
        let open = run.chain.status().actions.unresolved;
        assert!(open <= WINDOW as u64, "{open} wait");
        assert_eq!(run.chain.predicted().count, run.chain.confirmed().count + open, "what expired is rolled back");
    }
    assert!(run.acted.len() + turned_away >= 150, "the player was never held up");
    run.until("what nobody has signed has expired", |run| run.chain.status().actions.queued == 0);
    let expired = run.ends.values().filter(|end| **end == End::Expired).count();
    assert!(expired > 0, "{:?}", run.ends);

    world.proxy.restore();
    run.settle();
    assert!(run.ends.values().all(|end| matches!(end, End::Confirmed | End::Expired)), "{:?}", run.ends);
    let transactions = run.chain.status().transactions;
    assert_eq!((transactions.rate_limited, transactions.reverted), (0, 0), "no burst above the cap");
    world.verify_same_bytes();
    world.verify(&run);
}
