//! Honest nodes: whatever they tell in whatever order, what counts is a replay of the canonical chain.

use proptest::prelude::*;

use super::*;
use crate::lane::RevertKind;
use crate::pure::REORG_DEPTH;

#[test]
fn a_head_that_continues_costs_one_request() {
    let node = Node::new();
    let mut stepped = Stepped::new(&node);
    for value in 0..10 {
        node.mine([with(&[], &[value])]);
        let head = node.latest();
        stepped.go(&head).expect("the node answers");
    }
    stepped.check();
    assert_eq!(node.asked("eth_getLogs"), 11, "one each, and the first block");
    assert_eq!(node.tree().asked.values().sum::<u64>(), 12, "and once the first block's header");
}

#[test]
fn skipped_heads_are_read_one_by_one() {
    let node = Node::new();
    let mut stepped = Stepped::new(&node);
    stepped.settle();
    node.mine((0..20).map(|value| with(&[], &[value, value])));
    stepped.settle();
    stepped.check();
    assert_eq!(stepped.told.len(), 21);
}

#[test]
fn a_reorg_steps_back_to_the_common_block_whatever_its_height() {
    for (depth, length) in [(1, 1), (3, 3), (3, 5), (5, 3), (REORG_DEPTH, REORG_DEPTH + 1)] {
        let node = Node::new();
        let mut stepped = Stepped::new(&node);
        stepped.settle();
        for value in 0..80 {
            node.mine([with(&[], &[value])]);
            stepped.poll().expect("the node answers");
        }
        node.fork(depth, with(&[], &[1_000]));
        node.mine((1..length).map(|value| with(&[], &[1_000 + value])));
        stepped.settle();
        stepped.check();
        assert_eq!(stepped.reorgs, [Some(80 - depth)], "depth {depth}, {length} new blocks");
    }
}

#[test]
fn a_reorg_below_the_ring_is_read_from_the_start_and_said_so() {
    let node = Node::new();
    let mut stepped = Stepped::new(&node);
    stepped.settle();
    for value in 0..100 {
        node.mine([with(&[], &[value])]);
        stepped.poll().expect("the node answers");
    }
    node.fork(REORG_DEPTH + 1, with(&[], &[1_000]));
    node.mine((1..80).map(|value| with(&[], &[1_000 + value])));
    stepped.settle();
    stepped.check();
    assert_eq!(stepped.reorgs, [None]);
}

#[test]
fn a_long_history_is_read_over_ranges_that_halve_when_refused() {
    let node = Node::new();
    node.mine((0..3_000).map(|value| with(&[], &[value])));
    node.tree().widest = 300;
    let mut stepped = Stepped::new(&node);
    stepped.poll().expect("the node answers");
    stepped.check();
    assert_eq!(stepped.behind, 0);
    let asked = node.asked("eth_getLogs");
    assert!((10..40).contains(&asked), "{asked} requests for logs");

    let mut late = Stepped::from_block(&node, 2_500);
    late.poll().expect("the node answers");
    assert_eq!(late.logs(), stepped.logs()[2_499..], "from the block that was named");
    let mut ahead = Stepped::from_block(&node, 9_999);
    ahead.poll().expect("the node answers");
    assert_eq!((ahead.told.len(), ahead.behind), (1, 0), "the head alone says where the chain is");
}

#[test]
fn a_reorg_while_the_history_is_read_leaves_nothing_of_the_old_one() {
    let node = Node::new();
    node.mine((0..500).map(|value| with(&[], &[value])));
    node.tree().widest = 100;
    let mut stepped = Stepped::new(&node);
    let old = node.latest();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    while stepped.told.len() < 2 {
        let mut progress = Vec::new();
        runtime.block_on(stepped.follower.advance(stepped.now, &old, &mut progress)).expect("the node answers");
        progress.into_iter().for_each(|step| stepped.take(step));
    }
    node.fork(490, with(&[], &[1_000]));
    node.mine((0..600).map(|value| with(&[], &[2_000 + value])));
    stepped.settle();
    stepped.check();
}

#[test]
fn a_node_that_lags_behind_takes_nothing_back() {
    let node = Node::new();
    let mut stepped = Stepped::new(&node);
    node.mine((0..9).map(|value| with(&[], &[value])));
    stepped.settle();
    let tip = node.tree().tip;
    for back in [1, 4, 9] {
        let late = node.tree().ancestor(back);
        let late = node.tree().header(late);
        stepped.go(&late).expect("the node answers");
        node.tree().tip = late.hash;
        stepped.poll().expect("the node answers");
        node.tree().tip = tip;
    }
    stepped.check();
    assert_eq!(stepped.reorgs, []);
}

