//! The embedded devnet, as its clients see it.

mod blocks;
mod clients;
mod differential;
mod pool;
mod server;
mod steering;
mod support;
mod transactions;
