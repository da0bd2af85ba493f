//! Transactions that no honest wallet sends, over HTTP, with the words in which geth refuses them.

use alloy::{
    consensus::{SignableTransaction, TxEip1559, TxEip4844, TxEnvelope, TxLegacy},
    eips::eip2718::Encodable2718,
    primitives::{Bytes, Signature, TxKind, U256, hex},
    signers::SignerSync,
};
use latchkey::devnet::{CHAIN_ID, PoolError};
use serde_json::json;

use super::Target;
use crate::devnet::support::*;

/// Sends over HTTP; code and message of the refusal.
fn refused(target: &Target, raw: &Bytes) -> (i64, String) {
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "eth_sendRawTransaction", "params": [raw] });
    let answer = target.post(body.to_string().as_bytes());
    let error = &answer["error"];
    let told = |text: &str| panic!("{text}: {answer}");
    (error["code"].as_i64().unwrap_or_else(|| told("taken")), error["message"].as_str().unwrap_or_default().to_owned())
}

#[track_caller]
fn check(target: &Target, raw: &Bytes, words: &str) {
    let (code, message) = refused(target, raw);
    assert!(message.starts_with(words), "wanted {words:?}, got {message:?}");
    assert_eq!(code, -32000, "geth's code for what its pool refuses: {message}");
}

#[test]
fn refusals_are_worded_as_in_geth() {
    let target = Target::new();
    let alice = account(0);
    mined(&target.devnet, &sign(&alice, transaction(0, alice.address())));
    let base = || transaction(1, account(1).address());
    let check = |tx: TxEip1559, words: &str| check(&target, &sign(&alice, tx), words);
    check(TxEip1559 { chain_id: 1, ..base() }, "invalid chain id for signer: have 1 want 31337");
    check(TxEip1559 { nonce: 0, ..base() }, "nonce too low: next nonce 1, tx nonce 0");
    check(TxEip1559 { gas_limit: 30_000_001, ..base() }, "exceeds block gas limit");
    check(TxEip1559 { gas_limit: u64::MAX, ..base() }, "exceeds block gas limit");
    check(TxEip1559 { gas_limit: 0, ..base() }, "intrinsic gas too low");
    let init = TxEip1559 { to: TxKind::Create, input: vec![0; 49_153].into(), gas_limit: 9_000_000, ..base() };
    check(init, "max initcode size exceeded: code size 49153, limit 49152");
    check(TxEip1559 { value: U256::MAX, ..base() }, "insufficient funds for gas * price + value");
    let fees = TxEip1559 { max_fee_per_gas: u128::MAX, max_priority_fee_per_gas: u128::MAX, ..base() };
    check(fees, "insufficient funds for gas * price + value");
    check(TxEip1559 { input: vec![0; 140_000].into(), ..base() }, "oversized data");
    target.survives();
}

#[test]
fn signatures_that_prove_nothing_are_refused() {
    let target = Target::new();
    let tx = transaction(0, account(1).address());
    let signature = account(0).sign_hash_sync(&tx.signature_hash()).expect("signs");
    let order = U256::from_be_bytes(hex!("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"));
    let forged = |r: U256, s: U256, odd: bool| {
        let envelope: TxEnvelope = tx.clone().into_signed(Signature::new(r, s, odd)).into();
        Bytes::from(envelope.encoded_2718())
    };
    let (r, s, odd) = (signature.r(), signature.s(), signature.v());
    for raw in [
        forged(U256::ZERO, U256::ZERO, false),
        forged(U256::MAX, U256::MAX, true),
        forged(r, U256::ZERO, odd),
        forged(order, s, odd),
        // The other half of the curve: the same signature, malleated (EIP-2).
        forged(r, order - s, !odd),
    ] {
        let (_, message) = refused(&target, &raw);
        assert!(message.contains("invalid") || message.contains("signature"), "{message}");
    }
    // A changed signature is another sender's, who has nothing.
    check(&target, &forged(r, s - U256::ONE, odd), "insufficient funds for gas * price + value");
    assert_eq!(target.devnet.with_chain(|chain| chain.pending()), 0);
    target.survives();
}

#[test]
fn blobs_and_transactions_without_chain_id_are_refused() {
    let target = Target::new();
    let alice = account(0);
    let blob = TxEip4844 {
        chain_id: CHAIN_ID,
        gas_limit: 100_000,
        max_fee_per_gas: FEE,
        max_priority_fee_per_gas: TIP,
        max_fee_per_blob_gas: FEE,
        blob_versioned_hashes: vec![hex!("0100000000000000000000000000000000000000000000000000000000000001").into()],
        ..TxEip4844::default()
    };
    let signature = alice.sign_hash_sync(&blob.signature_hash()).expect("signs");
    let raw = TxEnvelope::from(blob.into_signed(signature)).encoded_2718();
    check(&target, &raw.into(), "transaction type not supported");
    let legacy =
        TxLegacy { gas_price: FEE, gas_limit: 21_000, to: TxKind::Call(alice.address()), ..TxLegacy::default() };
    check(&target, &sign(&alice, legacy), "only replay-protected (EIP-155) transactions allowed over RPC");
    target.survives();
}

#[test]
fn bytes_that_are_no_transaction_are_refused() {
    let target = Target::new();
    let whole = sign(&account(0), transaction(0, account(1).address()));
    let mut cases: Vec<Bytes> = (0..whole.len()).map(|length| whole.slice(..length)).collect();
    cases.push([whole.as_ref(), &[0]].concat().into());
    cases.push([&[0x05], &whole[1..]].concat().into());
    // A list that says it is longer than any memory.
    cases.push(hex!("02ffffffffffffffffff").into());
    cases.push(hex!("f9ffff").into());
    cases.push(vec![0xc0; 100_000].into());
    for raw in cases {
        let (_, message) = refused(&target, &raw);
        let decode = PoolError::Decode(String::new()).to_string();
        assert!(message.starts_with(decode.trim_end()), "{raw}: {message}");
    }
    target.survives();
}
