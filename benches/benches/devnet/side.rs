//! One chain as a process: started, loaded, weighed.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::mpsc::sync_channel,
    time::{Duration, Instant},
};

use alloy::{
    primitives::{Bytes, U256},
    rpc::{
        client::RpcClient,
        types::{Block, TransactionReceipt},
    },
    sol_types::SolCall,
};
use latchkey::{
    Call, Endpoint, FrequencyCap, Owner, Policy, SessionKey,
    contracts::{abi::GameRouter, artifacts, game_router},
    devnet::{CHAIN_ID, Devnet, dev_accounts},
    model::ActionId,
    pure::{Batcher, Fees, Method, MethodTable, seal},
};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

/// Argument by which this program serves a devnet instead of measuring.
pub(crate) const SERVE: &str = "--serve-devnet";

/// Batches of the load.
const BATCHES: u64 = 1_000;

/// Actions of one batch.
const ACTIONS: u64 = 8;

/// Batches of one block: the pool holds no more of one sender.
const PER_BLOCK: usize = 16;

/// Time over which an idle chain is watched.
const IDLE: Duration = Duration::from_secs(60);

/// Clock ticks of `/proc` in a second, on every Linux that this runs on.
const TICKS_PER_SECOND: f64 = 100.0;

/// What was measured of one chain.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub(crate) start_ms: f64,
    pub(crate) wall_s: f64,
    pub(crate) cpu_s: f64,
    pub(crate) gas: u64,
    pub(crate) before_mib: f64,
    pub(crate) after_mib: f64,
}

/// A running chain; killed on drop.
pub(crate) struct Side {
    process: Child,
    url: String,
    runtime: Runtime,
    client: RpcClient,
}

/// Serves a devnet until the process is killed. A second argument is the time between blocks in milliseconds.
pub(crate) fn serve() {
    let block_time = env::args().skip_while(|argument| argument != SERVE).nth(1).and_then(|text| text.parse().ok());
    let builder = match block_time {
        Some(ms) => Devnet::builder().block_time(Duration::from_millis(ms)),
        None => Devnet::builder().automine(),
    };
    let devnet = builder.spawn().expect("a devnet");
    let server = devnet.serve(0).expect("a free port");
    println!("Listening on {}", server.local_addr());
    std::thread::park();
}

impl Side {
    /// This program as a devnet; with a block time in seconds, or a block for each transaction.
    pub(crate) fn devnet(block_time_s: &[&str]) -> Self {
        let mut command = Command::new(env::current_exe().expect("a program knows its path"));
        command.arg(SERVE).args(block_time_s.iter().map(|seconds| format!("{seconds}000")));
        Self::start(command)
    }

    /// anvil, in the same way.
    pub(crate) fn anvil(block_time_s: &[&str]) -> Self {
        let mut command = Command::new("anvil");
        command.args(["--port", "0", "--hardfork", "osaka"]);
        for seconds in block_time_s {
            command.args(["--block-time", seconds]);
        }
        Self::start(command)
    }

    fn start(mut command: Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().expect("it is installed");
        let mut lines = BufReader::new(process.stdout.take().expect("piped")).lines().map_while(Result::ok);
        let url = lines.find_map(|line| line.strip_prefix("Listening on ").map(|address| format!("http://{address}")));
        let url = url.expect("it says where it listens");
        // anvil stops answering when nobody reads what it prints.
        std::thread::spawn(move || lines.for_each(drop));
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let client = RpcClient::new_http(url.parse().expect("a URL"));
        Self { process, url, runtime, client }
    }

    fn ask<T: serde::de::DeserializeOwned>(&self, method: &'static str, params: Value) -> T {
        let answer = self.runtime.block_on(self.client.request::<_, Value>(method, params));
        serde_json::from_value(answer.unwrap_or_else(|error| panic!("{method}: {error}"))).expect("the usual form")
    }

