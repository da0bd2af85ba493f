//! Endpoints that lie: nothing panics, nothing false is taken in, and the truth is found when they tell it.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::tree::Tamper;
use super::*;

/// Lets an endpoint lie about blocks with logs and transactions of ours, and then tell the truth.
#[track_caller]
fn check(lie: impl FnMut(&str, &mut Value) + Send + 'static) {
    let node = Node::new();
    let mut stepped = Stepped::new(&node);
    stepped.settle();
    (0..3).for_each(|nonce| stepped.watch(nonce, 0));
    node.tree().tamper = Some(Box::new(lie) as Tamper);
    node.mine([with(&[0], &[1]), with(&[], &[2, 3]), with(&[1, 2], &[4])]);
    for _ in 0..5 {
        stepped.now += Duration::from_secs(1);
        // Whether the lie is found out or harmless is the same here.
        let _ = stepped.poll();
    }
    let truth: Vec<_> = node.tree().replay().iter().flat_map(|(_, logs, _)| logs.clone()).collect();
    assert!(truth.starts_with(&stepped.logs()), "nothing false was taken in: {:?}", stepped.logs());
    node.tree().tamper = None;
    stepped.settle();
    stepped.check();
}

/// A lie about each log of an answer.
fn each_log(mut lie: impl FnMut(&mut Value) + Send + 'static) -> impl FnMut(&str, &mut Value) + Send + 'static {
    move |method, answer| {
        if method == "eth_getLogs" {
            answer.as_array_mut().into_iter().flatten().for_each(&mut lie);
        }
    }
}

#[test]
fn logs_that_are_of_no_block_or_another_or_were_removed() {
    check(each_log(|log| log["blockHash"] = Value::Null));
    check(each_log(|log| log["blockHash"] = json!(B256::repeat_byte(9))));
    check(each_log(|log| log["removed"] = json!(true)));
    check(each_log(|log| log["logIndex"] = Value::Null));
}

#[test]
fn logs_that_are_told_twice_backwards_or_for_somebody_else() {
    check(|method, answer| {
        if let (true, Some(logs)) = (method == "eth_getLogs", answer.as_array_mut()) {
            logs.extend(logs.clone());
            logs.reverse();
        }
    });
    check(|method, answer| {
        if let (true, Some(logs)) = (method == "eth_getLogs", answer.as_array_mut()) {
            let foreign = logs.first().cloned().map(|mut log| {
                log["address"] = json!(Address::repeat_byte(1));
                log["logIndex"] = json!("0x77");
                log
            });
            logs.extend(foreign);
        }
    });
}

#[test]
fn receipts_of_another_branch_or_another_transaction() {
    let receipt = |field: &'static str, value: Value| {
        move |method: &str, answer: &mut Value| match method {
            "eth_getTransactionReceipt" if answer.is_object() => answer[field] = value.clone(),
            "eth_getBlockReceipts" => {
                answer.as_array_mut().into_iter().flatten().for_each(|of| of[field] = value.clone())
            }
            _ => {}
        }
    };
    check(receipt("blockHash", json!(B256::repeat_byte(9))));
    check(receipt("blockHash", Value::Null));
    check(receipt("transactionHash", json!(B256::repeat_byte(9))));
    check(receipt("blockNumber", json!("0xffffffffffffffff")));
}

#[test]
fn parents_that_are_missing_of_another_height_or_of_other_parents() {
    let parent = |lie: fn(&mut Value)| {
        move |method: &str, answer: &mut Value| {
            if method == "eth_getBlockByHash" {
                lie(answer);
            }
        }
    };
    check(parent(|block| *block = Value::Null));
    check(parent(|block| block["number"] = json!("0x0")));
    check(parent(|block| block["number"] = json!("0xffffffffffffffff")));
    check(parent(|block| block["hash"] = json!(B256::repeat_byte(9))));
    check(parent(|block| block["parentHash"] = json!(B256::repeat_byte(9))));
}

#[test]
fn counts_that_are_too_high_or_too_low() {
    for count in ["0x0", "0xffffffffffffffff"] {
        check(move |method, answer| {
            if method == "eth_getTransactionCount" {
                *answer = json!(count);
            }
        });
    }
}

#[test]
fn a_count_that_is_wrong_now_and_then_takes_no_nonce_away() {
    let node = Node::new();
    let mut stepped = Stepped::new(&node);
    stepped.watch(0, 0);
    let mut asked = 0;
    node.tree().tamper = Some(Box::new(move |method, answer| {
        if method == "eth_getTransactionCount" {
            asked += 1;
            *answer = json!(if asked % 2 == 0 { "0x0" } else { "0x1" });
        }
    }));
    for _ in 0..20 {
        node.mine([with(&[], &[1])]);
        stepped.settle();
    }
    assert!(stepped.receipts.is_empty(), "{:?}", stepped.receipts);
    node.mine([with(&[0], &[])]);
    stepped.settle();
    stepped.check();
}

#[test]
fn heads_at_the_end_of_numbers() {
    let node = Node::new();
    node.mine((0..20).map(|value| with(&[], &[value])));
    let mut stepped = Stepped::new(&node);
    stepped.settle();
    for number in [u64::MAX, u64::MAX - 8, 1 << 40, 0] {
        for known in [true, false] {
            let mut head = node.latest();
            head.inner.number = number;
            head.inner.timestamp = u64::MAX;
            head.hash = B256::repeat_byte(9);
            head.inner.parent_hash = if known { node.latest().hash } else { B256::repeat_byte(8) };
            let _ = stepped.go(&head);
        }
    }
    stepped.settle();
    stepped.check();
    let mut fresh = Stepped::from_block(&node, u64::MAX);
    fresh.poll().expect("the node answers");
    assert_eq!(fresh.told.len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Answers with any field replaced, while blocks come and go: nothing panics and every call comes to an end.
    #[test]
    fn no_answer_is_a_panic(seed: u64, junk in proptest::sample::select(vec![
        json!(null), json!("0x0"), json!("0xffffffffffffffff"), json!([]), json!({}), json!("0x"), json!(B256::ZERO),
    ])) {
        let node = Node::new();
        let mut stepped = Stepped::new(&node);
        (0..20).for_each(|nonce| stepped.watch(nonce, 0));
        let mut state = seed;
        node.tree().tamper = Some(Box::new(move |_, answer| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let place = (state >> 33) as usize;
            let target = match answer {
                Value::Array(items) if !items.is_empty() => { let at = place % items.len(); &mut items[at] }
                other => other,
            };
            match target {
                Value::Object(fields) if !place.is_multiple_of(3) => {
                    let at = place / 3 % fields.len();
                    if let Some((_, value)) = fields.iter_mut().nth(at) {
                        *value = junk.clone();
                    }
                }
                other if place.is_multiple_of(4) => *other = junk.clone(),
                _ => {}
            }
        }));
        for turn in 0..40u64 {
            match turn % 4 {
                3 => node.fork(turn % 7, with(&[], &[turn])),
                _ => { let used = node.tree().used(); node.mine([with(&[used], &[turn])]) }
            }
            let _ = stepped.poll();
        }
    }
}
