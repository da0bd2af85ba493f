//! The past of the state: what each block changed, as it was before, and reading through it.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use alloy::primitives::{Address, B256, Bytes, U256};
use revm::{
    bytecode::Bytecode,
    state::{Account as Change, AccountInfo},
};

use super::state::State;

/// What accounts and slots held before they were first changed in a span of time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layer {
    pub(super) accounts: HashMap<Address, Option<AccountInfo>>,
    pub(super) slots: HashMap<(Address, U256), U256>,
}

impl Layer {
    /// Values that the layer holds.
    pub(crate) fn len(&self) -> usize {
        self.accounts.len() + self.slots.len()
    }
}

/// The state as it was after some block: the latest one, seen through what was changed since.
///
/// Reading costs one look per block in between.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    state: &'a State,
    /// Layers of the blocks after the one that is looked at; `None` looks at the state itself.
    newer: Option<(&'a VecDeque<Arc<Layer>>, usize)>,
}

impl<'a> View<'a> {
    /// The state itself.
    pub(crate) fn latest(state: &'a State) -> Self {
        Self { state, newer: None }
    }

    /// The state before everything that `layers` changed from `first` on.
    pub(crate) fn before(state: &'a State, layers: &'a VecDeque<Arc<Layer>>, first: usize) -> Self {
        Self { state, newer: Some((layers, first)) }
    }

    pub(crate) fn info(&self, address: Address) -> Option<AccountInfo> {
        match self.layers().find_map(|layer| layer.accounts.get(&address)) {
            Some(before) => before.clone(),
            None => self.state.info(address),
        }
    }

    pub(crate) fn storage(&self, address: Address, slot: U256) -> U256 {
        let before = self.layers().find_map(|layer| layer.slots.get(&(address, slot)));
        before.copied().unwrap_or_else(|| self.state.storage(address, slot))
    }

    pub(crate) fn balance(&self, address: Address) -> U256 {
        self.info(address).map_or(U256::ZERO, |info| info.balance)
    }

    pub(crate) fn nonce(&self, address: Address) -> u64 {
        self.info(address).map_or(0, |info| info.nonce)
    }

    pub(crate) fn code(&self, address: Address) -> Bytes {
        self.info(address).and_then(|info| info.code).map_or_else(Bytes::new, |code| code.original_bytes())
    }

    pub(crate) fn code_by_hash(&self, hash: B256) -> Bytecode {
        self.state.code_by_hash(hash)
    }

    /// Oldest first, so that the first value found is the one that the block left behind.
    fn layers(&self) -> impl Iterator<Item = &'a Layer> {
        let sealed = self.newer.into_iter().flat_map(|(layers, first)| layers.range(first..).map(Arc::as_ref));
        sealed.chain(self.newer.is_some().then(|| self.state.changes()))
    }
}

/// Writing that remembers what was there, and taking it back.
impl State {
    /// What has been changed since the last call, as it was before.
    pub(crate) fn take_changes(&mut self) -> Layer {
        std::mem::take(&mut self.before)
    }

    /// What has been changed since [`take_changes`](Self::take_changes), as it was before.
    pub(crate) fn changes(&self) -> &Layer {
        &self.before
    }

    /// Goes back to before everything that `layer` holds. The newest layer goes first.
    pub(crate) fn undo(&mut self, layer: &Layer) {
        for (address, info) in &layer.accounts {
            self.restore(*address, info.as_ref());
        }
        for ((address, slot), value) in &layer.slots {
            self.restore_slot(*address, *slot, *value);
        }
    }

    pub(super) fn remember(&mut self, address: Address) {
        if !self.before.accounts.contains_key(&address) {
            let info = self.info(address);
            self.before.accounts.insert(address, info);
        }
    }

    pub(super) fn remember_slot(&mut self, address: Address, slot: U256) {
        if !self.before.slots.contains_key(&(address, slot)) {
            let value = self.storage(address, slot);
            self.before.slots.insert((address, slot), value);
        }
    }

    /// Remembers all of an account that is about to lose its storage.
    pub(super) fn remember_all(&mut self, address: Address) {
        self.remember(address);
        for slot in self.slots_of(address) {
            self.remember_slot(address, slot);
        }
    }

    /// Remembers everything that a transaction is about to change in an account.
    pub(super) fn remember_change(&mut self, address: Address, change: &Change) {
        if change.is_selfdestructed() || change.is_created() {
            self.remember_all(address);
        } else {
            self.remember(address);
        }
        for (slot, _) in change.storage.iter().filter(|(_, value)| value.is_changed()) {
            self.remember_slot(address, *slot);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::primitives::address;

    const ALICE: Address = address!("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
    const SLOT: U256 = U256::ONE;

    /// After block `n` the balance and slot of Alice are both `n`.
    fn three_blocks() -> (State, VecDeque<Arc<Layer>>) {
        let mut state = State::default();
        let layers = (1..=3).map(|value| {
            state.set_balance(ALICE, U256::from(value));
            state.set_storage(ALICE, SLOT, U256::from(value));
            Arc::new(state.take_changes())
        });
        let layers = layers.collect();
        (state, layers)
    }

    #[test]
    fn every_block_can_be_looked_at() {
        let (mut state, layers) = three_blocks();
        // A change that is in no block yet shows in the latest state alone.
        state.set_balance(ALICE, U256::from(9));
        for block in 0..=3 {
            let view = View::before(&state, &layers, block);
            assert_eq!(view.balance(ALICE), U256::from(block), "balance after block {block}");
            assert_eq!(view.storage(ALICE, SLOT), U256::from(block), "slot after block {block}");
        }
        assert!(View::before(&state, &layers, 0).info(ALICE).is_none(), "nobody was there before the first block");
        assert_eq!(View::latest(&state).balance(ALICE), U256::from(9));
    }

    #[test]
    fn undoing_brings_back_the_root_of_each_block() {
        let mut state = State::default();
        let mut roots = vec![state.root()];
        let mut layers = Vec::new();
        for value in [5, 0, 7] {
            state.set_balance(ALICE, U256::from(value));
            state.set_storage(ALICE, SLOT, U256::from(value));
            layers.push(state.take_changes());
            roots.push(state.root());
        }
        while let Some(layer) = layers.pop() {
            roots.pop();
            state.undo(&layer);
            assert_eq!(Some(&state.root()), roots.last());
        }
    }
}