#[test]
fn what_a_block_holds_of_ours_is_known_by_its_logs() {
    for by_block in [true, false] {
        let node = Node::new();
        if !by_block {
            node.tree().refused.push("eth_getBlockReceipts");
        }
        let mut stepped = Stepped::new(&node);
        stepped.settle();
        (0..8).for_each(|nonce| stepped.watch(nonce, 0));
        node.mine([with(&[0], &[]), with(&[1, 2, 3, 4], &[]), with(&[5, 6, 7], &[])]);
        stepped.poll().expect("the node answers");
        stepped.check();
        let asked =
            ["eth_getTransactionCount", "eth_getBlockReceipts", "eth_getTransactionReceipt"].map(|m| node.asked(m));
        assert_eq!(asked, if by_block { [0, 2, 1] } else { [0, 1, 8] });
    }
}

#[test]
fn a_transaction_without_a_log_is_found_by_the_count_although_its_block_was_skipped() {
    let node = Node::new();
    let mut stepped = Stepped::new(&node);
    stepped.settle();
    (0..2).for_each(|nonce| stepped.watch(nonce, 0));
    let silent = Content { ours: vec![(0, ours(0, 0), false)], others: Vec::new() };
    node.mine([silent, with(&[], &[1]), with(&[1], &[])]);
    stepped.poll().expect("the node answers");
    stepped.check();
    assert_eq!(node.asked("eth_getTransactionCount"), 0, "the log of the later nonce says as much");
    stepped.watch(2, 0);
    node.mine([Content { ours: vec![(2, ours(2, 0), false)], others: Vec::new() }, with(&[], &[])]);
    stepped.poll().expect("the node answers");
    stepped.check();
    assert_eq!(node.asked("eth_getTransactionCount"), 1);
    node.mine([with(&[], &[2])]);
    stepped.poll().expect("the node answers");
    assert_eq!(node.asked("eth_getTransactionCount"), 1, "nothing is looked out for");
}

#[test]
fn whichever_variant_of_a_nonce_is_mined_ends_it_once() {
    let node = Node::new();
    let mut stepped = Stepped::new(&node);
    stepped.settle();
    (0..3).for_each(|variant| stepped.watch(0, variant));
    node.mine([Content { ours: vec![(0, ours(0, 1), false)], others: Vec::new() }]);
    stepped.settle();
    stepped.check();
    node.fork(1, Content { ours: vec![(0, ours(0, 2), true)], others: Vec::new() });
    stepped.settle();
    stepped.check();
    assert_eq!(stepped.reorgs, [Some(0)]);
}

#[test]
fn a_nonce_that_something_else_used_is_told_after_three_looks() {
    let node = Node::new();
    let mut stepped = Stepped::new(&node);
    stepped.watch(0, 0);
    stepped.settle();
    node.mine([Content { ours: vec![(0, ours(0, 9), true)], others: Vec::new() }]);
    for _ in 0..10 {
        stepped.poll().expect("the node answers");
    }
    assert!(stepped.receipts.is_empty(), "looks in the same moment are one");
    stepped.settle();
    let [(1, receipt)] = &stepped.receipts[..] else { panic!("{:?}", stepped.receipts) };
    assert!(receipt.result.as_ref().is_err_and(|revert| revert.kind == RevertKind::NonceTaken), "{receipt:?}");
}

#[test]
fn a_success_without_a_log_is_believed_when_the_account_ran_the_wallet() {
    let node = Node::new();
    let mut stepped = Stepped::new(&node);
    (0..6).for_each(|nonce| stepped.watch(nonce, 0));
    stepped.settle();
    node.mine([with(&[0, 1], &[])]);
    stepped.settle();
    assert_eq!(node.asked("eth_getCode"), 0, "logs of the game say enough");
    let silent = |nonces: [u64; 2]| Content {
        ours: nonces.map(|nonce| (nonce, ours(nonce, 0), false)).to_vec(),
        others: Vec::new(),
    };
    node.mine([silent([2, 3])]);
    stepped.settle();
    assert_eq!(node.asked("eth_getCode"), 1, "once for a block");
    node.tree().elsewhere = true;
    node.mine([silent([4, 5])]);
    stepped.settle();
    let kinds: Vec<_> =
        stepped.receipts.iter().map(|(_, receipt)| receipt.result.as_ref().err().map(|why| why.kind)).collect();
    let elsewhere = Some(RevertKind::Elsewhere);
    assert_eq!(kinds, [None, None, None, None, elsewhere, elsewhere]);
}

#[test]
fn a_receipt_that_is_late_is_waited_for_as_long_as_it_takes() {
    let node = Node::new();
    let mut stepped = Stepped::new(&node);
    stepped.settle();
    stepped.watch(0, 0);
    node.tree().tamper = Some(Box::new(|method, answer| {
        if method == "eth_getTransactionReceipt" {
            *answer = serde_json::Value::Null;
        }
    }));
    node.mine([with(&[0], &[])]);
    stepped.settle();
    stepped.settle();
    assert!(stepped.receipts.is_empty(), "its log shows that the nonce is ours: {:?}", stepped.receipts);
    node.tree().tamper = None;
    stepped.settle();
    stepped.check();
}

