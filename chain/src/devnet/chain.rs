//! The chain itself: state, blocks, pool and time under one owner. No sockets, no threads.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use alloy::{
    consensus::{
        Transaction, TxEnvelope,
        transaction::{Recovered, SignerRecoverable},
    },
    eips::eip2718::Decodable2718,
    primitives::{Address, B256, Bytes, U256},
};
use revm::context_interface::result::EVMError;

use super::{
    block::{Block, BlockParams, Executed},
    clock::Clock,
    error::GenesisError,
    execute::{Executor, Reading},
    genesis::{Genesis, Mining, check_block_time},
    history::History,
    limits::MAX_NOTICES,
    pool::{Pool, PoolError, Rules},
    snapshot::{Snapshot, Snapshots},
    state::State,
};

/// Something that subscribers want to hear about.
#[derive(Clone, Debug)]
pub enum Notice {
    /// A block was mined.
    Head(Arc<Block>),
    /// A transaction entered the pool.
    Pending(B256),
}

/// A development chain in memory: EVM, blocks, pool and JSON-RPC dispatch.
///
/// It runs on whatever thread calls it and knows no time but what it is told.
#[derive(Debug)]
pub struct DevChain {
    pub(crate) chain_id: u64,
    pub(crate) gas_limit: u64,
    pub(crate) state: State,
    pub(crate) history: History,
    pub(crate) pool: Pool,
    pub(crate) clock: Clock,
    pub(crate) mining: Mining,
    pub(crate) snapshots: Snapshots,
    pub(crate) next_prev_randao: Option<B256>,
    notices: VecDeque<Notice>,
}

impl DevChain {
    /// A chain with its genesis block.
    ///
    /// # Errors
    ///
    /// [`GenesisError`] for settings out of range and contracts that cannot be deployed.
    pub fn new(genesis: &Genesis) -> Result<Self, GenesisError> {
        let (mut state, params) = genesis.build()?;
        let block = params.seal(state.root(), Vec::new(), Vec::new());
        Ok(Self {
            chain_id: genesis.chain_id,
            gas_limit: genesis.gas_limit,
            state,
            history: History::new(block, genesis.history),
            pool: Pool::default(),
            clock: Clock::new(genesis.time_ms, genesis.block_time, genesis.stepped),
            mining: genesis.mining,
            snapshots: Snapshots::default(),
            next_prev_randao: None,
            notices: VecDeque::new(),
        })
    }

    /// Chain id.
    pub fn chain_id(&self) -> u64 {
        self.chain_id
    }

    /// The latest block.
    pub fn head(&self) -> &Arc<Block> {
        self.history.head()
    }

    /// Balance of an account in wei, at the latest block.
    pub fn balance(&self, address: Address) -> U256 {
        self.state.balance(address)
    }

    /// Nonce of an account at the latest block.
    pub fn nonce(&self, address: Address) -> u64 {
        self.state.nonce(address)
    }

    /// Code of an account at the latest block; a delegation reads as `0xef0100` and the delegate.
    pub fn code(&self, address: Address) -> Bytes {
        self.state.code(address)
    }

    /// One storage slot at the latest block.
    pub fn storage(&self, address: Address, slot: U256) -> U256 {
        self.state.storage(address, slot)
    }

    /// Transactions that wait for a block.
    pub fn pending(&self) -> usize {
        self.pool.len()
    }

    /// When blocks are mined.
    pub fn mining(&self) -> Mining {
        self.mining
    }

    /// Takes a signed transaction in its EIP-2718 encoding and returns its hash.
    ///
    /// # Errors
    ///
    /// [`PoolError`] in the words of geth. "already known" and "nonce too low" mean that the
    /// transaction, or another with its nonce, arrived before.
    pub fn submit(&mut self, raw: &[u8]) -> Result<B256, PoolError> {
        let envelope = TxEnvelope::decode_2718_exact(raw).map_err(|error| PoolError::Decode(error.to_string()))?;
        let tx = envelope.try_into_recovered().map_err(|_| PoolError::InvalidSender)?;
        let rules = Rules { chain_id: self.chain_id, block_gas_limit: self.gas_limit };
        let hash = self.pool.add(tx, &self.state, &rules)?;
        self.notify(Notice::Pending(hash));
        if self.mining == Mining::Automine {
            self.mine();
        }
        Ok(hash)
    }

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

    /// When the next interval block is due, in milliseconds since the Unix epoch.
    pub fn due_ms(&self) -> Option<u64> {
        (self.mining == Mining::Interval).then(|| self.clock.due_ms())
    }

