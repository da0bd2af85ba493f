//! What the pool takes, in which order, and the words in which it refuses.

use alloy::{
    consensus::{TxEip1559, TxLegacy},
    primitives::{Address, TxKind, U256},
    signers::local::PrivateKeySigner,
};
use latchkey::devnet::Devnet;
use serde_json::json;

use super::support::*;

fn refused(devnet: &Devnet, signer: &PrivateKeySigner, tx: TxEip1559, words: &str) {
    let error = send(devnet, &sign(signer, tx)).expect_err(words);
    assert!(error.message.starts_with(words), "wanted \"{words}\", got \"{}\"", error.message);
}

fn count(devnet: &Devnet, address: Address, block: &str) -> u64 {
    ask::<U256>(devnet, "eth_getTransactionCount", json!([address, block])).to()
}

#[test]
fn nonces_are_mined_in_order_and_gaps_wait() {
    let devnet = on_demand();
    let (alice, bob) = (account(0), account(1).address());
    let hashes: Vec<_> = [2, 0, 4, 1]
        .map(|nonce| send(&devnet, &sign(&alice, transaction(nonce, bob))).expect("the pool takes it"))
        .into();
    assert_eq!(count(&devnet, alice.address(), "pending"), 3, "nonce 3 is missing");
    assert_eq!(count(&devnet, alice.address(), "latest"), 0);
    devnet.mine();
    assert_eq!(count(&devnet, alice.address(), "latest"), 3);
    let index = |at: usize| receipt(&devnet, hashes[at]).and_then(|receipt| receipt.transaction_index);
    assert_eq!([index(1), index(3), index(0)], [Some(0), Some(1), Some(2)]);
    assert_eq!(index(2), None, "a gap waits");
    send(&devnet, &sign(&alice, transaction(3, bob))).expect("the gap closes");
    devnet.mine();
    assert_eq!(count(&devnet, alice.address(), "latest"), 5);
}

#[test]
fn the_better_tip_goes_first() {
    let devnet = on_demand();
    let to = account(5).address();
    let tips = [1, 3, 2].map(|tip| tip * TIP);
    let hashes: Vec<_> = (0..3)
        .map(|index| {
            let mut tx = transaction(0, to);
            tx.max_priority_fee_per_gas = tips[index];
            send(&devnet, &sign(&account(index), tx)).expect("the pool takes it")
        })
        .collect();
    let mined: Vec<_> = devnet.mine().transaction_hashes().collect();
    assert_eq!(mined, [hashes[1], hashes[2], hashes[0]]);
}

#[test]
fn a_replacement_raises_both_fees_by_a_tenth() {
    let devnet = on_demand();
    let alice = account(0);
    let priced = |fee: u128, tip: u128| {
        let mut tx = transaction(0, account(1).address());
        tx.max_fee_per_gas = fee;
        tx.max_priority_fee_per_gas = tip;
        tx
    };
    let first = sign(&alice, priced(100, 10));
    // Fees this low wait for the base fee to fall, and are pooled all the same.
    let old = send(&devnet, &first).expect("the pool takes it");
    assert_eq!(send(&devnet, &first).expect_err("twice").message, "already known");
    refused(&devnet, &alice, priced(109, 11), "replacement transaction underpriced");
    refused(&devnet, &alice, priced(110, 10), "replacement transaction underpriced");
    let new = send(&devnet, &sign(&alice, priced(FEE, TIP))).expect("both are raised");
    devnet.mine();
    assert!(receipt(&devnet, old).is_none());
    assert!(receipt(&devnet, new).is_some_and(|receipt| receipt.status()));
    refused(&devnet, &alice, priced(FEE, TIP + 1), "nonce too low: next nonce 1, tx nonce 0");
}

#[test]
fn senders_have_sixteen_slots() {
    let devnet = on_demand();
    let alice = account(0);
    for nonce in 0..16 {
        send(&devnet, &sign(&alice, transaction(nonce, alice.address()))).expect("a free slot");
    }
    refused(&devnet, &alice, transaction(16, alice.address()), "account limit exceeded");
    assert_eq!(devnet.mine().transaction_hashes().count(), 16);
}

#[test]
fn delegated_senders_have_one_slot() {
    let devnet = on_demand();
    let (alice, bob) = (account(1), account(2));
    let delegate = deploy(&devnet, STORE_AND_LOG);
    mined(&devnet, &sign(&bob, set_code(0, bob.address(), authorize(&alice, delegate, 0))));
    refused(&devnet, &alice, transaction(2, bob.address()), "gapped-nonce tx from delegated accounts");
    send(&devnet, &sign(&alice, transaction(1, bob.address()))).expect("the one slot");
    let words = "in-flight transaction limit reached for delegated accounts";
    refused(&devnet, &alice, transaction(2, bob.address()), words);
}

