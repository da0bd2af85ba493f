//! The embedded devnet, as its clients see it.

mod anvil;
mod blocks;
mod clients;
mod pool;
mod server;
mod steering;
mod support;
mod transactions;
