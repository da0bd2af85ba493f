//! The kinds of transactions, each drawn by a function of its own.

use alloy::{
    consensus::{TxEip1559, TxEip2930, TxLegacy},
    eips::eip2930::{AccessList, AccessListItem},
    primitives::{B256, Bytes, TxKind, U256, hex},
    signers::{SignerSync, local::PrivateKeySigner},
};
use latchkey::{
    contracts::artifacts,
    devnet::{CHAIN_ID, CREATE2_PROXY},
};
use rand::RngExt;

use super::{
    contracts::{BLOCKHASH, FAILING_INIT, FLEETING_INIT},
    delegations::{
        call_delegated, delegated_sender, delegation, fresh_authority, self_sponsored, strange_authorizations,
        undelegation,
    },
    script::Script,
};
use crate::devnet::support::*;

/// Signed transactions with whether both chains must refuse them.
pub(super) type Drawn = Vec<(Bytes, bool)>;
type Draw = fn(&mut Script) -> Drawn;

/// Kinds that mix within a block.
pub(super) const KINDS: &[(&str, Draw)] = &[
    ("transfer", transfer),
    ("store", store),
    ("revert", revert),
    ("out of gas", out_of_gas),
    ("invalid instruction", invalid),
    ("environment", environment),
    ("call data", call_data),
    ("creation", creation),
    ("failing creation", failing_creation),
    ("fleeting creation", fleeting_creation),
    ("creation by a contract", factory),
    ("creation by the proxy", proxy),
    ("random code", random_code),
    ("self-destruct", destroy),
    ("precompile", precompile),
    ("call through a contract", forward),
    ("access list", access_list),
    ("delegation", delegation),
    ("undelegation", undelegation),
    ("strange authorizations", strange_authorizations),
    ("fresh authority", fresh_authority),
    ("call of a delegated account", call_delegated),
    ("session batch", session_batch),
    ("broken session batch", broken_batch),
    ("refused", refused),
    ("replacement", replacement),
    ("nonces out of order", out_of_order),
];

/// Kinds that have a block to themselves: they fill it, or change their own sender, or have a price of
/// their own: a block's order is by tip here, as in geth, and by fee cap in anvil.
pub(super) const ALONE: &[(&str, Draw)] = &[
    ("full block", full_block),
    ("fee edge", fee_edge),
    ("legacy price", legacy_price),
    ("delegated sender", delegated_sender),
    ("self-sponsored delegation", self_sponsored),
];

pub(super) fn one(signer: &PrivateKeySigner, tx: TxEip1559) -> Drawn {
    vec![(sign(signer, tx), false)]
}

fn transfer(script: &mut Script) -> Drawn {
    let to = script.address();
    let (signer, tx) = script.plain(to);
    let value = U256::from(script.rng.random_range(0..1_000_000_u64));
    one(&signer, TxEip1559 { value, ..tx })
}

fn store(script: &mut Script) -> Drawn {
    let (signer, tx) = script.plain(script.contracts.stores);
    let word = U256::from(script.rng.random_range(0..3));
    one(&signer, TxEip1559 { input: B256::from(word).into(), ..tx })
}

fn revert(script: &mut Script) -> Drawn {
    let (signer, tx) = script.plain(script.contracts.reverts);
    let value = U256::from(script.rng.random_range(0..2));
    one(&signer, TxEip1559 { input: script.bytes(100), value, ..tx })
}

fn out_of_gas(script: &mut Script) -> Drawn {
    let burns = script.rng.random_bool(0.5);
    let to = if burns { script.contracts.burns } else { script.contracts.stores };
    let (signer, tx) = script.plain(to);
    let gas_limit = script.rng.random_range(if burns { 21_500..500_000 } else { 22_400..44_000 });
    one(&signer, TxEip1559 { gas_limit, input: B256::repeat_byte(1).into(), ..tx })
}

fn invalid(script: &mut Script) -> Drawn {
    let (signer, tx) = script.plain(script.contracts.invalid);
    one(&signer, tx)
}

fn environment(script: &mut Script) -> Drawn {
    let (signer, tx) = script.plain(script.contracts.tells);
    one(&signer, TxEip1559 { value: U256::from(script.rng.random_range(0..9)), ..tx })
}

fn call_data(script: &mut Script) -> Drawn {
    // The floor of EIP-7623 passes what little such a transaction executes.
    let to = if script.rng.random_bool(0.5) { script.contracts.stores } else { account(3).address() };
    let (signer, tx) = script.plain(to);
    one(&signer, TxEip1559 { input: script.bytes(8_000), gas_limit: 500_000, ..tx })
}

fn creation(script: &mut Script) -> Drawn {
    let (signer, tx) = script.plain(TxKind::Create);
    let runtime = script.bytes(200);
    // Code that begins with 0xef is refused by EIP-3541; that, too, must end alike.
    one(&signer, TxEip1559 { input: init_code(&runtime), ..tx })
}

