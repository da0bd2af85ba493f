//! Functions, events, errors and structs of the contracts.

#![allow(missing_docs, reason = "the macro's own items, such as call structs, carry no documentation")]

mod game;
mod wallet;

pub use game::{GameRouter, Gold};
pub use wallet::{Method, MethodView, SessionGrant, SessionView, SessionWallet, TokenCap};
