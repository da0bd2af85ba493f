//! The blocks that are kept, with the indexes by hash. Bounded: the oldest block goes first.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use alloy::primitives::B256;

use super::block::Block;

/// A chain of blocks that always has a head.
#[derive(Clone, Debug)]
pub(crate) struct History {
    blocks: VecDeque<Arc<Block>>,
    head: Arc<Block>,
    capacity: usize,
    by_hash: HashMap<B256, u64>,
    by_transaction: HashMap<B256, (u64, usize)>,
}

impl History {
    pub(crate) fn new(genesis: Block, capacity: usize) -> Self {
        let head = Arc::new(genesis);
        let mut history = Self {
            blocks: VecDeque::new(),
            head: head.clone(),
            capacity,
            by_hash: HashMap::new(),
            by_transaction: HashMap::new(),
        };
        history.push(head);
        history
    }

    pub(crate) fn head(&self) -> &Arc<Block> {
        &self.head
    }

    /// Number of the oldest block that is kept.
    pub(crate) fn oldest(&self) -> u64 {
        self.head.number() + 1 - self.blocks.len() as u64
    }

    pub(crate) fn push(&mut self, block: Arc<Block>) {
        self.by_hash.insert(block.hash(), block.number());
        for (index, hash) in block.transaction_hashes().enumerate() {
            self.by_transaction.insert(hash, (block.number(), index));
        }
        self.head = block.clone();
        self.blocks.push_back(block);
        if self.blocks.len() > self.capacity {
            self.forget_oldest();
        }
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
            self.by_hash.remove(&block.hash());
            for hash in block.transaction_hashes() {
                self.by_transaction.remove(&hash);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::devnet::block::BlockParams;

    fn history(capacity: usize, blocks: u64) -> History {
        let genesis = BlockParams::genesis(0, 1, 30_000_000).seal(B256::ZERO, vec![], vec![]);
        let mut history = History::new(genesis, capacity);
        for number in 1..=blocks {
            let params = BlockParams::after(history.head(), number);
            history.push(Arc::new(params.seal(B256::ZERO, vec![], vec![])));
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
