//! The world state: accounts, code and storage, changed in place and hashed once a block.
//!
//! Whatever changes the state remembers first what was there; see [`layer`](super::layer).

use std::{collections::HashMap, convert::Infallible};

use alloy::{
    consensus::{
        TrieAccount,
        constants::KECCAK_EMPTY,
        proofs::{state_root_unhashed, storage_root_unhashed},
    },
    primitives::{Address, B256, Bytes, U256, map::AddressMap},
};
use revm::{
    DatabaseCommit,
    bytecode::Bytecode,
    state::{Account as Change, AccountInfo},
};

use super::layer::Layer;

/// One account of the world state.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) balance: U256,
    pub(crate) nonce: u64,
    code_hash: B256,
    code: Bytecode,
    storage: HashMap<U256, U256>,
    /// Root of `storage`; `None` after a change.
    storage_root: Option<B256>,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            balance: U256::ZERO,
            nonce: 0,
            code_hash: KECCAK_EMPTY,
            code: Bytecode::default(),
            storage: HashMap::new(),
            storage_root: None,
        }
    }
}

impl Account {
    /// Whether the account carries an EIP-7702 delegation.
    pub(crate) fn is_delegated(&self) -> bool {
        self.code.is_eip7702()
    }

    /// Whether the account carries code other than a delegation.
    pub(crate) fn is_contract(&self) -> bool {
        self.code_hash != KECCAK_EMPTY && !self.is_delegated()
    }

    pub(crate) fn code(&self) -> Bytes {
        self.code.original_bytes()
    }

    pub(crate) fn slots(&self) -> impl Iterator<Item = (&U256, &U256)> {
        self.storage.iter()
    }

    fn write(&mut self, slot: U256, value: U256) {
        self.storage_root = None;
        if value.is_zero() {
            self.storage.remove(&slot);
        } else {
            self.storage.insert(slot, value);
        }
    }

    fn is_empty(&self) -> bool {
        self.nonce == 0 && self.balance.is_zero() && self.code_hash == KECCAK_EMPTY
    }

    fn info(&self) -> AccountInfo {
        AccountInfo {
            balance: self.balance,
            nonce: self.nonce,
            code_hash: self.code_hash,
            code: Some(self.code.clone()),
            ..AccountInfo::default()
        }
    }

    fn trie_account(&mut self) -> TrieAccount {
        let storage = &self.storage;
        let storage_root = *self.storage_root.get_or_insert_with(|| {
            storage_root_unhashed(storage.iter().map(|(slot, value)| (B256::from(*slot), *value)))
        });
        TrieAccount { nonce: self.nonce, balance: self.balance, storage_root, code_hash: self.code_hash }
    }
}

/// All accounts. A clone copies everything, so only snapshots clone it.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    accounts: HashMap<Address, Account>,
    root: Option<B256>,
    pub(super) before: Layer,
}

impl State {
    pub(crate) fn account(&self, address: Address) -> Option<&Account> {
        self.accounts.get(&address)
    }

    pub(crate) fn accounts(&self) -> impl Iterator<Item = (&Address, &Account)> {
        self.accounts.iter()
    }

    pub(crate) fn balance(&self, address: Address) -> U256 {
        self.account(address).map_or(U256::ZERO, |account| account.balance)
    }

    pub(crate) fn nonce(&self, address: Address) -> u64 {
        self.account(address).map_or(0, |account| account.nonce)
    }

    pub(crate) fn code(&self, address: Address) -> Bytes {
        self.account(address).map_or_else(Bytes::new, Account::code)
    }

    pub(crate) fn storage(&self, address: Address, slot: U256) -> U256 {
        self.account(address).and_then(|account| account.storage.get(&slot).copied()).unwrap_or_default()
    }

    pub(crate) fn set_balance(&mut self, address: Address, balance: U256) {
        self.change(address).balance = balance;
    }

    pub(crate) fn set_nonce(&mut self, address: Address, nonce: u64) {
        self.change(address).nonce = nonce;
    }

    pub(crate) fn set_code(&mut self, address: Address, code: Bytecode) {
        let account = self.change(address);
        account.code_hash = code.hash_slow();
        account.code = code;
    }