fn failing_creation(script: &mut Script) -> Drawn {
    let (signer, tx) = script.plain(TxKind::Create);
    let init = FAILING_INIT[script.rng.random_range(0..FAILING_INIT.len())];
    one(&signer, TxEip1559 { input: Bytes::from_static(init), value: U256::from(script.rng.random_range(0..2)), ..tx })
}

fn fleeting_creation(script: &mut Script) -> Drawn {
    let (signer, tx) = script.plain(TxKind::Create);
    let init = FLEETING_INIT[script.rng.random_range(0..FLEETING_INIT.len())];
    one(&signer, TxEip1559 { input: Bytes::from_static(init), value: U256::from(script.rng.random_range(0..3)), ..tx })
}

fn factory(script: &mut Script) -> Drawn {
    let (signer, tx) = script.plain(script.contracts.creates);
    let input = match script.rng.random_range(0..3) {
        0 => Bytes::from_static(FAILING_INIT[script.rng.random_range(0..FAILING_INIT.len())]),
        1 => Bytes::from_static(FLEETING_INIT[script.rng.random_range(0..FLEETING_INIT.len())]),
        _ => init_code(&script.bytes(60)),
    };
    one(&signer, TxEip1559 { input, value: U256::from(script.rng.random_range(0..3)), gas_limit: 400_000, ..tx })
}

fn proxy(script: &mut Script) -> Drawn {
    let (signer, tx) = script.plain(CREATE2_PROXY);
    // A salt that was used before makes the creation collide.
    let salt = B256::with_last_byte(script.rng.random_range(0..3));
    let code = if script.rng.random_bool(0.2) {
        artifacts::GAME_ROUTER.creation.clone()
    } else {
        init_code(&[script.rng.random_range(0..3)])
    };
    one(&signer, TxEip1559 { input: [salt.as_slice(), &code].concat().into(), gas_limit: 8_000_000, ..tx })
}

fn random_code(script: &mut Script) -> Drawn {
    let (signer, tx) = script.plain(TxKind::Create);
    // Words on the stack first, so that what follows has something to work on.
    let mut code: Vec<u8> = (0..12).flat_map(|_| [0x60, script.rng.random_range(0..96)]).collect();
    code.extend(script.bytes(150).into_iter().filter(|byte| *byte != BLOCKHASH));
    one(&signer, TxEip1559 { input: code.into(), value: U256::from(9), gas_limit: 300_000, ..tx })
}

fn destroy(script: &mut Script) -> Drawn {
    // A new one now and then: the old keeps its code under EIP-6780, but its ether is gone.
    let heir = match script.rng.random_range(0..3) {
        0 => script.contracts.destroys,
        _ => script.address(),
    };
    let (signer, tx) = script.plain(script.contracts.destroys);
    one(&signer, TxEip1559 { input: heir.into_word().into(), value: U256::from(7), ..tx })
}

fn precompile(script: &mut Script) -> Drawn {
    let to = script.precompile();
    let (signer, tx) = script.plain(to);
    let input = precompile_input(script);
    one(&signer, TxEip1559 { input, gas_limit: 700_000, ..tx })
}

fn forward(script: &mut Script) -> Drawn {
    let target = script.address();
    let (signer, tx) = script.plain(script.contracts.forwards);
    let input = [target.into_word().as_slice(), &precompile_input(script)].concat().into();
    one(&signer, TxEip1559 { input, value: U256::from(script.rng.random_range(0..3)), gas_limit: 700_000, ..tx })
}

/// Valid for some precompile, or noise.
fn precompile_input(script: &mut Script) -> Bytes {
    // The opening of the zero polynomial at any point is zero, and both points are infinity.
    const KZG_HASH: [u8; 32] = hex!("010657f37554c781402a22917dee2f75def7ab966d7b770905398eba3c444014");
    match script.rng.random_range(0..6) {
        0 => {
            let infinity = [&[0xc0][..], &[0; 47]].concat();
            let point = U256::from(script.rng.random_range(0..9)).to_be_bytes::<32>();
            [&KZG_HASH[..], &point, &[0; 32], &infinity, &infinity].concat().into()
        }
        1 => {
            // A signature and its digest, as ecrecover takes them.
            let digest = B256::from(script.rng.random::<[u8; 32]>());
            let signature = account(2).sign_hash_sync(&digest).expect("signs");
            let v = U256::from(27 + u8::from(signature.v())).to_be_bytes::<32>();
            let (r, s) = (signature.r().to_be_bytes::<32>(), signature.s().to_be_bytes::<32>());
            [digest.as_slice(), &v, &r, &s].concat().into()
        }
        2 => {
            // Three lengths and their numbers, as modexp takes them.
            let lengths = [(); 3].map(|()| script.rng.random_range(0..40_usize));
            let mut input: Vec<u8> =
                lengths.iter().flat_map(|length| U256::from(*length).to_be_bytes::<32>()).collect();
            input.extend((0..lengths.iter().sum()).map(|_| script.rng.random::<u8>()));
            input.into()
        }
        // Infinity, for every curve: as many words as their operations take.
        3 => vec![0; 32 * [4, 6, 8, 12][script.rng.random_range(0..4)]].into(),
        _ => script.bytes(300),
    }
}