#[test]
fn a_socket_that_is_away_is_asked_over_http_until_it_is_back() {
    let (socket, http) = (Node::new(), Node::new());
    let rpc = Rpc::over(socket.client(), Some(http.client()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let ask = || runtime.block_on(rpc.latest_header()).expect("one of them answers");
    ask();
    socket.tree().fails_in = Some(1);
    ask();
    ask();
    assert_eq!((rpc.is_away(), socket.asked("eth_getBlockByNumber"), http.asked("eth_getBlockByNumber")), (true, 1, 2));
    rpc.is_back();
    ask();
    assert_eq!((rpc.is_away(), socket.asked("eth_getBlockByNumber")), (false, 2));
    socket.tree().refused.push("eth_getBlockByNumber");
    assert!(runtime.block_on(rpc.latest_header()).is_err(), "a refusal is an answer");
    assert!(!rpc.is_away());
}

/// What the property test does next.
#[derive(Clone, Debug)]
enum Turn {
    /// Blocks on the tip, with transactions of ours in the first one.
    Mine { blocks: u64, ours: u64, variant: u8, logs: bool },
    /// A block on an ancestor, which becomes the tip.
    Fork { back: u64, ours: u64, variant: u8 },
    /// The node tells its latest block, and may fail on the way.
    Poll { fails_in: Option<u64> },
    /// A block is told that is not the latest any more, or never was.
    Stale { back: u64 },
}

fn turn() -> impl Strategy<Value = Turn> {
    prop_oneof![
        4 => (1u64..5, 0u64..4, 0u8..3, any::<bool>()).prop_map(|(blocks, ours, variant, logs)| Turn::Mine { blocks, ours, variant, logs }),
        1 => (20u64..90).prop_map(|blocks| Turn::Mine { blocks, ours: 1, variant: 0, logs: true }),
        3 => (prop_oneof![9 => 1u64..8, 1 => 8u64..80], 0u64..3, 0u8..3).prop_map(|(back, ours, variant)| Turn::Fork { back, ours, variant }),
        6 => proptest::option::of(1u64..12).prop_map(|fails_in| Turn::Poll { fails_in }),
        1 => (0u64..10).prop_map(|back| Turn::Stale { back }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// A random tree of blocks, told in any order and with failing requests: what counts in the end is a replay of the
    /// canonical chain.
    #[test]
    fn what_counts_is_a_replay_of_the_canonical_chain(turns in proptest::collection::vec(turn(), 1..60)) {
        let node = Node::new();
        let mut stepped = Stepped::new(&node);
        let mut tips = Vec::new();
        let mut watched = 0;
        let mut restarts = 0;
        for turn in turns {
            match turn {
                Turn::Mine { blocks, ours: count, variant, logs } => {
                    let used = node.tree().used();
                    let content = |nonces: std::ops::Range<u64>| Content {
                        ours: nonces.map(|nonce| (nonce, ours(nonce, variant), logs)).collect(),
                        others: vec![blocks],
                    };
                    node.mine((0..blocks).map(|at| content(used..used + if at == 0 { count } else { 0 })));
                }
                Turn::Fork { back, ours: count, variant } => {
                    tips.push(node.latest());
                    node.fork(back, with(&[], &[back]));
                    let used = node.tree().used();
                    let ours = (used..used + count).map(|nonce| (nonce, ours(nonce, variant), true)).collect();
                    node.mine([Content { ours, others: Vec::new() }]);
                }
                Turn::Poll { fails_in } => {
                    node.tree().fails_in = fails_in;
                    let _ = stepped.poll();
                    node.tree().fails_in = None;
                }
                Turn::Stale { back } => {
                    let stale = tips.get(back as usize).cloned().unwrap_or_else(|| {
                        let tree = node.tree();
                        tree.header(tree.ancestor(back))
                    });
                    // One above the canonical chain's end is refused, which is no harm.
                    let _ = stepped.go(&stale);
                }
            }
            // What lies deep is let go: whoever has the history read again looks out again.
            let again = stepped.reorgs.iter().filter(|to| to.is_none()).count() != restarts;
            restarts = stepped.reorgs.iter().filter(|to| to.is_none()).count();
            let used = node.tree().used();
            for nonce in if again { 0 } else { watched }..used {
                (0..3).for_each(|variant| stepped.watch(nonce, variant));
            }
            watched = if again { used } else { watched.max(used) };
        }
        // A chain that has become shorter cannot be told from a node that lags behind; in the end it grows.
        let short = stepped.told.last().map_or(0, |(number, ..)| number.saturating_sub(node.latest().number));
        node.mine((0..=short).map(|value| with(&[], &[value])));
        stepped.settle();
        if stepped.reorgs.iter().filter(|to| to.is_none()).count() != restarts {
            (0..node.tree().used()).for_each(|nonce| (0..3).for_each(|variant| stepped.watch(nonce, variant)));
            stepped.settle();
        }
        stepped.check();
    }
}