    /// Tells the wall time in milliseconds since the Unix epoch. Stepped time ignores it.
    pub fn observe(&mut self, wall_ms: u64) {
        self.clock.observe(wall_ms);
    }

    /// Moves the time of later blocks ahead.
    pub fn advance(&mut self, by: Duration) {
        self.clock.advance(by);
    }

    /// Changes when blocks are mined; the block time stays.
    pub fn set_mining(&mut self, mining: Mining) {
        if mining == Mining::Interval && self.mining != Mining::Interval {
            self.clock.start_interval(self.clock.block_time());
        }
        self.mining = mining;
    }

    /// Mines one block per `block_time` from now on.
    ///
    /// # Errors
    ///
    /// [`GenesisError::BlockTime`] outside of 10 ms to 12 s.
    pub fn set_interval(&mut self, block_time: Duration) -> Result<(), GenesisError> {
        check_block_time(block_time)?;
        self.clock.start_interval(block_time);
        self.mining = Mining::Interval;
        Ok(())
    }

    /// Parameters of the next block as far as they are known.
    pub(crate) fn next_params(&self) -> BlockParams {
        let head = self.history.head();
        let timestamp = self.clock.peek(self.mining == Mining::Interval, head.timestamp());
        BlockParams::after(head, timestamp)
    }

    pub(crate) fn reading(&self) -> Reading<'_> {
        Reading { state: &self.state, history: Some(&self.history) }
    }

    /// Randomness (`PREVRANDAO`) of the next block; that of the later ones follows from their parents again.
    pub fn set_next_prev_randao(&mut self, value: B256) {
        self.next_prev_randao = Some(value);
    }

    /// Keeps a copy of the chain and returns its id. Beyond 16 copies the oldest is forgotten.
    pub fn snapshot(&mut self) -> u64 {
        self.snapshots.keep(Snapshot {
            state: self.state.clone(),
            history: self.history.clone(),
            pool: self.pool.clone(),
            clock: self.clock.clone(),
        })
    }

    /// Goes back to a snapshot, which with all later ones is used up. Says whether it was known.
    pub fn revert(&mut self, id: u64) -> bool {
        let Some(snapshot) = self.snapshots.take(id) else { return false };
        self.state = snapshot.state;
        self.history = snapshot.history;
        self.pool = snapshot.pool;
        self.clock.restore(snapshot.clock);
        true
    }

    /// What happened since the last call, oldest first; beyond 4,096 the oldest are lost.
    pub fn take_notices(&mut self) -> VecDeque<Notice> {
        std::mem::take(&mut self.notices)
    }

    fn notify(&mut self, notice: Notice) {
        if self.notices.len() == MAX_NOTICES {
            self.notices.pop_front();
        }
        self.notices.push_back(notice);
    }

    fn mine_at(&mut self, at_ms: u64) -> Arc<Block> {
        let timestamp = self.clock.stamp(at_ms, self.history.head().timestamp());
        let params = BlockParams::after(self.history.head(), timestamp);
        let params = BlockParams { prev_randao: self.next_prev_randao.take().unwrap_or(params.prev_randao), ..params };
        let (transactions, receipts) = self.execute_ready(&params);
        let block = Arc::new(params.seal(self.state.root(), transactions, receipts));
        self.history.push(block.clone());
        self.pool.prune(&self.state);
        self.notify(Notice::Head(block.clone()));
        block
    }

    fn execute_ready(&mut self, params: &BlockParams) -> Contents {
        let mut ready = self.pool.ready(&self.state, params.base_fee);
        let mut executor = Executor::new(&mut self.state, &self.history, params, self.chain_id);
        let (mut transactions, mut receipts) = (Vec::new(), Vec::new());
        while let Some((pooled, rest)) = ready.pop() {
            if pooled.tx.gas_limit() > executor.gas_left() {
                continue;
            }
            match executor.run(&pooled.tx) {
                Ok(executed) => {
                    transactions.push(pooled.tx.clone());
                    receipts.push(executed);
                    ready.resume(rest);
                }
                Err(EVMError::Transaction(reason)) => {
                    // Another transaction of the block took its funds or its nonce.
                    tracing::debug!(hash = %pooled.hash, %reason, "dropped from the pool");
                    self.pool.remove(pooled.hash);
                }
                Err(refusal) => {
                    tracing::error!(hash = %pooled.hash, %refusal, "dropped from the pool");
                    self.pool.remove(pooled.hash);
                }
            }
        }
        (transactions, receipts)
    }
}

/// Transactions of a block and what they left behind, in the same order.
type Contents = (Vec<Recovered<TxEnvelope>>, Vec<Executed>);
