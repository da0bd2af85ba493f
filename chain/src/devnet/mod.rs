//! The embedded devnet: a real EVM chain inside the process, for play and for tests.
//!
//! | file | what lives there |
//! |---|---|
//! | `accounts`, `genesis` | what stands on the chain before its first block |
//! | `chain` | [`DevChain`]: state, blocks, pool and time under one owner |
//! | `clock` | timestamps from the schedule; wall time is told, never read |
//! | `state`, `execute` | accounts and their root; the EVM |
//! | `block`, `history` | headers and receipts; the bounded list of blocks |
//! | `pool` | waiting transactions and the words that refuse them |
//! | `snapshot` | copies to go back to |
//! | `rpc` | JSON-RPC methods |
//! | `server` | [`Devnet`]: thread, in-process connection, HTTP and WebSocket (feature `devnet-server`) |
//!
//! A development chain and nothing else: its accounts' keys are public and its state lives in
//! memory. Not modelled: blobs, withdrawals, the system contracts of EIP-2935 and EIP-4788, and
//! reading the state of past blocks.

mod accounts;
mod block;
mod chain;
mod clock;
mod error;
mod execute;
mod genesis;
mod history;
pub mod limits;
mod pool;
mod rpc;
#[cfg(feature = "devnet-server")]
mod server;
mod snapshot;
mod state;

#[cfg(feature = "native")]
pub use accounts::dev_accounts;
pub use accounts::{DEV_ADDRESSES, DEV_BALANCE, DEV_KEYS};
pub use block::Block;
pub use chain::{DevChain, Notice};
pub use error::GenesisError;
pub use genesis::{CHAIN_ID, CREATE2_PROXY, Genesis, Mining, create2_address};
pub use pool::PoolError;
pub use rpc::RpcError;
#[cfg(feature = "devnet-server")]
pub use server::{Connection, Devnet, DevnetBuilder, DevnetError, Server};
