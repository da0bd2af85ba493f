//! The same seeded transactions on the devnet and on anvil leave the same behind.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::Duration,
};

use alloy::{
    primitives::{Address, B256, Bytes, TxKind, U256, keccak256},
    rpc::{
        client::RpcClient,
        types::{Log, TransactionReceipt},
    },
    sol,
    sol_types::SolCall,
};
use latchkey::devnet::{CREATE2_PROXY, Devnet, create2_address};
use serde_json::{Value, json};

use super::support::*;

sol! {
    function attack(uint256 monsterId);
}

/// Transactions of the run.
const TRANSACTIONS: u64 = 60;

/// Longest time for the whole run.
const DEADLINE: Duration = Duration::from_secs(60);

/// Later than anvil's clock, so that both take the timestamps they are given.
const START: u64 = 4_000_000_000;

/// An anvil that mines only when asked, ended with the value.
struct Anvil {
    process: Child,
    url: String,
}

impl Anvil {
    /// `None` where anvil is not installed, unless this is CI.
    fn start() -> Option<Self> {
        let started = Command::new("anvil").args(["--port", "0", "--no-mining"]).stdout(Stdio::piped()).spawn();
        let mut process = match started {
            Ok(process) => process,
            Err(error) if std::env::var("CI").is_ok_and(|ci| ci == "true") => {
                panic!("anvil must be on PATH in CI: {error}")
            }
            Err(error) => {
                println!("skipped: anvil is not on PATH ({error})");
                return None;
            }
        };
        let output = process.stdout.take().expect("piped");
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        let url = lines.find_map(|line| line.strip_prefix("Listening on ").map(|address| format!("http://{address}")));
        let url = url.expect("anvil says where it listens");
        // anvil stops answering when nobody reads what it prints; this ends with the process.
        std::thread::spawn(move || lines.for_each(drop));
        Some(Self { process, url })
    }
}

impl Drop for Anvil {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What a transaction left behind, without what may differ: block hashes and the like.
#[derive(Debug, PartialEq)]
struct Trace {
    status: bool,
    gas_used: u64,
    price: u128,
    created: Option<Address>,
    logs: Vec<(Address, Vec<B256>, Bytes, Option<u64>)>,
}

async fn ask<T: serde::de::DeserializeOwned + std::fmt::Debug + Send + Sync + Unpin + 'static>(
    client: &RpcClient,
    method: &'static str,
    params: Value,
) -> T {
    client.request(method, params).await.unwrap_or_else(|error| panic!("{method}: {error}"))
}

async fn run(client: &RpcClient, raw: &Bytes, time: u64) -> Trace {
    let hash: B256 = ask(client, "eth_sendRawTransaction", json!([raw])).await;
    let _: Value = ask(client, "evm_setNextBlockTimestamp", json!([time])).await;
    let _: Value = ask(client, "evm_mine", json!([])).await;
    let receipt: TransactionReceipt = ask(client, "eth_getTransactionReceipt", json!([hash])).await;
    let log = |log: &Log| (log.address(), log.topics().to_vec(), log.data().data.clone(), log.log_index);
    Trace {
        status: receipt.status(),
        gas_used: receipt.gas_used,
        price: receipt.effective_gas_price,
        created: receipt.contract_address,
        logs: receipt.logs().iter().map(log).collect(),
    }
}

/// Draws transactions from a seed, and knows what they made.
struct Script {
    nonces: [u64; 10],
    stores: Address,
    reverts: Address,
    router: Address,
}

