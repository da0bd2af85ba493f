//! Tests of the crate through its public surface.

#![cfg(feature = "devnet-server")]

mod devnet;
mod differential;
mod endpoints;
mod engine;
mod engine_reorg;
mod faults;
mod fleet;
mod hostile_answers;
mod owner;
mod proxy;
mod refusals;
mod support;
mod vectors;