    pub(crate) fn set_storage(&mut self, address: Address, slot: U256, value: U256) {
        self.remember_slot(address, slot);
        self.change(address).write(slot, value);
    }

    pub(crate) fn info(&self, address: Address) -> Option<AccountInfo> {
        self.account(address).map(Account::info)
    }

    pub(crate) fn code_by_hash(&self, hash: B256) -> Bytecode {
        self.accounts
            .values()
            .find(|account| account.code_hash == hash)
            .map_or_else(Bytecode::default, |account| account.code.clone())
    }

    /// State root of the header. Only storage that changed since the last call is hashed again.
    pub(crate) fn root(&mut self) -> B256 {
        if let Some(root) = self.root {
            return root;
        }
        let accounts = self.accounts.iter_mut();
        let root = state_root_unhashed(accounts.map(|(address, account)| (*address, account.trie_account())));
        self.root = Some(root);
        root
    }

    /// An account that is about to be changed.
    fn change(&mut self, address: Address) -> &mut Account {
        self.remember(address);
        self.root = None;
        self.accounts.entry(address).or_default()
    }

    pub(super) fn slots_of(&self, address: Address) -> Vec<U256> {
        self.account(address).map_or_else(Vec::new, |account| account.storage.keys().copied().collect())
    }

    pub(super) fn restore(&mut self, address: Address, info: Option<&AccountInfo>) {
        self.root = None;
        let Some(info) = info else {
            self.accounts.remove(&address);
            return;
        };
        let account = self.accounts.entry(address).or_default();
        account.balance = info.balance;
        account.nonce = info.nonce;
        account.code_hash = info.code_hash;
        account.code = info.code.clone().unwrap_or_default();
    }

    pub(super) fn restore_slot(&mut self, address: Address, slot: U256, value: U256) {
        self.root = None;
        if let Some(account) = self.accounts.get_mut(&address) {
            account.write(slot, value);
        }
    }

    fn apply(&mut self, address: Address, change: Change) {
        if !change.is_touched() {
            return;
        }
        self.remember_change(address, &change);
        self.root = None;
        if change.is_selfdestructed() {
            self.accounts.remove(&address);
            return;
        }
        let created = change.is_created();
        let account = self.accounts.entry(address).or_default();
        account.balance = change.info.balance;
        account.nonce = change.info.nonce;
        if account.code_hash != change.info.code_hash {
            account.code_hash = change.info.code_hash;
            account.code = change.info.code.unwrap_or_default();
        }
        if created {
            account.storage.clear();
            account.storage_root = None;
        }
        for (slot, value) in change.storage.into_iter().filter(|(_, value)| value.is_changed()) {
            account.write(slot, value.present_value);
        }
        // EIP-161: an account that was touched and is empty does not exist.
        if account.is_empty() {
            self.remember_all(address);
            self.accounts.remove(&address);
        }
    }
}

impl DatabaseCommit for State {
    fn commit(&mut self, changes: AddressMap<Change>) {
        for (address, change) in changes {
            self.apply(address, change);
        }
    }
}

/// Reading the state cannot fail.
pub(crate) type StateError = Infallible;

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::{consensus::EMPTY_ROOT_HASH, primitives::address};

    const ALICE: Address = address!("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");

    #[test]
    fn the_root_follows_every_change_and_comes_back() {
        let mut state = State::default();
        assert_eq!(state.root(), EMPTY_ROOT_HASH);
        state.set_balance(ALICE, U256::from(1));
        let one = state.root();
        state.set_balance(ALICE, U256::from(2));
        assert_ne!(state.root(), one);
        state.set_balance(ALICE, U256::from(1));
        assert_eq!(state.root(), one, "the root depends on the content alone");
    }

    #[test]
    fn unknown_accounts_read_as_empty() {
        let state = State::default();
        assert_eq!(state.balance(ALICE), U256::ZERO);
        assert_eq!(state.nonce(ALICE), 0);
        assert!(state.code(ALICE).is_empty());
        assert!(state.info(ALICE).is_none());
    }
}
