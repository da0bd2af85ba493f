//! Many connections, slow ones, and subscribers that never read.

use serde_json::{Value, json};

use super::Target;
use crate::devnet::{
    support::{STORE_AND_LOG, account, deploy, send, sign, transaction},
    wire::Wire,
};

/// Connections of the crowd.
const CROWD: usize = 1_000;

/// Subscribers that never read, each with as many subscriptions as it may have.
const DEAF: usize = 16;

#[test]
fn a_thousand_connections_are_answered_or_turned_away_and_leave_nothing() {
    let target = Target::new();
    let mut crowd: Vec<Wire> = (0..CROWD).map(|_| target.wire()).collect();
    let request = br#"{"jsonrpc":"2.0","id":1,"method":"eth_blockNumber","params":[]}"#;
    let (mut answered, mut refused) = (0, 0);
    for wire in &mut crowd {
        match wire.post(request) {
            Ok(answer) if answer.status == 200 => answered += 1,
            Ok(answer) if answer.status == 429 => refused += 1,
            Ok(answer) => panic!("neither answered nor turned away: {}", answer.status),
            // Closed at once: that, too, is turned away.
            Err(_) => refused += 1,
        }
    }
    println!("{answered} answered, {refused} turned away");
    assert!(answered >= 100, "most of the time there is room: {answered}");
    drop(crowd);
    freed(&target);
    target.survives();
}

/// Waits until a new connection is served again: the server learns from its sockets that the old ones are gone.
fn freed(target: &Target) {
    let begun = std::time::Instant::now();
    let request = br#"{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}"#;
    while !target.wire().post(request).is_ok_and(|answer| answer.status == 200) {
        assert!(begun.elapsed().as_secs() < 20, "the crowd has gone, and nobody is served");
        std::thread::yield_now();
    }
}

#[test]
fn half_a_request_holds_up_nobody_else() {
    let target = Target::new();
    let mut slow: Vec<Wire> = (0..64).map(|_| target.wire()).collect();
    for wire in &mut slow {
        wire.send(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Le").expect("the server listens");
    }
    for wire in slow.iter_mut().take(32) {
        wire.send(b"ngth: 1000\r\n\r\n{\"jsonrpc\"").expect("the server listens");
    }
    for _ in 0..100 {
        assert_eq!(target.post(br#"{"jsonrpc":"2.0","id":1,"method":"net_version"}"#)["result"], "31337");
    }
    target.survives();
}

#[test]
fn headers_without_end_are_cut_off() {
    let target = Target::new();
    let mut wire = target.wire();
    let line = format!("X-Filler: {}\r\n", "a".repeat(1_000));
    let sent = wire
        .send(b"POST / HTTP/1.1\r\nHost: localhost\r\n")
        .and_then(|()| (0..100_000).try_for_each(|_| wire.send(line.as_bytes())));
    // A hundred megabytes of headers: the server answers with an error, or hangs up.
    let ended = sent.and_then(|()| wire.read());
    assert!(ended.map_or(true, |answer| answer.status >= 400), "headers must have a limit");
    target.survives();
}

#[test]
fn subscribers_that_never_read_cost_no_memory_and_delay_nobody() {
    let target = Target::new();
    let contract = deploy(&target.devnet, STORE_AND_LOG);
    let subscribe = |wire: &mut Wire, id: usize, topic: &str| {
        let request = json!({ "jsonrpc": "2.0", "id": id, "method": "eth_subscribe", "params": [topic] });
        wire.message(&request.to_string()).expect("the server listens");
    };
    let mut deaf: Vec<Wire> = (0..DEAF).map(|_| target.wire().upgrade().expect("a WebSocket")).collect();
    for wire in &mut deaf {
        for id in 0..64 {
            subscribe(wire, id, ["newHeads", "logs", "newPendingTransactions"][id % 3]);
        }
        let mut answers = 0;
        while answers < 64 {
            let answer = wire.heard().expect("an answer");
            assert!(answer.get("error").is_none(), "64 subscriptions are allowed: {answer}");
            answers += usize::from(answer.get("id").is_some());
        }
        subscribe(wire, 64, "newHeads");
        let beyond = wire.heard().expect("an answer");
        assert!(beyond.get("error").is_some(), "the 65th is refused: {beyond}");
    }
    // Some 350 MB of notices, were they all kept.
    let sender = account(3);
    let mut nonce = 0;
    for _ in 0..500 {
        for _ in 0..4 {
            let mut tx = transaction(nonce, contract);
            tx.gas_limit = 60_000;
            send(&target.devnet, &sign(&sender, tx)).expect("the pool takes it");
            nonce += 1;
        }
        target.devnet.mine();
    }
    let mut keen = target.wire().upgrade().expect("a WebSocket");
    subscribe(&mut keen, 1, "newHeads");
    assert!(keen.heard().expect("an answer").get("result").is_some());
    let head = target.devnet.mine();
    let heard: Value = keen.heard().expect("a notice");
    assert_eq!(heard["params"]["result"]["hash"], json!(head.hash()), "a reader still hears at once");
    drop(deaf);
    target.survives();
}

#[test]
fn broken_websocket_frames_end_their_connection_only() {
    let target = Target::new();
    let upgraded = || target.wire().upgrade().expect("a WebSocket");
    let mut keen = upgraded();
    // A reserved opcode, a length beyond any limit, a control frame that is too long.
    let huge = [&[0x81, 0xff][..], &u64::MAX.to_be_bytes(), &[0; 4]].concat();
    for frame in [&[0x8f, 0x80, 0, 0, 0, 0][..], &huge, &[0x89, 0xfe, 0xff, 0xff, 0, 0, 0, 0]] {
        let mut wire = upgraded();
        wire.send(frame).expect("the server listens");
        assert!(wire.heard().is_err(), "{frame:x?} ends the connection");
    }
    keen.message("nonsense").expect("the server listens");
    assert_eq!(keen.heard().expect("an answer")["error"]["code"], -32700);
    keen.message(r#"{"jsonrpc":"2.0","id":3,"method":"eth_chainId"}"#).expect("the server listens");
    assert_eq!(keen.heard().expect("an answer")["result"], "0x7a69");
    target.survives();
}
