//! Other blocks in the place of the latest ones.

use alloy::consensus::{TxEnvelope, transaction::Recovered};

use super::chain::{DevChain, Notice};

/// Why the chain cannot be reorganised as asked; nothing has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReorgError {
    /// Nothing would be replaced: ask for at least one block.
    #[error("Reorg depth must be at least 1")]
    Nothing,
    /// The chain is not that high.
    #[error("Reorg depth must not exceed current chain height: current height {height}, depth {depth}")]
    TooDeep {
        /// Number of the latest block.
        height: u64,
        /// Blocks that were to be replaced.
        depth: u64,
    },
    /// The state before those blocks is no longer known.
    #[error("Reorg depth must not exceed the states that are kept: {kept} blocks back, depth {depth}")]
    Forgotten {
        /// Blocks that can be replaced.
        kept: u64,
        /// Blocks that were to be replaced.
        depth: u64,
    },
    /// A transaction was given for a block that there will not be.
    #[error(
        "Block number for reorg tx will exceed the reorged chain height. Block number {index} must not exceed (depth-1) {}",
        .depth - 1
    )]
    BeyondHead {
        /// Index of the block that the transaction was given for.
        index: u64,
        /// Blocks to be replaced.
        depth: u64,
    },
}

impl DevChain {
    /// Replaces the latest `depth` blocks by as many others.
    ///
    /// Each transaction goes into the new block with the index given, the first one having 0; what
    /// stood in the old blocks is dropped and not queued again, as in anvil. Each new block has the
    /// timestamp of the one it replaces. The pool stays as it is.
    ///
    /// # Errors
    ///
    /// [`ReorgError`] when there are not that many blocks to replace.
    pub fn reorg(&mut self, depth: u64, transactions: Vec<(Recovered<TxEnvelope>, u64)>) -> Result<(), ReorgError> {
        self.check_reorg(depth, transactions.iter().map(|(_, index)| *index))?;
        let mut timestamps = self.take_off(depth);
        self.branch += 1;
        let mut waiting = transactions;
        let mut index = 0;
        while let Some(timestamp) = timestamps.pop() {
            let (now, later) = waiting.into_iter().partition(|(_, block)| *block == index);
            waiting = later;
            self.mine_these(timestamp, Vec::from_iter(now).into_iter().map(|(tx, _)| tx).collect());
            index += 1;
        }
        self.pool.prune(&self.state);
        Ok(())
    }

    /// Whether the latest `depth` blocks can be replaced, with transactions for these indexes.
    ///
    /// # Errors
    ///
    /// [`ReorgError`] says what is in the way.
    pub(crate) fn check_reorg(&self, depth: u64, mut indexes: impl Iterator<Item = u64>) -> Result<(), ReorgError> {
        let (height, kept) = (self.head().number(), self.history.depth() as u64);
        if depth == 0 {
            return Err(ReorgError::Nothing);
        }
        if depth > height {
            return Err(ReorgError::TooDeep { height, depth });
        }
        if depth > kept {
            return Err(ReorgError::Forgotten { kept, depth });
        }
        indexes.find(|index| *index >= depth).map_or(Ok(()), |index| Err(ReorgError::BeyondHead { index, depth }))
    }

    /// Takes blocks off and returns their timestamps, the latest block's first.
    fn take_off(&mut self, depth: u64) -> Vec<u64> {
        // What was changed since the head belongs to no block and goes first.
        let open = self.state.take_changes();
        self.state.undo(&open);
        let mut timestamps = Vec::new();
        for _ in 0..depth {
            let Some((block, layer)) = self.history.pop() else { break };
            self.state.undo(&layer);
            timestamps.push(block.timestamp());
            self.notify(Notice::Removed(block));
        }
        timestamps
    }
}
