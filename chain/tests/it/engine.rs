//! The engine's whole way over a chain: grant, act, sign, submit, watch, reconcile, revoke.

use std::time::{Duration, Instant};

use latchkey::{ActError, Chain, FrequencyCap, Outcome, Owner, Phase, SessionKey, StartError};
use serde_json::json;

use crate::support::{NOBODY, Node, Watcher, monster, owner, policy};

const DEADLINE: Duration = Duration::from_secs(20);

const BLOCK_TIME: Duration = Duration::from_millis(100);

fn started(node: &Node, cap: FrequencyCap) -> (Owner, Chain<Watcher>) {
    let owner = owner(node);
    let key = SessionKey::random().expect("randomness");
    let grant = owner.grant(&policy(cap), key.address()).expect("the owner's grant");
    let chain = Chain::builder(Watcher)
        .endpoint(node.endpoint())
        .session(key, grant.account)
        .sync_test(true)
        .start()
        .expect("a granted session starts");
    (owner, chain)
}

#[test]
fn actions_are_confirmed_in_order_and_the_states_agree() {
    let node = Node::every(BLOCK_TIME);
    let (owner, mut chain) = started(&node, FrequencyCap::per_second(20));
    assert_eq!(chain.status().phase, Phase::Ready);
    let mut ids: Vec<_> = [0, 1, 2, 3, 0, 1, 2, 3, 4].map(|id| chain.act(id).expect("room")).into();

    let begun = Instant::now();
    let mut confirmed = Vec::new();
    while confirmed.len() < ids.len() && begun.elapsed() < DEADLINE {
        for outcome in chain.drain() {
            match outcome {
                Outcome::Confirmed { id, .. } => confirmed.push(id),
                Outcome::Event { ours, .. } => assert!(ours.is_some(), "nobody else plays"),
                Outcome::Phase(_) | Outcome::Preconfirmed { .. } => {}
                other => panic!("unexpected {other:?}"),
            }
        }
        std::thread::yield_now();
    }
    ids.sort_unstable();
    assert_eq!(confirmed, ids, "every action is confirmed, in order");
    for id in 0..5 {
        assert_eq!(chain.confirmed()[id as usize], monster(&owner, id), "monster {id}");
    }
    let report = chain.shutdown(DEADLINE);
    assert_eq!((report.status.actions.confirmed, report.status.actions.unresolved), (9, 0));
    assert_eq!((report.status.transactions.reverted, report.status.rollbacks), (0, 0));
    assert!(report.status.transactions.sent < 9, "actions that waited together share a transaction");
}

#[test]
fn an_unplayable_action_is_refused_at_the_door_and_changes_nothing() {
    let node = Node::every(BLOCK_TIME);
    let (_owner, mut chain) = started(&node, FrequencyCap::per_second(5));
    assert!(matches!(chain.act(11), Err(ActError::Unplayable { action: 11, .. })));
    assert_eq!(chain.shutdown(DEADLINE).status.actions.acted, 0);
}

#[test]
fn shutdown_waits_for_what_is_queued() {
    let node = Node::every(BLOCK_TIME);
    let (_owner, mut chain) = started(&node, FrequencyCap::per_second(5));
    for id in 0..8 {
        chain.act(id).expect("room");
    }
    let report = chain.shutdown(DEADLINE);
    assert_eq!((report.status.actions.confirmed, report.status.actions.expired), (8, 0));
}

#[test]
fn a_revoked_session_ends_with_the_contracts_word() {
    let node = Node::every(BLOCK_TIME);
    let (owner, mut chain) = started(&node, FrequencyCap::per_second(5));
    owner.revoke(chain.status().session.key).expect("the owner may");
    chain.act(0).expect("the client does not know yet");
    let begun = Instant::now();
    let mut reason = None;
    while reason.is_none() && begun.elapsed() < DEADLINE {
        reason = chain.drain().into_iter().find_map(|outcome| match outcome {
            Outcome::Rejected { reason, .. } => Some(reason),
            _ => None,
        });
        std::thread::yield_now();
    }
    let reason = reason.expect("an outcome within the deadline");
    assert!(reason.contains("SessionUnknown"), "{reason}");
    assert!(owner.sessions().expect("a view").is_empty(), "nothing is left of it");
}

#[test]
fn a_stale_action_is_refused_alone_and_in_the_games_words() {
    let node = Node::every(BLOCK_TIME);
    let (_owner, mut chain) = started(&node, FrequencyCap::per_second(20));
    // Four blows fell monster 0; the model of these tests does not know, so the fifth is stale.
    for id in [0, 0, 0, 0, 0, 1] {
        chain.act(id).expect("room");
    }
    let begun = Instant::now();
    let mut ends = Vec::new();
    while ends.len() < 6 && begun.elapsed() < DEADLINE {
        ends.extend(chain.drain().into_iter().filter_map(|outcome| match outcome {
            Outcome::Confirmed { id, .. } => Some((id.0, None)),
            Outcome::Rejected { id, reason, .. } => Some((id.0, Some(reason))),
            _ => None,
        }));
        std::thread::yield_now();
    }
    let refused: Vec<_> = ends.into_iter().filter_map(|(id, reason)| Some((id, reason?))).collect();
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert!(refused[0].0 == 5 && refused[0].1.starts_with("MonsterDown"), "{refused:?}");
    assert_eq!(chain.status().transactions.reverted, 0, "the others in its batch were not harmed");
}

#[test]
fn a_reorg_is_read_again_until_the_states_agree() {
    let node = Node::every(BLOCK_TIME);
    let (owner, mut chain) = started(&node, FrequencyCap::per_second(20));
    let strike = |chain: &mut Chain<Watcher>| {
        let wanted = chain.status().actions.confirmed + 1;
        chain.act(0).expect("room");
        let begun = Instant::now();
        while chain.status().actions.confirmed < wanted && begun.elapsed() < DEADLINE {
            chain.drain();
            std::thread::yield_now();
        }
        chain.confirmed()[0]
    };
    let kept = strike(&mut chain);
    let fork = node.request("evm_snapshot", json!([])).expect("a snapshot");
    let lost = strike(&mut chain);
    assert_ne!(kept, lost);
    assert_eq!(node.request("evm_revert", json!([fork])).expect("an answer"), json!(true));

    let begun = Instant::now();
    while chain.confirmed()[0] != kept && begun.elapsed() < DEADLINE {
        chain.drain();
        std::thread::yield_now();
    }
    assert_eq!(chain.confirmed()[0], monster(&owner, 0), "the second blow never happened on the new history");
}

#[test]
fn a_run_does_not_start_without_a_session() {
    let node = Node::every(BLOCK_TIME);
    let start = |account| {
        let key = SessionKey::random().expect("randomness");
        Chain::builder(Watcher).endpoint(node.endpoint()).session(key, account).start()
    };
    assert!(matches!(start(NOBODY), Err(StartError::NotDelegated(NOBODY))));
    let (owner, _chain) = started(&node, FrequencyCap::per_second(5));
    assert!(matches!(start(owner.address()), Err(StartError::NoSession { .. })));
    let key = SessionKey::random().expect("randomness");
    let wrong = Chain::builder(Watcher).endpoint(node.endpoint()).session(key, owner.address()).chain_id(1).start();
    assert!(matches!(wrong, Err(StartError::WrongChain { expected: 1, found: 31_337 })));
}
