//! Session keys, signing, batching, prediction and reconciliation for games whose every move is a transaction.
//!
//! The player signs one grant of a [`Policy`]; from then on a [`SessionKey`]
//! signs each action on a thread of its own. [`Chain::act`] shows the result at once in
//! [`Chain::predicted`]; [`Chain::drain`] says what the chain made of it.
//!
//! The whole cycle, on the embedded chain and with a contract that logs the number it is told:
//!
#![cfg_attr(feature = "devnet-server", doc = "```")]
#![cfg_attr(not(feature = "devnet-server"), doc = "```ignore")]
//! use alloy::primitives::{Address, Log, U256};
//! use latchkey::contracts::artifacts::SESSION_WALLET;
//! use latchkey::devnet::{Devnet, dev_accounts};
//! use latchkey::{Call, Chain, Endpoint, Model, Owner, Policy, SessionKey};
//!
//! const TELLER: Address = Address::repeat_byte(0x51);
//!
//! #[derive(Debug)]
//! struct Sum;
//! impl Model for Sum {
//!     type State = u64;
//!     type Action = u64;
//!     type Event = u64;
//!     type Reject = &'static str;
//!     fn initial(&self) -> u64 { 0 }
//!     fn predict(&self, sum: &mut u64, add: &u64, _at: u64) -> Result<(), &'static str> { *sum += add; Ok(()) }
//!     fn encode(&self, add: &u64) -> Call { Call::new(TELLER, [0x55, 0xde, 0xb8, 0xfc]).arg(U256::from(*add)) }
//!     fn decode(&self, log: &Log) -> Option<u64> { U256::try_from_be_slice(&log.data.data)?.try_into().ok() }
//!     fn apply(&self, sum: &mut u64, added: &u64) { *sum += added }
//!     fn checksum(&self, sum: &u64) -> u64 { *sum }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let blocks = std::time::Duration::from_millis(50);
//! let devnet = Devnet::builder().block_time(blocks).create2(SESSION_WALLET.creation.clone()).spawn()?;
//! # devnet.request("anvil_setCode", serde_json::json!([TELLER, "0x6020600460003760206000a000"]))?;
//! let endpoint = Endpoint::connection("embedded chain", devnet.connection());
//! let owner = Owner::connect(&endpoint, dev_accounts()[0].clone())?;
//! let policy = Policy::builder("sums").method(TELLER, "Teller", "tell(uint256)").gas_money(10_u128.pow(17)).build()?;
//! let key = SessionKey::random()?;
//! owner.grant(&policy, key.address())?; // The player's one signature.
//!
//! let mut chain = Chain::builder(Sum).endpoint(endpoint).session(key, owner.address()).start()?;
//! (1..=4).try_for_each(|add| chain.act(add).map(drop))?;
//! assert_eq!(*chain.predicted(), 10); // At once.
//! while chain.status().actions.unresolved > 0 {
//!     chain.drain(); // Once a frame.
//! #   std::thread::yield_now();
//! }
//! assert_eq!(*chain.confirmed(), 10); // What the chain says.
//! # Ok(())
//! # }
//! ```
//!
//! | module | what lives there |
//! |---|---|
//! | [`model`] | actions, calls, events and the [`Model`] trait that a game implements |
//! | [`signer`] | ECDSA over secp256k1: backends, single, bulk and presigned signatures |
//! | [`session`] | what was authorised: key, policy, grant |
//! | [`pure`] | batch, limiter, nonce lane, prediction: no clock, no I/O, no randomness |
//! | [`lane`] | the state machine that joins them, driven by the signing thread |
//! | `journal` | what was signed, on disk until the chain has used it |
//! | `io` | threads and network: signing thread, submission, tracking, the owner's transactions |
//! | `client`, `config`, `fleet`, `startup` | the front door, [`Chain`], its builder and the check at the start |
//! | [`contracts`] | bindings and artifacts of the Solidity side |
//! | `devnet` | the embedded development chain (feature `devnet`) |
//! | `bevy` | the plugin (feature `bevy`) |

// The one exception has its reasons in `signer/libsecp.rs`; a test keeps it the only one.
#![cfg_attr(not(feature = "libsecp256k1"), forbid(unsafe_code))]

pub mod contracts;
pub mod lane;
pub mod model;
pub mod pure;
pub mod session;
pub mod signer;

#[cfg(feature = "native")]
mod client;
#[cfg(feature = "native")]
mod config;
#[cfg(feature = "native")]
mod error;
#[cfg(feature = "native")]
mod fleet;
#[cfg(feature = "native")]
mod io;
#[cfg(feature = "native")]
mod journal;
#[cfg(feature = "native")]
mod outcome;
#[cfg(feature = "native")]
mod startup;
#[cfg(feature = "native")]
mod status;

#[cfg(feature = "bevy")]
pub mod bevy;
#[cfg(feature = "devnet")]
pub mod devnet;

#[cfg(feature = "native")]
pub use client::Chain;
#[cfg(feature = "native")]
pub use config::ChainBuilder;
#[cfg(feature = "native")]
pub use error::{ActError, PolicyRule, StartError};
#[cfg(feature = "native")]
pub use fleet::{Fleet, FleetBuilder};
#[cfg(feature = "native")]
pub use io::{AccountForm, Endpoint, EndpointError, Grant, Owner, OwnerError, RpcFault, SignedGrant, SignedRevocation};
#[cfg(feature = "native")]
pub use journal::{Durability, Journal, JournalError};
pub use lane::{DegradedReason, DrainReason};
pub use model::{ActionId, Args, Call, Model};
#[cfg(feature = "native")]
pub use outcome::Outcome;
pub use session::{FrequencyCap, Policy, SessionKey, TokenCap};
#[cfg(feature = "native")]
pub use session::{KeyStore, Passphrase, StoreError, StoredSession};
#[cfg(feature = "native")]
pub use startup::Startup;
#[cfg(feature = "native")]
pub use status::{
    ActionCounts, Percentiles, Phase, RecentTransaction, Report, SessionFacts, Status, TokenFacts, TransactionCounts,
    TransactionState,
};