impl Script {
    fn new() -> Self {
        let owner = account(0).address();
        Self {
            nonces: [3, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            stores: owner.create(0),
            reverts: owner.create(1),
            router: create2_address(&router_code()),
        }
    }

    /// The contracts that the rest uses.
    fn deployments() -> Vec<Bytes> {
        let create = |nonce, runtime| {
            let mut tx = transaction(nonce, TxKind::Create);
            tx.input = init_code(runtime);
            sign(&account(0), tx)
        };
        let mut router = transaction(2, CREATE2_PROXY);
        router.input = [&[0; 32], router_code().as_ref()].concat().into();
        router.gas_limit = 8_000_000;
        vec![create(0, STORE_AND_LOG), create(1, REVERT), sign(&account(0), router)]
    }

    fn next(&mut self, step: u64) -> Bytes {
        let seed = keccak256(step.to_be_bytes());
        // The first four accounts only send, so that no delegation limits them.
        let (from, other) = (usize::from(seed[0] % 4), 4 + usize::from(seed[1] % 4));
        let (sender, authority) = (account(from), account(other));
        let word = U256::from(seed[2] % 3);
        let nonce = self.nonces[from];
        self.nonces[from] += 1;
        let mut tx = transaction(nonce, authority.address());
        match seed[3] % 8 {
            0 => tx.value = U256::from(seed[4]),
            1 => {
                tx.to = self.stores.into();
                tx.input = B256::from(word).into();
            }
            2 => {
                tx.to = self.reverts.into();
                tx.input = seed.into();
            }
            3 => {
                tx.to = self.stores.into();
                tx.input = B256::from(word).into();
                tx.gas_limit = 22_000;
            }
            4 => {
                tx.to = TxKind::Create;
                tx.input = init_code(if seed[4].is_multiple_of(2) { STORE_AND_LOG } else { &[0xef] });
            }
            // The authority may be delegated by now: then its code runs.
            5 => tx.input = B256::from(word).into(),
            6 => {
                tx.to = self.router.into();
                tx.input = attackCall { monsterId: U256::from(seed[4] % 13) }.abi_encode().into();
                tx.gas_limit = 400_000;
            }
            _ => {
                let delegate = if seed[4].is_multiple_of(3) { Address::ZERO } else { self.stores };
                let authorization = authorize(&authority, delegate, self.nonces[other]);
                self.nonces[other] += 1;
                return sign(&sender, set_code(nonce, self.reverts, authorization));
            }
        }
        sign(&sender, tx)
    }
}

fn router_code() -> Bytes {
    let artifact: Value =
        serde_json::from_str(include_str!("../../../contracts/artifacts/GameRouter.json")).expect("JSON");
    artifact["bytecode"].as_str().expect("bytecode").parse().expect("hex")
}

#[tokio::test]
async fn sixty_seeded_transactions_end_alike() {
    let Some(anvil) = Anvil::start() else { return };
    tokio::time::timeout(DEADLINE, compare(&anvil)).await.expect("both answer in time");
}

async fn compare(anvil: &Anvil) {
    let theirs = RpcClient::new_http(anvil.url.parse().expect("a URL"));
    let devnet = Devnet::builder().on_demand().spawn().expect("a devnet");
    let ours = RpcClient::new(devnet.connection(), true);
    // anvil gives its first block the base fee of genesis again; ours follows the rule at once.
    let _: Value = ask(&theirs, "evm_mine", json!([])).await;
    let mut script = Script::new();
    let deployments = Script::deployments();
    let made = deployments.len() as u64;
    let mut failed = 0;
    for step in 0..TRANSACTIONS {
        let raw = match deployments.get(step as usize) {
            Some(raw) => raw.clone(),
            None => script.next(step - made),
        };
        // Both sides of a monster's ten seconds are met.
        let time = START + step * 4;
        let (here, there) = (run(&ours, &raw, time).await, run(&theirs, &raw, time).await);
        assert_eq!(here, there, "transaction {step}");
        failed += u64::from(!here.status);
    }
    assert!((5..TRANSACTIONS - 20).contains(&failed), "the script mixes both ends: {failed} failed");
    for address in (0..10).map(|index| account(index).address()).chain([script.router, script.stores]) {
        for method in ["eth_getBalance", "eth_getTransactionCount", "eth_getCode"] {
            let params = json!([address, "latest"]);
            let here: Bytes = hex(ask(&ours, method, params.clone()).await);
            let there: Bytes = hex(ask(&theirs, method, params).await);
            assert_eq!(here, there, "{method} {address}");
        }
    }
}

/// Quantities may have an odd number of digits; compare them padded.
fn hex(value: String) -> Bytes {
    let digits = value.trim_start_matches("0x");
    format!("0x{}{digits}", if digits.len() % 2 == 1 { "0" } else { "" }).parse().expect("hex")
}
