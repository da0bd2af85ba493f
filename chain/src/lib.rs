//! Session keys, signing, batching, prediction and reconciliation for games whose every move is a transaction.
//!
//! The player signs one [`SessionGrant`](session::Policy); from then on a [`SessionKey`]
//! signs each action on a thread of its own. [`Chain::act`] shows the result at once in
//! [`Chain::predicted`]; [`Chain::drain`] says what the chain made of it.
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
pub mod io;
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