#[test]
fn refusals_speak_as_geth_does() {
    let devnet = on_demand();
    let (alice, poor) = (account(0), PrivateKeySigner::random());
    let base = || transaction(0, account(1).address());
    let check = |signer: &PrivateKeySigner, tx, words| refused(&devnet, signer, tx, words);
    check(&poor, base(), "insufficient funds for gas * price + value");
    check(&alice, TxEip1559 { nonce: u64::MAX, ..base() }, "nonce has max value");
    check(&alice, TxEip1559 { gas_limit: 20_999, ..base() }, "intrinsic gas too low");
    check(&alice, TxEip1559 { gas_limit: 30_000_001, ..base() }, "exceeds block gas limit");
    check(&alice, TxEip1559 { gas_limit: 16_777_217, ..base() }, "transaction gas limit too high");
    check(&alice, TxEip1559 { chain_id: 1, ..base() }, "invalid chain id for signer: have 1 want 31337");
    let tip = TxEip1559 { max_priority_fee_per_gas: FEE + 1, ..base() };
    check(&alice, tip, "max priority fee per gas higher than max fee per gas");
    let long = TxEip1559 { to: TxKind::Create, input: vec![0; 49_153].into(), gas_limit: 9_000_000, ..base() };
    check(&alice, long, "max initcode size exceeded");
    let huge = TxEip1559 { input: vec![0; 131_072].into(), ..base() };
    check(&alice, huge, "oversized data");
    let floor = TxEip1559 { input: vec![1; 1_000].into(), gas_limit: 40_000, ..base() };
    check(&alice, floor, "insufficient gas for floor data gas cost");
    let open = TxLegacy {
        chain_id: None,
        gas_price: FEE,
        gas_limit: 21_000,
        to: alice.address().into(),
        ..TxLegacy::default()
    };
    let error = send(&devnet, &sign(&alice, open)).expect_err("signed for every chain");
    assert_eq!(error.message, "only replay-protected (EIP-155) transactions allowed over RPC");
    let garbage = devnet.request("eth_sendRawTransaction", json!(["0x02c0"])).expect_err("garbage");
    assert!(garbage.message.starts_with("failed to decode signed transaction"), "{garbage}");
    assert_eq!(devnet.with_chain(|chain| chain.pending()), 0);
}

#[test]
fn waiting_transactions_share_the_balance() {
    let devnet = on_demand();
    let (alice, bob) = (account(0), account(1).address());
    let half = TxEip1559 { value: U256::from(6_000) * U256::from(10).pow(U256::from(18)), ..transaction(0, bob) };
    send(&devnet, &sign(&alice, half.clone())).expect("covered");
    let second = TxEip1559 { nonce: 1, ..half };
    refused(&devnet, &alice, second, "insufficient funds for gas * price + value");
}

#[test]
fn a_full_pool_drops_what_pays_least() {
    let devnet = on_demand();
    let (rich, poor) = (account(0), account(1));
    let wide = |nonce, fee: u128| {
        // Call data of nearly the largest size: 256 of them fill the 32 MiB of the pool.
        let input = vec![0; 130_900].into();
        TxEip1559 {
            max_fee_per_gas: fee,
            max_priority_fee_per_gas: TIP,
            gas_limit: 2_000_000,
            input,
            ..transaction(nonce, rich.address())
        }
    };
    let mut senders = Vec::new();
    while devnet.with_chain(|chain| chain.pending()) < 256 {
        let sender = PrivateKeySigner::random();
        let _: serde_json::Value = ask(&devnet, "anvil_setBalance", json!([sender.address(), "0xde0b6b3a7640000"]));
        for nonce in 0..16 {
            send(&devnet, &sign(&sender, wide(nonce, FEE))).expect("there is room");
        }
        senders.push(sender);
    }
    let held = devnet.with_chain(|chain| chain.pending());
    refused(&devnet, &poor, wide(0, FEE - 1), "transaction underpriced");
    refused(&devnet, &poor, TxEip1559 { max_priority_fee_per_gas: 1, ..wide(0, FEE) }, "transaction underpriced");
    let better = TxEip1559 { max_priority_fee_per_gas: 2 * TIP, ..wide(0, FEE) };
    let hash = send(&devnet, &sign(&rich, better)).expect("it pays more");
    assert!(devnet.with_chain(|chain| chain.pending()) <= held);
    let gone = senders.iter().filter(|sender| count(&devnet, sender.address(), "pending") == 15).count();
    assert_eq!(gone, 1, "one sender has lost its last transaction, and nobody an earlier one");
    devnet.mine();
    assert!(receipt(&devnet, hash).is_some());
}
