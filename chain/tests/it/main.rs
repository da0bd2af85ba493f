//! Tests of the crate through its public surface.

#![cfg(feature = "devnet-server")]

mod devnet;
mod engine;
mod refusals;
mod support;
