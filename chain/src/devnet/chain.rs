//! The chain itself: state, blocks, pool and time under one owner. No sockets, no threads.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use super::{
    block::Block,
    clock::Clock,
    error::GenesisError,
    genesis::{Genesis, Mining, check_block_time},
    history::History,
    limits::MAX_NOTICES,
    pool::{Pool, PoolError, Pooled, Rules, decode},
    snapshot::{Snapshot, Snapshots},
    state::State,
};
use alloy::{
    consensus::{TxEnvelope, transaction::Recovered},
    primitives::{Address, B256, Bytes, U256},
};

/// Something that subscribers want to hear about.
#[derive(Clone, Debug)]
pub enum Notice {
    /// A block was mined.
    Head(Arc<Block>),
    /// A block is no longer part of the chain. Blocks are taken off from the head down.
    Removed(Arc<Block>),
    /// A transaction entered the pool.
    Pending(Arc<Pooled>),
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
    /// Reorganisations so far.
    pub(crate) branch: u64,
    pub(crate) next_base_fee: Option<u64>,
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
        // Nobody can look behind the first block.
        state.take_changes();
        let block = params.seal(state.root(), Vec::new(), Vec::new());
        Ok(Self::start(genesis, state, Arc::new(block)))
    }

    /// A chain with its first block and the state of its last one.
    pub(crate) fn start(genesis: &Genesis, state: State, first: Arc<Block>) -> Self {
        Self {
            chain_id: genesis.chain_id,
            gas_limit: genesis.gas_limit,
            state,
            history: History::new(first, genesis.history),
            pool: Pool::default(),
            clock: Clock::new(genesis.time_ms, genesis.block_time, genesis.stepped),
            mining: genesis.mining,
            snapshots: Snapshots::default(),
            next_prev_randao: None,
            branch: 0,
            next_base_fee: None,
            notices: VecDeque::new(),
        }
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
        self.submit_decoded(decode(raw)?)
    }

    pub(crate) fn submit_decoded(&mut self, tx: Recovered<TxEnvelope>) -> Result<B256, PoolError> {
        let base_fee = self.next_params().base_fee;
        let rules = Rules { chain_id: self.chain_id, block_gas_limit: self.gas_limit, base_fee };
        let pooled = self.pool.add(tx, &self.state, &rules)?;
        let hash = pooled.hash();
        self.notify(Notice::Pending(pooled));
        if self.mining == Mining::Automine {
            self.mine();
        }
        Ok(hash)
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

    /// Base fee of the next block in wei per gas, in the place of what the EIP-1559 rule gives.
    pub fn set_next_base_fee(&mut self, wei: u64) {
        self.next_base_fee = Some(wei);
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
            next_base_fee: self.next_base_fee,
        })
    }

    /// Goes back to a snapshot, which with all later ones is used up. Says whether it was known.
    pub fn revert(&mut self, id: u64) -> bool {
        let Some(snapshot) = self.snapshots.take(id) else { return false };
        let common = |block: &&Arc<Block>| snapshot.history.by_hash(block.hash()).is_some();
        let gone: Vec<_> = self.history.blocks().rev().take_while(|block| !common(block)).cloned().collect();
        for block in gone {
            self.notify(Notice::Removed(block));
        }
        self.state = snapshot.state;
        self.history = snapshot.history;
        self.pool = snapshot.pool;
        self.clock.restore(snapshot.clock);
        self.next_base_fee = snapshot.next_base_fee;
        true
    }

    /// What happened since the last call, oldest first; beyond 4,096 the oldest are lost.
    pub fn take_notices(&mut self) -> VecDeque<Notice> {
        std::mem::take(&mut self.notices)
    }

    pub(crate) fn notify(&mut self, notice: Notice) {
        if self.notices.len() == MAX_NOTICES {
            self.notices.pop_front();
        }
        self.notices.push_back(notice);
    }
}
