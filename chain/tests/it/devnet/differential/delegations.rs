//! The kinds of transactions that delegate an account (EIP-7702), or play with one that has.

use alloy::{
    consensus::TxEip1559,
    eips::eip7702::SignedAuthorization,
    primitives::{Address, B256, U256},
    rpc::types::Authorization,
    signers::{SignerSync, local::PrivateKeySigner},
};
use latchkey::{contracts::artifacts, devnet::CHAIN_ID};
use rand::RngExt;

use super::{
    kinds::{Drawn, one},
    script::Script,
};
use crate::devnet::support::*;

fn delegate(script: &mut Script, delegates: &[Address]) -> Drawn {
    let authority = script.authority();
    let delegate = delegates[script.rng.random_range(0..delegates.len())];
    let (signer, nonce) = script.sender();
    let authorization = authorize(&authority, delegate, script.take_nonce(authority.address()));
    let mut tx = set_code(nonce, authority.address(), authorization);
    tx.input = script.bytes(40);
    vec![(sign(&signer, tx), false)]
}

pub(super) fn delegation(script: &mut Script) -> Drawn {
    let contracts = script.contracts;
    delegate(script, &[contracts.stores, contracts.reverts, contracts.forwards, artifacts::session_wallet()])
}

pub(super) fn undelegation(script: &mut Script) -> Drawn {
    delegate(script, &[Address::ZERO])
}

pub(super) fn strange_authorizations(script: &mut Script) -> Drawn {
    let (signer, nonce) = script.sender();
    let count = script.rng.random_range(1..5);
    let list: Vec<SignedAuthorization> = (0..count).map(|_| strange_authorization(script)).collect();
    let mut tx = set_code(nonce, script.contracts.stores, list[0].clone());
    tx.authorization_list = list;
    tx.gas_limit = 400_000;
    vec![(sign(&signer, tx), false)]
}

/// Skipped by the chain for one reason or another, or valid against appearances.
fn strange_authorization(script: &mut Script) -> SignedAuthorization {
    let authority = script.authority();
    let next = script.next_nonce(authority.address());
    let signed = |chain_id: u64, address, nonce| {
        let authorization = Authorization { chain_id: U256::from(chain_id), address, nonce };
        let signature = authority.sign_hash_sync(&authorization.signature_hash()).expect("signs");
        authorization.into_signed(signature)
    };
    match script.rng.random_range(0..8) {
        0 => signed(CHAIN_ID, script.contracts.stores, next + 1),
        1 => signed(CHAIN_ID, script.contracts.stores, next.wrapping_sub(1)),
        2 => signed(1, script.contracts.stores, next),
        3 => SignedAuthorization::new_unchecked(
            Authorization { chain_id: U256::from(CHAIN_ID), address: script.contracts.stores, nonce: next },
            0,
            U256::ZERO,
            U256::ONE,
        ),
        valid => {
            script.take_nonce(authority.address());
            match valid {
                // Good for every chain.
                4 => signed(0, script.contracts.stores, next),
                5 => signed(CHAIN_ID, authority.address(), next),
                6 => signed(CHAIN_ID, script.precompile(), next),
                _ => signed(CHAIN_ID, account(6).address(), next),
            }
        }
    }
}

pub(super) fn fresh_authority(script: &mut Script) -> Drawn {
    let seed = B256::from(script.rng.random::<[u8; 32]>());
    let authority = PrivateKeySigner::from_bytes(&seed).expect("almost every word is a valid scalar");
    let (signer, nonce) = script.sender();
    // Funded first: anvil takes every account for one that exists, which makes its delegation cheaper.
    let funding = TxEip1559 { value: U256::ONE, ..transaction(nonce, authority.address()) };
    let nonce = script.take_nonce(signer.address());
    let delegation = set_code(nonce, authority.address(), authorize(&authority, script.contracts.stores, 0));
    vec![(sign(&signer, funding), false), (sign(&signer, delegation), false)]
}

pub(super) fn call_delegated(script: &mut Script) -> Drawn {
    let to = script.authority().address();
    let (signer, tx) = script.plain(to);
    one(&signer, TxEip1559 { input: script.bytes(64), value: U256::from(script.rng.random_range(0..2)), ..tx })
}

pub(super) fn delegated_sender(script: &mut Script) -> Drawn {
    let signer = script.authority();
    let to = script.address();
    let tx = transaction(script.take_nonce(signer.address()), to);
    one(&signer, TxEip1559 { value: U256::from(1), input: script.bytes(20), ..tx })
}

pub(super) fn self_sponsored(script: &mut Script) -> Drawn {
    let signer = script.authority();
    let nonce = script.take_nonce(signer.address());
    let delegate = if script.rng.random_bool(0.5) { script.contracts.stores } else { Address::ZERO };
    let authorization = authorize(&signer, delegate, script.take_nonce(signer.address()));
    vec![(sign(&signer, set_code(nonce, signer.address(), authorization)), false)]
}
