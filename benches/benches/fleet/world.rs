//! The chain, as a process of its own, and the sessions that are granted on it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use alloy::primitives::{Address, B256, U256, keccak256};
use alloy::signers::local::PrivateKeySigner;
use latchkey::contracts::artifacts::SESSION_WALLET;
use latchkey::devnet::Devnet;
use latchkey::{Endpoint, FrequencyCap, Owner, SessionKey};
use serde_json::json;

use crate::ground::{COIN, CONTRACT, policy};

/// Argument by which this program serves the chain instead of measuring.
pub(crate) const SERVE: &str = "--serve-devnet";

/// Time between blocks.
const BLOCK_TIME: Duration = Duration::from_millis(500);

/// Gas of a block: room for a thousand transactions of one action in each.
const BLOCK_GAS: u64 = 400_000_000;

/// Owners that grant at once: each waits for a block.
const GRANTERS: usize = 32;

/// Clock ticks of `/proc` in a second, on every Linux that this runs on.
const TICKS_PER_SECOND: f64 = 100.0;

fn secret(of: &str, at: u64) -> B256 {
    keccak256(format!("{of} {at}"))
}

fn owner(at: u64) -> PrivateKeySigner {
    PrivateKeySigner::from_bytes(&secret("owner", at)).expect("a hash is a scalar")
}

/// Serves the chain, with every session granted, until its standard input ends.
pub(crate) fn serve(sessions: u64) {
    let devnet = Devnet::builder()
        .block_time(BLOCK_TIME)
        .gas_limit(BLOCK_GAS)
        .create2(SESSION_WALLET.creation.clone())
        .spawn()
        .expect("a devnet");
    // It does nothing: each session would otherwise read the logs of all.
    devnet.request("anvil_setCode", json!([CONTRACT, "0x00"])).expect("a contract");
    for at in 0..sessions {
        let rich = json!([owner(at).address(), U256::from(1_000 * COIN)]);
        devnet.request("anvil_setBalance", rich).expect("a balance");
    }
    grant_all(&Endpoint::connection("devnet", devnet.connection()), sessions);
    let server = devnet.serve(0).expect("a free port");
    println!("Listening on {}", server.ws_url());
    let _ = std::io::stdin().lines().count();
}

/// The chain's process; ended on drop.
pub(crate) struct Server {
    process: Child,
    pub(crate) url: String,
}

impl Server {
    pub(crate) fn start() -> Self {
        let mut command = Command::new(std::env::current_exe().expect("a program knows its path"));
        command.arg(SERVE).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("this program starts again");
        let mut lines = BufReader::new(process.stdout.take().expect("piped")).lines().map_while(Result::ok);
        let url = lines.find_map(|line| line.strip_prefix("Listening on ").map(str::to_owned));
        Self { process, url: url.expect("it says where it listens") }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only when the process is gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The session keys and their accounts, as the chain's process has granted them.
pub(crate) fn sessions(count: u64) -> impl Iterator<Item = (SessionKey, Address)> {
    (0..count).map(|at| (key(at), owner(at).address()))
}

fn key(at: u64) -> SessionKey {
    SessionKey::from_bytes(&secret("session", at).0).expect("a hash is a scalar")
}

/// Grants one session in an account of its own for each number.
fn grant_all(endpoint: &Endpoint, sessions: u64) {
    let policy = policy(FrequencyCap::per_second(5));
    let grant = |at: u64| {
        let owner = Owner::connect(endpoint, owner(at)).expect("the chain answers");
        owner.grant(&policy, key(at).address()).expect("a grant");
    };
    let grant = &grant;
    std::thread::scope(|scope| {
        for worker in 0..GRANTERS as u64 {
            scope.spawn(move || (worker..sessions).step_by(GRANTERS).for_each(grant));
        }
    });
}

/// Memory of this process that is in use, in KiB.
pub(crate) fn memory_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("it is told");
    line.split_whitespace().next().and_then(|kib| kib.parse().ok()).expect("a number")
}

/// Processor time that this process has used, in seconds.
pub(crate) fn processor_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    // The name in parentheses may hold spaces; user and system time are the 12th and 13th field after it.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields[at].parse::<f64>().expect("a number");
    (ticks(11) + ticks(12)) / TICKS_PER_SECOND
}
