//! The devnet beside anvil, each as a process of its own, under the same load in the same run.
//!
//! `cargo bench -p latchkey-benches --bench devnet`; add `--profile dev` for the profile that play and tests use.
//! Needs anvil on the PATH, and Linux for memory and processor time.

use std::env;

mod side;

use side::{Figures, Side};

/// Starts of each chain, of which the median counts.
const STARTS: usize = 9;

fn main() {
    if env::args().any(|argument| argument == side::SERVE) {
        return side::serve();
    }
    let (devnet, anvil) = (measure(Side::devnet), measure(Side::anvil));
    assert_eq!(devnet.gas, anvil.gas, "both did the same work");
    let idle = side::idle(Side::devnet, Side::anvil);
    println!("{:<44} {:>10} {:>10} {:>7}", "", "devnet", "anvil", "ratio");
    let row =
        |name: &str, ours: f64, theirs: f64| println!("{name:<44} {ours:>10.2} {theirs:>10.2} {:>7.2}", ours / theirs);
    row("start to first block, ms, median of 9", devnet.start_ms, anvil.start_ms);
    row("1,000 session batches of 8 actions, s", devnet.wall_s, anvil.wall_s);
    row("  of it processor time of the chain, s", devnet.cpu_s, anvil.cpu_s);
    row("  gas used, millions", devnet.gas as f64 / 1e6, anvil.gas as f64 / 1e6);
    row("memory before the load, MiB", devnet.before_mib, anvil.before_mib);
    row("memory after the load, MiB", devnet.after_mib, anvil.after_mib);
    row("idle at 1 s blocks, % of a core", idle.0, idle.1);
}

fn measure(start: fn(&[&str]) -> Side) -> Figures {
    let mut starts: Vec<f64> = (0..STARTS).map(|_| side::start_to_first_block(start)).collect();
    starts.sort_by(f64::total_cmp);
    Figures { start_ms: starts[STARTS / 2], ..side::load(start) }
}
