//! The blocks that are kept, with the indexes by hash, and the states that they left behind.
//!
//! Bounded in blocks, in bytes and in remembered changes: the oldest go first.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use alloy::primitives::B256;

use super::{
    block::Block,
    layer::{Layer, View},
    limits::{MAX_CHANGES, MAX_HISTORY_BYTES, MIN_BLOCKS},
    state::State,
};

/// A chain of blocks that always has a head.
#[derive(Clone, Debug)]
pub(crate) struct History {
    blocks: VecDeque<Arc<Block>>,
    head: Arc<Block>,
    /// What each of the newest blocks changed; their number is at most that of the blocks.
    layers: VecDeque<Arc<Layer>>,
    capacity: usize,
    /// Bytes that the blocks take, about.
    weight: usize,
    /// Values that the layers hold.
    changes: usize,
    by_hash: HashMap<B256, u64>,
    by_transaction: HashMap<B256, (u64, usize)>,
}

impl History {
    /// A chain of one block, before which nothing is known.
    pub(crate) fn new(head: Arc<Block>, capacity: usize) -> Self {
        let mut history = Self {
            blocks: VecDeque::new(),
            head: head.clone(),
            layers: VecDeque::new(),
            capacity,
            weight: 0,
            changes: 0,
            by_hash: HashMap::new(),
            by_transaction: HashMap::new(),
        };
        history.push_block(head);
        history
    }

    pub(crate) fn head(&self) -> &Arc<Block> {
        &self.head
    }

    /// Number of the oldest block that is kept.
    pub(crate) fn oldest(&self) -> u64 {
        self.head.number() + 1 - self.blocks.len() as u64
    }

    /// Adds a block, and what it changed as it was before.
    pub(crate) fn push(&mut self, block: Arc<Block>, changed: Layer) {
        self.push_block(block);
        self.changes += changed.len();
        self.layers.push_back(Arc::new(changed));
        while self.changes > MAX_CHANGES && self.layers.len() > 1 || self.layers.len() > self.blocks.len() {
            self.forget_oldest_state();
        }
    }

    /// Adds a block whose state before it is not known.
    pub(crate) fn push_block(&mut self, block: Arc<Block>) {
        self.by_hash.insert(block.hash(), block.number());
        for (index, hash) in block.transaction_hashes().enumerate() {
            self.by_transaction.insert(hash, (block.number(), index));
        }
        self.weight += block.weight();
        self.head = block.clone();
        self.blocks.push_back(block);
        while self.blocks.len() > self.capacity || self.weight > MAX_HISTORY_BYTES && self.blocks.len() > MIN_BLOCKS {
            self.forget_oldest();
        }
    }

    /// Takes the head off, with what it changed; `None` when the state before it is not known.
    pub(crate) fn pop(&mut self) -> Option<(Arc<Block>, Arc<Layer>)> {
        if self.blocks.len() < 2 {
            return None;
        }
        let layer = self.layers.pop_back()?;
        let block = self.blocks.pop_back()?;
        self.changes -= layer.len();
        self.unlist(&block);
        self.head = self.blocks.back()?.clone();
        Some((block, layer))
    }

    /// How many blocks can be taken off.
    pub(crate) fn depth(&self) -> usize {
        self.layers.len().min(self.blocks.len() - 1)
    }

    /// The state that block `number` left behind, if that is still known.
    pub(crate) fn view<'a>(&'a self, state: &'a State, number: u64) -> Option<View<'a>> {
        let newer = usize::try_from(self.head.number().checked_sub(number)?).ok()?;
        match newer {
            0 => Some(View::latest(state)),
            _ if newer <= self.depth() => Some(View::before(state, &self.layers, self.layers.len() - newer)),
            _ => None,
        }
    }

    /// Every block that is kept, oldest first.
    pub(crate) fn blocks(&self) -> impl DoubleEndedIterator<Item = &Arc<Block>> {
        self.blocks.iter()
    }

    pub(crate) fn by_number(&self, number: u64) -> Option<&Arc<Block>> {
        let index = number.checked_sub(self.oldest())?;
        self.blocks.get(usize::try_from(index).ok()?)
    }

    pub(crate) fn by_hash(&self, hash: B256) -> Option<&Arc<Block>> {
        self.by_number(*self.by_hash.get(&hash)?)
    }

    /// The block that holds a transaction, and the transaction's index in it.
    pub(crate) fn transaction(&self, hash: B256) -> Option<(&Arc<Block>, usize)> {
        let (number, index) = *self.by_transaction.get(&hash)?;
        Some((self.by_number(number)?, index))
    }

    /// Blocks of an inclusive range, oldest first.
    pub(crate) fn range(&self, from: u64, to: u64) -> impl Iterator<Item = &Arc<Block>> {
        let first = from.saturating_sub(self.oldest());
        let end = to.saturating_add(1).saturating_sub(self.oldest()).min(self.blocks.len() as u64);
        self.blocks.range(first.min(end) as usize..end as usize)
    }

    fn forget_oldest(&mut self) {
        if let Some(block) = self.blocks.pop_front() {
            self.unlist(&block);
        }
    }

    fn forget_oldest_state(&mut self) {
        if let Some(layer) = self.layers.pop_front() {
            self.changes -= layer.len();
        }
    }

    fn unlist(&mut self, block: &Block) {
        self.weight -= block.weight();
        self.by_hash.remove(&block.hash());
        for hash in block.transaction_hashes() {
            self.by_transaction.remove(&hash);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::devnet::block::BlockParams;

    fn history(capacity: usize, blocks: u64) -> History {
        let genesis = BlockParams::genesis(0, 1, 30_000_000).seal(B256::ZERO, vec![], vec![]);
        let mut history = History::new(Arc::new(genesis), capacity);
        for number in 1..=blocks {
            let params = BlockParams::after(history.head(), number, 0);
            history.push(Arc::new(params.seal(B256::ZERO, vec![], vec![])), Layer::default());
        }
        history
    }

    #[test]
    fn the_oldest_blocks_are_forgotten() {
        let history = history(4, 9);
        assert_eq!(history.oldest(), 6);
        assert!(history.by_number(5).is_none());
        assert_eq!(history.by_number(6).map(|block| block.number()), Some(6));
        assert_eq!(history.by_hash.len(), 4);
    }

    #[test]
    fn the_head_can_be_taken_off_down_to_the_oldest_block() {
        let mut history = history(4, 9);
        assert_eq!(history.depth(), 3);
        let hash = history.head().hash();
        assert_eq!(history.pop().map(|(block, _)| block.number()), Some(9));
        assert!(history.by_hash(hash).is_none());
        assert_eq!(history.head().number(), 8);
        assert!(history.pop().is_some() && history.pop().is_some());
        assert!(history.pop().is_none(), "one block always stays");
        assert_eq!((history.head().number(), history.by_hash.len()), (6, 1));
    }

    #[test]
    fn ranges_are_clipped_to_what_is_kept() {
        let history = history(4, 9);
        let numbers = |from, to| -> Vec<u64> { history.range(from, to).map(|block| block.number()).collect() };
        assert_eq!(numbers(0, 7), [6, 7]);
        assert_eq!(numbers(8, 50), [8, 9]);
        assert_eq!(numbers(50, 60), [0; 0]);
        assert_eq!(numbers(0, 2), [0; 0]);
        assert_eq!(numbers(8, u64::MAX), [8, 9]);
    }
}
