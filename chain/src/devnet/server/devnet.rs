//! The devnet with its mining thread.

use std::{
    path::PathBuf,
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use alloy::primitives::Bytes;
use crossbeam::channel::{Receiver, RecvTimeoutError};
use serde_json::Value;

use super::{
    Connection, DevnetError, Server, StateFileError,
    file::StateFile,
    keeper::Keeper,
    shared::{Shared, unix_ms},
};
use crate::devnet::{Block, DevChain, Genesis, Mining, RpcError};

/// A running development chain. Dropping it stops its thread and cuts its connections.
#[derive(Debug)]
pub struct Devnet {
    shared: Arc<Shared>,
    miner: Option<JoinHandle<()>>,
    keeper: Option<Keeper>,
}

impl Devnet {
    /// A devnet with one block a second, to be changed before it starts.
    pub fn builder() -> DevnetBuilder {
        DevnetBuilder {
            genesis: Genesis { mining: Mining::Interval, stepped: false, time_ms: unix_ms(), ..Genesis::default() },
            state: None,
        }
    }

    /// A connection for alloy that uses no socket. Cheap; clones share the chain.
    pub fn connection(&self) -> Connection {
        Connection::new(self.shared.clone())
    }

    /// Serves HTTP and WebSocket on `127.0.0.1:port`; port 0 takes any free one.
    ///
    /// # Errors
    ///
    /// [`DevnetError::PortInUse`] when something else listens there, [`DevnetError::Listen`] for
    /// everything else that the system refuses.
    pub fn serve(&self, port: u16) -> Result<Server, DevnetError> {
        self.serve_to(port, &[])
    }

    /// Like [`serve`](Self::serve), and answers browsers on behalf of the sites given.
    ///
    /// A site is written as browsers send it, `https://game.example`; `*` is every site. Any page
    /// of an allowed site can then use the chain, with its public keys too.
    ///
    /// # Errors
    ///
    /// As for [`serve`](Self::serve).
    pub fn serve_to(&self, port: u16, origins: &[String]) -> Result<Server, DevnetError> {
        Server::start(self.shared.clone(), port, origins)
    }

    /// Runs `work` on the chain while nobody else does.
    pub fn with_chain<T>(&self, work: impl FnOnce(&mut DevChain) -> T) -> T {
        self.shared.with(work)
    }

    /// Mines one block now; see [`DevChain::mine`].
    pub fn mine(&self) -> Arc<Block> {
        self.with_chain(DevChain::mine)
    }

    /// Moves the time of later blocks ahead.
    pub fn advance(&self, by: Duration) {
        self.with_chain(|chain| chain.advance(by));
    }

    /// Answers one JSON-RPC request; see [`DevChain::request`].
    ///
    /// # Errors
    ///
    /// [`RpcError`] as over any other connection.
    pub fn request(&self, method: &str, params: Value) -> Result<Value, RpcError> {
        self.shared.request(method, params)
    }
}

impl Devnet {
    /// Stops the chain and saves it where it has a file; dropping does the same without a word.
    ///
    /// # Errors
    ///
    /// [`DevnetError::State`] when the file cannot be written: what is in it is at most half a
    /// minute old.
    pub fn close(mut self) -> Result<(), DevnetError> {
        self.stop().map_err(DevnetError::State)
    }

    fn stop(&mut self) -> Result<(), StateFileError> {
        self.shared.stop();
        if let Some(miner) = self.miner.take() {
            // A panic of the thread was reported when it happened.
            let _ = miner.join();
        }
        self.keeper.take().map_or(Ok(()), |mut keeper| keeper.close())
    }
}

impl Drop for Devnet {
    fn drop(&mut self) {
        // The failure was logged where it happened.
        let _ = self.stop();
    }
}

/// Settings of a [`Devnet`] before it starts.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is spawned"]
pub struct DevnetBuilder {
    genesis: Genesis,
    state: Option<PathBuf>,
}

impl DevnetBuilder {
    /// Time between blocks, 10 ms to 12 s; default one second.
    pub fn block_time(mut self, block_time: Duration) -> Self {
        self.genesis.block_time = block_time;
        self
    }

    /// Gas that fits in one block; default 30 million.
    pub fn gas_limit(mut self, gas: u64) -> Self {
        self.genesis.gas_limit = gas;
        self
    }

    /// Chain id; default 31337.
    pub fn chain_id(mut self, chain_id: u64) -> Self {
        self.genesis.chain_id = chain_id;
        self
    }

    /// How many of the development accounts have a balance; default all ten.
    pub fn accounts(mut self, count: usize) -> Self {
        self.genesis.accounts = count;
        self
    }

    /// Loads the chain from this file, where there is one, and saves it there: every half minute
    /// and when it stops. A loaded chain has the accounts and contracts that it was saved with.
    pub fn state(mut self, file: impl Into<PathBuf>) -> Self {
        self.state = Some(file.into());
        self
    }

    /// When blocks are mined, with time that follows the wall; default one per block time.
    pub fn mining(mut self, mining: Mining) -> Self {
        self.genesis.mining = mining;
        self
    }

    /// Deploys one more contract at genesis, at its [`create2_address`].
    ///
    /// [`create2_address`]: crate::devnet::create2_address
    pub fn create2(mut self, init_code: impl Into<Bytes>) -> Self {
        self.genesis.create2.push(init_code.into());
        self
    }

    /// Mines only when asked. Time does not follow the wall: each block is one block time after
    /// the one before, so that a test decides all of it.
    pub fn on_demand(mut self) -> Self {
        self.genesis.mining = Mining::OnDemand;
        self.genesis.stepped = true;
        self
    }

    /// Mines a block for each transaction, with time as in [`on_demand`](Self::on_demand).
    pub fn automine(mut self) -> Self {
        self.genesis.mining = Mining::Automine;
        self.genesis.stepped = true;
        self
    }

    /// Time of the genesis block in Unix seconds; default now.
    pub fn genesis_time(mut self, unix_s: u64) -> Self {
        self.genesis.time_ms = unix_s.saturating_mul(1000);
        self
    }

    /// Blocks kept, at least 257; default 16,384.
    pub fn history(mut self, blocks: usize) -> Self {
        self.genesis.history = blocks;
        self
    }

    /// Builds the chain and starts its thread.
    ///
    /// # Errors
    ///
    /// [`DevnetError::Genesis`] for settings out of range and contracts that cannot be deployed,
    /// [`DevnetError::State`] for a file that cannot be loaded, [`DevnetError::Thread`] when the system gives no thread.
    pub fn spawn(self) -> Result<Devnet, DevnetError> {
        let (file, chain) = match &self.state {
            Some(path) => StateFile::open(path, &self.genesis).map(|(file, chain)| (Some(file), chain))?,
            None => (None, DevChain::new(&self.genesis)?),
        };
        let (shared, woken) = Shared::new(chain);
        let shared = Arc::new(shared);
        let miner = thread::Builder::new()
            .name("devnet-miner".to_owned())
            .spawn({
                let shared = shared.clone();
                move || mine_until_stopped(&shared, &woken)
            })
            .map_err(DevnetError::Thread)?;
        let mut devnet = Devnet { shared, miner: Some(miner), keeper: None };
        if let Some(file) = file {
            devnet.keeper = Some(Keeper::start(devnet.shared.clone(), file)?);
        }
        Ok(devnet)
    }
}

fn mine_until_stopped(shared: &Shared, woken: &Receiver<()>) {
    while !shared.is_stopped() {
        let due_ms = shared.with(|chain| {
            chain.mine_due();
            chain.due_ms()
        });
        let heard = match due_ms {
            Some(due_ms) => {
                let wait = Duration::from_millis(due_ms.saturating_sub(unix_ms()));
                woken.recv_timeout(wait)
            }
            None => woken.recv().map_err(RecvTimeoutError::from),
        };
        if heard == Err(RecvTimeoutError::Disconnected) {
            return;
        }
    }
}
