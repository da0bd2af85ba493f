//! The embedded devnet, as its clients see it.

mod blocks;
mod clients;
mod clients_scripts;
mod differential;
mod faults;
mod fuzz;
mod hostile;
mod pool;
mod server;
mod state;
mod steering;
mod support;
mod sync;
mod transactions;
pub(crate) mod wire;

/// A number from the environment.
fn environment_number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name}={text}: give a number")))
}
