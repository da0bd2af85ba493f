//! A second endpoint, a session key without coin, and what the check at the start says.

use std::time::{Duration, Instant};

use latchkey::devnet::{Fault, FaultProxy, Rule};
use latchkey::{Chain, ChainBuilder, DegradedReason, Endpoint, FrequencyCap, Outcome, Phase, SessionKey, StartError};
use serde_json::json;

use crate::support::{Node, Watcher, owner, policy};

const DEADLINE: Duration = Duration::from_secs(30);

const BLOCK_TIME: Duration = Duration::from_millis(100);

fn granted(node: &Node, endpoint: Endpoint) -> ChainBuilder<Watcher> {
    let key = SessionKey::random().expect("randomness");
    let grant = owner(node).grant(&policy(FrequencyCap::per_second(5)), key.address()).expect("the owner's grant");
    Chain::builder(Watcher).endpoint(endpoint).session(key, grant.account)
}

/// Drains until an outcome is the wanted one.
fn until(chain: &mut Chain<Watcher>, wanted: impl Fn(&Outcome<Watcher>) -> bool) -> Vec<Outcome<Watcher>> {
    let begun = Instant::now();
    let mut seen = Vec::new();
    while !seen.iter().any(&wanted) {
        assert!(begun.elapsed() < DEADLINE, "not within {DEADLINE:?}: {seen:?}");
        seen.extend(chain.drain());
        std::thread::yield_now();
    }
    seen
}

#[test]
fn a_second_endpoint_takes_what_the_first_one_swallows() {
    let node = Node::every(BLOCK_TIME);
    let (url, _server) = node.serve();
    for fault in [Fault::LoseRequest, Fault::Refuse] {
        let proxy = FaultProxy::start(&url, 0).expect("a free port");
        let first = Endpoint::url(&proxy.ws_url()).expect("the proxy's URL");
        let second = Endpoint::url(&url).expect("the node's URL");
        let mut chain = granted(&node, first).also(second).start().expect("both endpoints serve the chain");
        assert!(matches!(&chain.startup().second, Some((_, true))), "{}", chain.startup());
        let rule = proxy.inject(Rule::new(fault.clone()).on("eth_sendRawTransaction*")).expect("room for a rule");
        chain.act(0).expect("room");
        until(&mut chain, |outcome| matches!(outcome, Outcome::Confirmed { .. }));
        assert!(proxy.fired(rule) > 0, "{fault:?}: the first endpoint was asked first");
    }
}

#[test]
fn two_endpoints_of_different_chains_are_refused() {
    let node = Node::every(BLOCK_TIME);
    let other = latchkey::devnet::Devnet::builder().chain_id(7).spawn().expect("a devnet starts");
    let second = Endpoint::connection("other", other.connection());
    let refused = granted(&node, node.endpoint()).also(second).start();
    assert!(matches!(refused, Err(StartError::WrongChain { expected: 31_337, found: 7 })));
}

#[test]
fn without_coin_the_run_waits_and_goes_on_when_it_is_topped_up() {
    let node = Node::every(BLOCK_TIME);
    let session = SessionKey::random().expect("randomness");
    let key = session.address();
    let account = owner(&node).grant(&policy(FrequencyCap::per_second(5)), key).expect("a grant").account;
    node.request("anvil_setBalance", json!([key, "0x1"])).expect("a balance");
    let builder = Chain::builder(Watcher).endpoint(node.endpoint()).session(session, account);
    let mut chain = builder.action_ttl(Duration::from_secs(3_600)).start().expect("a wei is not nothing");
    assert_eq!(chain.startup().actions_paid, 0, "{}", chain.startup());
    chain.act(0).expect("room");
    let mut seen =
        until(&mut chain, |outcome| matches!(outcome, Outcome::Phase(Phase::Degraded(DegradedReason::GasMoney))));
    node.request("anvil_setBalance", json!([key, "0xde0b6b3a7640000"])).expect("a balance");
    seen.extend(until(&mut chain, |outcome| matches!(outcome, Outcome::Confirmed { .. })));
    let told = seen.iter().filter(|outcome| matches!(outcome, Outcome::GasMoney { left: 1, .. })).count();
    assert_eq!(told, 1, "{seen:?}");
    assert_eq!(chain.status().phase, Phase::Ready);
}
