//! Bindings, bytecode and addresses of the Solidity side (`chain/contracts`).
//!
//! Every address follows from the committed bytecode, so it is the same on every chain.
//!
//! | module | what lives there |
//! |---|---|
//! | [`abi`] | functions, events, errors and structs |
//! | [`artifacts`] | committed creation and runtime bytecode |
//! | [`create2`] | the deterministic deployment proxy |
//! | [`revert`] | revert data in words |

pub mod abi;
pub mod artifacts;
mod clone;
pub mod create2;
pub mod revert;

pub use artifacts::{
    Artifact, DELEGATION_PREFIX, ENTRY_POINTS, game_router, gold, session_wallet, session_wallet_factory,
};
pub use clone::{clone_address, clone_code, runs_session_wallet};
pub use revert::{decode_revert, is_out_of_gas, is_rate_limited};
