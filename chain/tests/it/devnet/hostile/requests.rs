//! Broken JSON, large bodies, deep nesting, large batches, strange parameters.

use serde_json::{Value, json};

use super::Target;

#[test]
fn what_is_no_request_gets_the_error_of_json_rpc() {
    let target = Target::new();
    let check = |body: &[u8], code: i64| {
        let answer = target.wire().post(body).expect("an answer");
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert_eq!(
            answer.json()["error"]["code"],
            code,
            "{}: {text}",
            String::from_utf8_lossy(&body[..body.len().min(80)])
        );
    };
    check(b"", -32700);
    check(b"{", -32700);
    check(b"nonsense", -32700);
    check(b"\xff\xfe\x00", -32700);
    check(br#"{"jsonrpc":"2.0","id":1,"method":"eth_chainId""#, -32700);
    check(br#"{"jsonrpc":"2.0","id":1}"#, -32600);
    check(br#"{"jsonrpc":"2.0","id":1,"method":7}"#, -32600);
    check(b"[]", -32600);
    check(br#"{"jsonrpc":"2.0","id":1,"method":"eth_noSuchMethod"}"#, -32601);
    check(br#"{"jsonrpc":"2.0","id":1,"method":"eth_getBalance","params":7}"#, -32602);
    check(br#"{"jsonrpc":"2.0","id":1,"method":"eth_getBalance","params":["0x"]}"#, -32602);
    target.survives();
}

#[test]
fn deep_nesting_is_an_error() {
    let target = Target::new();
    for depth in [200, 100_000] {
        let nested = [b"[".repeat(depth), b"]".repeat(depth)].concat();
        let head = br#"{"jsonrpc":"2.0","id":1,"method":"eth_call","params":"#;
        for body in [nested.clone(), [&head[..], &nested, b"}"].concat(), b"[".repeat(depth), b"{\"a\":".repeat(depth)]
        {
            let answer = target.wire().post(&body).expect("an answer").json();
            let errors = answer.as_array().map_or_else(|| vec![answer.clone()], Clone::clone);
            assert!(errors.iter().all(|answer| answer["error"]["code"].is_i64()), "{answer}");
        }
    }
    target.survives();
}

#[test]
fn large_bodies_are_refused_unread() {
    let target = Target::new();
    let body =
        [br#"{"jsonrpc":"2.0","id":1,"method":"eth_call","params":[""#.as_slice(), &vec![b'a'; 2_200_000], b"\"]}"];
    let body = body.concat();
    for _ in 0..50 {
        let mut wire = target.wire();
        // The server may close before it has read everything; then writing or reading fails.
        if let Ok(answer) = wire.post(&body) {
            assert_eq!(answer.status, 413, "{}", String::from_utf8_lossy(&answer.body));
        }
    }
    // The same without telling the length.
    let mut wire = target.wire();
    let head =
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    let sent = wire.send(head.as_bytes()).and_then(|()| {
        (0..64).try_for_each(|_| wire.send(&[b"10000\r\n".as_slice(), &[b' '; 0x10000], b"\r\n"].concat()))
    });
    if let Ok(answer) = sent.and_then(|()| wire.read()) {
        assert_eq!(answer.status, 413, "{}", String::from_utf8_lossy(&answer.body));
    }
    target.survives();
}

#[test]
fn batches_have_a_limit() {
    let target = Target::new();
    let batch = |count: usize| vec![r#"{"jsonrpc":"2.0","id":1,"method":"eth_blockNumber"}"#; count].join(",");
    let answer = target.post(format!("[{}]", batch(100)).as_bytes());
    assert_eq!(answer.as_array().map(Vec::len), Some(100), "a hundred are answered");
    let answer = target.post(format!("[{}]", batch(10_000)).as_bytes());
    assert!(answer["error"]["message"].as_str().is_some_and(|message| message.contains("batch")), "{answer}");
    // Every entry that is no request has an error of its own.
    let answer = target.post(br#"[1, "a", null, {"jsonrpc":"2.0","id":1,"method":"eth_chainId"}, [[]]]"#);
    let answers: Vec<Value> = answer.as_array().cloned().unwrap_or_default();
    assert_eq!(answers.len(), 5, "{answer}");
    assert_eq!(answers.iter().filter(|answer| answer["error"]["code"] == -32600).count(), 4, "{answer}");
    target.survives();
}

#[test]
fn numbers_at_the_edge_are_answered() {
    let target = Target::new();
    let (most, more) = ("0xffffffffffffffff", "0x1ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff");
    let address = "0x0000000000000000000000000000000000000001";
    for edge in
        [json!(most), json!(more), json!("0x"), json!("0x0"), json!(-1), json!(1e300), json!(u64::MAX), json!("")]
    {
        let requests = [
            json!(["eth_getBlockByNumber", [edge, true]]),
            json!(["eth_getBalance", [address, edge]]),
            json!(["eth_getStorageAt", [address, edge, "latest"]]),
            json!(["eth_getLogs", [{ "fromBlock": "0x0", "toBlock": edge }]]),
            json!(["eth_getLogs", [{ "fromBlock": edge, "toBlock": most }]]),
            json!(["eth_feeHistory", [edge, "latest", [0, 50.0, 100]]]),
            json!(["eth_feeHistory", ["0x4", edge, [1e300, -1]]]),
            json!(["eth_call", [{ "to": address, "gas": edge, "value": edge, "gasPrice": edge, "nonce": edge }, "latest"]]),
            json!(["eth_estimateGas", [{ "to": address, "gas": edge, "maxFeePerGas": edge }]]),
            json!(["evm_increaseTime", [edge]]),
            json!(["evm_setNextBlockTimestamp", [edge]]),
            json!(["evm_setIntervalMining", [edge]]),
            json!(["evm_revert", [edge]]),
            json!(["anvil_setBalance", [address, edge]]),
            json!(["anvil_setNextBlockBaseFeePerGas", [edge]]),
            json!(["anvil_reorg", [{ "depth": edge, "txBlockPairs": [] }]]),
            json!(["evm_mine", []]),
        ];
        for request in requests {
            let body = json!({ "jsonrpc": "2.0", "id": 1, "method": request[0], "params": request[1] });
            let answer = target.post(body.to_string().as_bytes());
            assert!(answer.get("result").is_some() != answer.get("error").is_some(), "{body}: {answer}");
        }
    }
    target.survives();
}
