//! The whole state of both chains: every account, balance, nonce, code and slot, by one root.

use std::{collections::BTreeMap, io::Read};

use alloy::{
    consensus::{
        TrieAccount,
        proofs::{state_root_unhashed, storage_root_unhashed},
    },
    primitives::{Address, B256, Bytes, U256, address, keccak256},
};
use flate2::read::GzDecoder;
use latchkey::devnet::Devnet;
use serde::Deserialize;
use serde_json::json;

use super::super::support::ask;
use crate::support::Anvil;

/// The contract of EIP-2935 holds block hashes, which no two nodes share.
const BLOCK_HASHES: Address = address!("0x0000F90827F1C53a10cb7A02335B175320002935");

/// What anvil writes of its state.
#[derive(Deserialize)]
struct Dump {
    accounts: BTreeMap<Address, Account>,
}

#[derive(Deserialize)]
struct Account {
    nonce: u64,
    balance: U256,
    code: Bytes,
    storage: BTreeMap<U256, U256>,
}

impl Account {
    /// EIP-161: an empty account is none.
    fn is_empty(&self) -> bool {
        self.nonce == 0 && self.balance.is_zero() && self.code.is_empty()
    }

    fn trie_account(&self) -> TrieAccount {
        let slots = self.storage.iter().filter(|(_, value)| !value.is_zero());
        TrieAccount {
            nonce: self.nonce,
            balance: self.balance,
            storage_root: storage_root_unhashed(slots.map(|(slot, value)| (B256::from(*slot), *value))),
            code_hash: keccak256(&self.code),
        }
    }
}

/// Panics with the accounts that differ, unless the state root of `ours` follows from all that `theirs` holds.
pub(super) fn compare(ours: &Devnet, theirs: &Anvil, told: &str) {
    let dump: Bytes =
        serde_json::from_value(theirs.request("anvil_dumpState", json!([])).expect("a dump")).expect("hex");
    let mut text = String::new();
    GzDecoder::new(dump.as_ref()).read_to_string(&mut text).expect("gzip");
    let mut accounts = serde_json::from_str::<Dump>(&text).expect("a state").accounts;
    accounts.retain(|address, account| *address != BLOCK_HASHES && !account.is_empty());
    let root = state_root_unhashed(accounts.iter().map(|(address, account)| (*address, account.trie_account())));
    if root == ours.with_chain(|chain| chain.head().header().state_root) {
        return;
    }
    let differing: Vec<_> = accounts.iter().filter_map(|(at, account)| difference(ours, *at, account)).collect();
    panic!("{told}: the state roots differ; of anvil's accounts:\n{}", differing.join("\n"));
}

fn difference(ours: &Devnet, at: Address, theirs: &Account) -> Option<String> {
    let here = ours.with_chain(|chain| (chain.nonce(at), chain.balance(at), chain.code(at)));
    let there = (theirs.nonce, theirs.balance, theirs.code.clone());
    let slots: Vec<_> = theirs
        .storage
        .iter()
        .map(|(slot, value)| (*slot, ask::<U256>(ours, "eth_getStorageAt", json!([at, slot, "latest"])), *value))
        .filter(|(_, here, there)| here != there)
        .collect();
    (here != there || !slots.is_empty()).then(|| format!("{at}: {here:?}, anvil has {there:?}; slots {slots:?}"))
}
