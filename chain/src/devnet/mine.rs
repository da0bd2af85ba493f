//! The next block.

use std::sync::Arc;

use alloy::consensus::{Transaction, TxEnvelope, transaction::Recovered};
use revm::context_interface::result::EVMError;

use super::{
    block::{Block, BlockParams, Executed},
    chain::{DevChain, Notice},
    execute::Executor,
    genesis::Mining,
};

/// Transactions of a block and what they left behind, in the same order.
#[derive(Debug, Default)]
struct Contents {
    transactions: Vec<Recovered<TxEnvelope>>,
    receipts: Vec<Executed>,
}

impl Contents {
    fn push(&mut self, tx: Recovered<TxEnvelope>, executed: Executed) {
        self.transactions.push(tx);
        self.receipts.push(executed);
    }
}

impl DevChain {
    /// Mines one block now.
    ///
    /// Stepped time moves by one block time first.
    pub fn mine(&mut self) -> Arc<Block> {
        let at_ms = self.clock.take_on_demand();
        self.mine_at(at_ms)
    }

    /// Mines the interval blocks that are due and returns how many.
    pub fn mine_due(&mut self) -> usize {
        let mut mined = 0;
        while self.mining == Mining::Interval
            && let Some(at_ms) = self.clock.take_due()
        {
            self.mine_at(at_ms);
            mined += 1;
        }
        mined
    }

    /// Parameters of the next block as far as they are known.
    pub(crate) fn next_params(&self) -> BlockParams {
        let timestamp = self.clock.peek(self.mining == Mining::Interval, self.head().timestamp());
        let params = BlockParams::after(self.head(), timestamp, self.branch);
        BlockParams {
            base_fee: self.next_base_fee.unwrap_or(params.base_fee),
            prev_randao: self.next_prev_randao.unwrap_or(params.prev_randao),
            ..params
        }
    }

    fn mine_at(&mut self, at_ms: u64) -> Arc<Block> {
        let timestamp = self.clock.stamp(at_ms, self.head().timestamp());
        let params = BlockParams { timestamp, ..self.next_params() };
        (self.next_base_fee, self.next_prev_randao) = (None, None);
        let contents = self.execute_ready(&params);
        let block = self.seal(params, contents);
        self.pool.prune(&self.state);
        block
    }

    /// A block of given transactions; those that cannot be executed are left out.
    pub(crate) fn mine_these(&mut self, timestamp: u64, transactions: Vec<Recovered<TxEnvelope>>) -> Arc<Block> {
        let params = BlockParams::after(self.head(), timestamp, self.branch);
        let mut executor = Executor::new(&mut self.state, &self.history, &params, self.chain_id);
        let mut contents = Contents::default();
        for tx in transactions {
            if tx.gas_limit() > executor.gas_left() {
                tracing::warn!(hash = %tx.tx_hash(), "left out: the block is full");
                continue;
            }
            match executor.run(&tx) {
                Ok(executed) => contents.push(tx, executed),
                Err(refusal) => tracing::warn!(hash = %tx.tx_hash(), %refusal, "left out"),
            }
        }
        self.seal(params, contents)
    }

    fn seal(&mut self, params: BlockParams, contents: Contents) -> Arc<Block> {
        let block = Arc::new(params.seal(self.state.root(), contents.transactions, contents.receipts));
        self.history.push(block.clone(), self.state.take_changes());
        self.notify(Notice::Head(block.clone()));
        block
    }

    fn execute_ready(&mut self, params: &BlockParams) -> Contents {
        let mut ready = self.pool.ready(&self.state, params.base_fee);
        let mut executor = Executor::new(&mut self.state, &self.history, params, self.chain_id);
        let mut contents = Contents::default();
        while let Some((pooled, rest)) = ready.pop() {
            if pooled.tx.gas_limit() > executor.gas_left() {
                continue;
            }
            match executor.run(&pooled.tx) {
                Ok(executed) => {
                    contents.push(pooled.tx.clone(), executed);
                    ready.resume(rest);
                }
                Err(EVMError::Transaction(reason)) => {
                    // Another transaction of the block took its funds or its nonce.
                    tracing::debug!(hash = %pooled.hash(), %reason, "dropped from the pool");
                    self.pool.remove(pooled.hash());
                }
                Err(refusal) => {
                    tracing::error!(hash = %pooled.hash(), %refusal, "dropped from the pool");
                    self.pool.remove(pooled.hash());
                }
            }
        }
        contents
    }
}