fn access_list(script: &mut Script) -> Drawn {
    let access_list = drawn_access_list(script);
    let (signer, tx) = script.plain(script.contracts.stores);
    one(&signer, TxEip1559 { access_list, input: B256::with_last_byte(script.rng.random_range(0..3)).into(), ..tx })
}

fn legacy_price(script: &mut Script) -> Drawn {
    let (signer, tx) = script.plain(script.contracts.stores);
    let TxEip1559 { chain_id, nonce, gas_limit, to, value, .. } = tx;
    let input: Bytes = B256::with_last_byte(script.rng.random_range(0..3)).into();
    let raw = if script.rng.random_bool(0.5) {
        let access_list = drawn_access_list(script);
        sign(&signer, TxEip2930 { chain_id, nonce, gas_price: FEE, gas_limit, to, value, access_list, input })
    } else {
        sign(&signer, TxLegacy { chain_id: Some(chain_id), nonce, gas_price: FEE, gas_limit, to, value, input })
    };
    vec![(raw, false)]
}

fn drawn_access_list(script: &mut Script) -> AccessList {
    let entries = (0..script.rng.random_range(0..4)).map(|_| {
        let address = if script.rng.random_bool(0.5) { script.contracts.stores } else { script.address() };
        let storage_keys = (0..script.rng.random_range(0..3)).map(B256::with_last_byte).collect();
        AccessListItem { address, storage_keys }
    });
    AccessList(entries.collect())
}

fn session_batch(script: &mut Script) -> Drawn {
    let session = script.rng.random_range(0..script.sessions.len());
    let count = script.rng.random_range(1..4);
    (0..count).map(|_| (script.sessions[session].batch(&mut script.rng), false)).collect()
}

fn broken_batch(script: &mut Script) -> Drawn {
    let session = script.rng.random_range(0..script.sessions.len());
    vec![(script.sessions[session].broken(&mut script.rng), false)]
}

/// Neither chain may take it; the nonce stays free. What anvil takes and never mines, gas below the floor of
/// EIP-7623, is left to the tests of the pool.
fn refused(script: &mut Script) -> Drawn {
    let signer = account(script.rng.random_range(2..6));
    let next = script.next_nonce(signer.address());
    let tx = transaction(next, account(7).address());
    let tx = match script.rng.random_range(0..8) {
        0 => TxEip1559 { chain_id: 1, ..tx },
        1 => TxEip1559 { gas_limit: 20_999, ..tx },
        2 => TxEip1559 { gas_limit: 30_000_001, ..tx },
        3 => TxEip1559 { gas_limit: 16_777_217, ..tx },
        4 => TxEip1559 { value: U256::MAX, ..tx },
        5 => TxEip1559 { max_priority_fee_per_gas: FEE + 1, ..tx },
        6 => TxEip1559 { to: TxKind::Create, input: vec![0; 49_153].into(), gas_limit: 9_000_000, ..tx },
        _ if next > 0 => TxEip1559 { nonce: next - 1, ..tx },
        _ => TxEip1559 { chain_id: 2, ..tx },
    };
    vec![(sign(&signer, tx), true)]
}

fn replacement(script: &mut Script) -> Drawn {
    let (signer, tx) = script.plain(account(8).address());
    let priced = |tenths: u128, value: u64| TxEip1559 {
        max_fee_per_gas: FEE * tenths / 20,
        max_priority_fee_per_gas: TIP * tenths / 20,
        value: U256::from(value),
        ..tx.clone()
    };
    // The last has the price of everybody else.
    vec![(sign(&signer, priced(10, 1)), false), (sign(&signer, priced(20, 2)), false)]
}

fn out_of_order(script: &mut Script) -> Drawn {
    let (signer, first) = script.plain(account(9).address());
    let second = transaction(script.take_nonce(signer.address()), script.contracts.stores);
    vec![(sign(&signer, second), false), (sign(&signer, first), false)]
}

fn full_block(script: &mut Script) -> Drawn {
    let burn = |script: &mut Script| {
        let (signer, tx) = script.plain(script.contracts.burns);
        let gas_limit = script.rng.random_range(12_000_000..15_000_000);
        (sign(&signer, TxEip1559 { gas_limit, ..tx }), false)
    };
    vec![burn(script), burn(script)]
}

fn fee_edge(script: &mut Script) -> Drawn {
    let base = script.base_fee;
    let (fee, tip) = match script.rng.random_range(0..4) {
        0 => (base, 0),
        1 => (base, base),
        2 => (base + 1, 1),
        _ => (base * 2, base * 2),
    };
    if script.rng.random_bool(0.7) {
        let (signer, tx) = script.plain(account(8).address());
        return one(&signer, TxEip1559 { max_fee_per_gas: fee, max_priority_fee_per_gas: tip, ..tx });
    }
    let (signer, nonce) = script.sender();
    let to = script.address().into();
    let tx = TxLegacy {
        chain_id: Some(CHAIN_ID),
        nonce,
        gas_price: fee,
        gas_limit: 100_000,
        to,
        value: U256::from(1),
        input: Bytes::new(),
    };
    vec![(sign(&signer, tx), false)]
}
