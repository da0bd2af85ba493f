//! Several sessions of one process on shared threads.

use std::time::{Duration, Instant};

use latchkey::devnet::dev_accounts;
use latchkey::{Chain, Fleet, FrequencyCap, Owner, SessionKey};

use crate::support::{Node, Watcher, policy};

const BLOCK_TIME: Duration = Duration::from_millis(25);

/// Longest wait for outcomes.
const DEADLINE: Duration = Duration::from_secs(30);

fn session(node: &Node, fleet: &Fleet, player: usize) -> Chain<Watcher> {
    let owner = Owner::connect(&node.endpoint(), dev_accounts()[player].clone()).expect("the chain answers");
    let key = SessionKey::random().expect("randomness");
    owner.grant(&policy(FrequencyCap::per_second(20)), key.address()).expect("a grant");
    fleet.chain(Watcher).session(key, owner.address()).start().expect("a granted session")
}

fn ended(chain: &Chain<Watcher>) -> u64 {
    // A monster that others have felled meanwhile is an end as good as any.
    chain.status().actions.confirmed + chain.status().actions.rejected
}

/// Acts, and drains until as many actions more have ended on the chain.
fn end(chain: &mut Chain<Watcher>, actions: u64) {
    let wanted = ended(chain) + actions;
    for monster in 0..actions {
        chain.act(monster).expect("room");
    }
    let begun = Instant::now();
    while ended(chain) < wanted && begun.elapsed() < DEADLINE {
        chain.drain();
        std::thread::yield_now();
    }
    assert_eq!(ended(chain), wanted);
}

#[test]
fn a_session_that_does_not_drain_or_ends_holds_up_no_other() {
    let node = Node::every(BLOCK_TIME);
    let fleet = Fleet::builder(node.endpoint()).threads(1).start().expect("the chain answers");
    let mut idle = session(&node, &fleet, 0);
    let mut leaving = session(&node, &fleet, 1);
    let mut staying = session(&node, &fleet, 2);
    for monster in 0..3 {
        idle.act(monster).expect("room");
    }
    end(&mut leaving, 3);
    // Many more blocks than the idle session has room for.
    let from = staying.status().head_number;
    while staying.status().head_number < from + 100 {
        end(&mut staying, 1);
    }
    drop(leaving);
    end(&mut staying, 2);
    assert_eq!(ended(&idle), 0, "it was never asked");
    let begun = Instant::now();
    while idle.status().head_number < staying.status().head_number && begun.elapsed() < DEADLINE {
        idle.drain();
        staying.drain();
        std::thread::yield_now();
    }
    assert_eq!(ended(&idle), 3, "what it had missed is told");
    assert_eq!(idle.confirmed(), staying.confirmed(), "and both have the same world");
}

#[test]
fn a_fleet_ends_with_its_last_session() {
    let node = Node::every(BLOCK_TIME);
    let mut chain = {
        let fleet = Fleet::builder(node.endpoint()).threads(2).start().expect("the chain answers");
        session(&node, &fleet, 0)
    };
    end(&mut chain, 2);
    assert_eq!(chain.shutdown(DEADLINE).status.actions.unresolved, 0);
}