    /// Processor time that the process has used, in seconds.
    fn cpu_s(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id())).expect("it runs");
        // The name in parentheses may hold spaces; user and system time are the 12th and 13th field after it.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |at: usize| fields[at].parse::<f64>().expect("a number");
        (ticks(11) + ticks(12)) / TICKS_PER_SECOND
    }

    fn resident_mib(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line of its own");
        line.split_whitespace().next().and_then(|kib| kib.parse::<f64>().ok()).expect("a number") / 1024.0
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        // Both fail only when the process is gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Milliseconds from the start of the process to the answer that the first block is there.
pub(crate) fn start_to_first_block(start: fn(&[&str]) -> Side) -> f64 {
    let begun = Instant::now();
    let side = start(&[]);
    side.ask::<Value>("evm_mine", json!([]));
    assert_eq!(side.ask::<U256>("eth_blockNumber", json!([])), U256::ONE);
    begun.elapsed().as_secs_f64() * 1e3
}

/// Grants a session and has its batches executed.
pub(crate) fn load(start: fn(&[&str]) -> Side) -> Figures {
    let side = start(&[]);
    let owner = Owner::connect(&Endpoint::url(&side.url).expect("a URL"), dev_accounts()[0].clone()).expect("an owner");
    owner.ensure_deployed(&[&artifacts::SESSION_WALLET, &artifacts::GAME_ROUTER]).expect("deployed");
    let key = SessionKey::from_bytes(&[7; 32]).expect("a valid scalar");
    let policy = Policy::builder("bench")
        .method(game_router(), "GameRouter", "attack(uint256)")
        .frequency(FrequencyCap::per_second(PER_BLOCK as u16))
        .max_actions_per_tx(ACTIONS as u8)
        .lifetime(Duration::from_secs(86_400))
        .gas_money(100_000_000_000_000_000_000)
        .build()
        .expect("a sound policy");
    let account = owner.grant(&policy, key.address()).expect("a grant").account;
    side.ask::<Value>("evm_setAutomine", json!([false]));
    let fees = Fees { base_fee: 10_000_000_000, priority_fee: 1 };
    let raws: Vec<Bytes> = (0..BATCHES).map(|at| seal(&batch(at), &key, CHAIN_ID, at, account, fees).1).collect();
    let head: Block = side.ask("eth_getBlockByNumber", json!(["latest", false]));
    let (before_mib, cpu_s, begun) = (side.resident_mib(), side.cpu_s(), Instant::now());
    for (time, block) in (head.header.timestamp + 2..).step_by(2).zip(raws.chunks(PER_BLOCK)) {
        for raw in block {
            side.ask::<Value>("eth_sendRawTransaction", json!([raw]));
        }
        side.ask::<Value>("evm_setNextBlockTimestamp", json!([time]));
        side.ask::<Value>("evm_mine", json!([]));
    }
    let (wall_s, cpu_s) = (begun.elapsed().as_secs_f64(), side.cpu_s() - cpu_s);
    let after_mib = side.resident_mib();
    let blocks = (head.header.number + 1..).take(raws.chunks(PER_BLOCK).len());
    let receipts: Vec<TransactionReceipt> = blocks
        .flat_map(|at| side.ask::<Vec<TransactionReceipt>>("eth_getBlockReceipts", json!([format!("{at:#x}")])))
        .collect();
    assert_eq!(receipts.iter().filter(|receipt| receipt.status()).count() as u64, BATCHES, "all were executed");
    let gas = receipts.iter().map(|receipt| receipt.gas_used).sum();
    Figures { start_ms: 0.0, wall_s, cpu_s, gas, before_mib, after_mib }
}

/// The batch number `at`, cut as the engine does.
fn batch(at: u64) -> latchkey::pure::Batch {
    let selector = GameRouter::attackCall::SELECTOR;
    let methods = MethodTable::new(vec![Method { target: game_router(), selector, rule: 0, index: 0 }], 0);
    let mut batcher = Batcher::new(ACTIONS as u8, Duration::ZERO);
    for action in 0..ACTIONS {
        let monster = U256::from((at * ACTIONS + action) % 12);
        let call = methods.pack(Call::new(game_router(), selector).arg(monster)).expect("an allowed call");
        batcher.push(ActionId(action), call, Duration::ZERO);
    }
    batcher.cut().expect("a batch of what was pushed")
}

/// Percentages of a core that both take at one block a second while nobody asks anything.
pub(crate) fn idle(one: fn(&[&str]) -> Side, other: fn(&[&str]) -> Side) -> (f64, f64) {
    let sides = [one(&["1"]), other(&["1"])];
    let before = sides.each_ref().map(Side::cpu_s);
    // Nobody ever sends: this is the wait.
    let (_open, closed) = sync_channel::<()>(1);
    let _ = closed.recv_timeout(IDLE);
    let used = |at: usize| (sides[at].cpu_s() - before[at]) / IDLE.as_secs_f64() * 100.0;
    (used(0), used(1))
}
