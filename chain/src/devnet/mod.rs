//! The embedded devnet: a real EVM chain inside the process, for play and for tests.
//!
//! | file | what lives there |
//! |---|---|
//! | `accounts`, `genesis` | what stands on the chain before its first block |
//! | `chain` | [`DevChain`]: state, blocks, pool and time under one owner |
//! | `clock` | timestamps from the schedule; wall time is told, never read |
//! | `state`, `layer` | accounts and their root; what they were before each block |
//! | `execute`, `overrides` | the EVM; what a call pretends |
//! | `block`, `history` | headers and receipts; the bounded list of blocks |
//! | `mine`, `reorg` | the next block; other blocks in the place of the latest ones |
//! | `pool` | waiting transactions and the words that refuse them |
//! | `snapshot`, `saved` | copies to go back to; the chain as bytes |
//! | `rpc` | JSON-RPC methods |
//! | `server` | [`Devnet`]: thread, in-process connection, HTTP and WebSocket (feature `devnet-server`) |
//! | `proxy` | [`FaultProxy`]: faults between a client and any endpoint (feature `devnet-server`) |
//!
//! ```
//! # #[cfg(feature = "devnet-server")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let devnet = latchkey::devnet::Devnet::builder().on_demand().spawn()?;
//! assert_eq!(devnet.mine().number(), 1);
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "devnet-server"))]
//! # fn main() {}
//! ```
//!
//! # What it is not
//!
//! A development chain and nothing else. Its accounts' keys are public, it has no consensus, no
//! peers and one block producer that nobody checks, and it serves loopback only. Not modelled: blobs,
//! withdrawals, the system contracts of EIP-2935 and EIP-4788, traces, proofs, filters that are
//! polled, and a `pending` state other than the latest one with the pool's nonces. It keeps the
//! latest blocks and states within the [`limits`], in memory; a file is written only when asked for.

mod accounts;
mod block;
mod chain;
mod clock;
mod error;
mod execute;
mod genesis;
mod history;
mod layer;
pub mod limits;
mod mine;
mod overrides;
mod pool;
#[cfg(feature = "devnet-server")]
mod proxy;
mod reorg;
mod rpc;
mod saved;
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
pub use pool::{PoolError, Pooled};
#[cfg(feature = "devnet-server")]
pub use proxy::{Fault, FaultProxy, NOTIFICATION, ProxyError, Rule, RuleId};
pub use reorg::ReorgError;
pub use rpc::RpcError;
pub use saved::LoadError;
#[cfg(feature = "devnet-server")]
pub use server::{Connection, Devnet, DevnetBuilder, DevnetError, Server, StateFileError};
