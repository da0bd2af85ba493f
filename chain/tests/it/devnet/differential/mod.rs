//! The same seeded transactions on the devnet and on anvil leave the same behind.
//!
//! `LATCHKEY_CASES` says how many, `LATCHKEY_SEED` repeats a run.

mod contracts;
mod delegations;
mod kinds;
mod script;
mod session;
mod state;

use std::collections::BTreeMap;

use alloy::{
    eips::eip2718::Encodable2718,
    primitives::{B256, Bytes, U256},
    rpc::types::{Block, TransactionReceipt},
};
use latchkey::devnet::Devnet;
use rand::{TryRng, rngs::SysRng};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{environment_number, support::*};
use crate::support::Anvil;
use script::Script;

/// Transactions of the run, unless `LATCHKEY_CASES` says more.
const TRANSACTIONS: usize = 300;

/// Time of both genesis blocks, in Unix seconds.
const GENESIS: u64 = 1_800_000_000;

/// Base fee of anvil's first block in wei: it repeats that of genesis, where the devnet follows EIP-1559 at once.
const FIRST_BASE_FEE: &str = "875000000";

/// Blocks between two looks at the whole state.
const STATE_EVERY: u64 = 100;

#[test]
fn seeded_transactions_of_every_kind_end_alike() {
    let time = GENESIS.to_string();
    let arguments = ["--no-mining", "--enable-tx-gas-limit", "--timestamp", &time, "--base-fee", FIRST_BASE_FEE];
    let Some(theirs) = Anvil::start(&arguments) else { return };
    let cases =
        environment_number("LATCHKEY_CASES").map_or(TRANSACTIONS, |cases| usize::try_from(cases).expect("a count"));
    let seed = environment_number("LATCHKEY_SEED").unwrap_or_else(|| SysRng.try_next_u64().expect("randomness"));
    println!("{cases} transactions; repeat with LATCHKEY_SEED={seed}");

    let ours = Devnet::builder().on_demand().genesis_time(GENESIS).spawn().expect("a devnet");
    let mut pair = Pair { ours, theirs, seed, failed: 0, refused: 0 };
    let mut script = pair.begin(seed);
    let mut sent = BTreeMap::<&str, usize>::new();
    while sent.values().sum::<usize>() < cases || sent.len() < script.kinds() {
        for transaction in script.block(&pair.ours) {
            *sent.entry(transaction.kind).or_default() += 1;
            pair.send(transaction.kind, &transaction.raw, transaction.refused);
        }
        pair.mine(script.time());
    }
    state::compare(&pair.ours, &pair.theirs, &pair.told("the end"));
    let all = sent.values().sum::<usize>();
    println!("{all} sent, {} failed, {} refused by both; {sent:?}", pair.failed, pair.refused);
    assert!(pair.failed > all / 20 && pair.failed < all / 2, "the script mixes both ends: {} of {all}", pair.failed);
}

/// Both chains, always asked the same.
struct Pair {
    ours: Devnet,
    theirs: Anvil,
    seed: u64,
    failed: usize,
    refused: usize,
}

impl Pair {
    fn told(&self, what: &str) -> String {
        format!("LATCHKEY_SEED={}, block {}: {what}", self.seed, self.head())
    }

    fn head(&self) -> u64 {
        self.ours.with_chain(|chain| chain.head().number())
    }

    /// Deploys and grants on anvil, then has the devnet do the same.
    fn begin(&mut self, seed: u64) -> Script {
        self.theirs.request("evm_setAutomine", json!([true])).expect("anvil mines by itself");
        let script = Script::begin(&self.theirs, seed);
        self.theirs.request("evm_setAutomine", json!([false])).expect("anvil waits");
        let head: U256 = self.there("eth_blockNumber", json!([]));
        for number in 1..=head.to::<u64>() {
            let block: Block = self.there("eth_getBlockByNumber", json!([format!("{number:#x}"), true]));
            for transaction in block.transactions.txns() {
                let raw = Bytes::from(transaction.inner.encoded_2718());
                self.ours.request("eth_sendRawTransaction", json!([raw])).expect("the devnet takes it");
            }
            self.follow(&block);
        }
        state::compare(&self.ours, &self.theirs, &self.told("the beginning"));
        script
    }

    fn there<T: DeserializeOwned>(&self, method: &str, params: Value) -> T {
        let answer = self.theirs.request(method, params).unwrap_or_else(|error| panic!("{method}: {error}"));
        serde_json::from_value(answer).unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    fn send(&mut self, kind: &str, raw: &Bytes, refused: bool) {
        let here = self.ours.request("eth_sendRawTransaction", json!([raw]));
        let there = self.theirs.request("eth_sendRawTransaction", json!([raw]));
        let told = || self.told(&format!("{kind} {raw}: the devnet says {here:?}, anvil {there:?}"));
        assert_eq!((here.is_err(), there.is_err()), (refused, refused), "{}", told());
        if !refused {
            assert_eq!(here, there, "{}", told());
        }
        self.refused += usize::from(refused);
    }

    fn mine(&mut self, time: u64) {
        self.there::<Value>("evm_setNextBlockTimestamp", json!([time]));
        self.there::<Value>("evm_mine", json!([]));
        let block: Block = self.there("eth_getBlockByNumber", json!(["latest", false]));
        self.failed += self.follow(&block);
        if self.head().is_multiple_of(STATE_EVERY) {
            state::compare(&self.ours, &self.theirs, &self.told("the state so far"));
        }
    }

    /// Mines anvil's latest block on the devnet; returns how many of its transactions failed.
    fn follow(&mut self, block: &Block) -> usize {
        self.ours.request("evm_setNextBlockTimestamp", json!([block.header.timestamp])).expect("time goes on");
        // anvil draws it, and contracts read it.
        self.ours.with_chain(|chain| chain.set_next_prev_randao(block.header.mix_hash));
        self.ours.mine();
        assert_eq!(self.ours.with_chain(|chain| chain.pending()), 0, "{}", self.told("something still waits"));
        assert_eq!(self.head(), block.header.number, "{}", self.told("they count the same blocks"));
        self.compare_block(block.header.number)
    }

    /// Compares one block's header and receipts; returns how many of its transactions failed.
    fn compare_block(&self, number: u64) -> usize {
        let at = json!([format!("{number:#x}")]);
        let here: Vec<TransactionReceipt> = ask(&self.ours, "eth_getBlockReceipts", at.clone());
        let there: Vec<TransactionReceipt> = self.there("eth_getBlockReceipts", at);
        let failed = here.iter().filter(|receipt| !receipt.status()).count();
        let (here, there) = (anonymous(here), anonymous(there));
        for (here, there) in here.iter().zip(&there) {
            assert_eq!(here, there, "{}", self.told("receipts differ"));
        }
        assert_eq!(here.len(), there.len(), "{}", self.told("one of them left out a transaction"));

        let asked = json!([format!("{number:#x}"), false]);
        let here: Value = ask(&self.ours, "eth_getBlockByNumber", asked.clone());
        let there: Value = self.there("eth_getBlockByNumber", asked);
        for field in HEADER {
            assert_eq!(here[field], there[field], "{}", self.told(field));
        }
        failed
    }
}

/// What both headers must agree on. Hashes are each node's own, and so is the state root: anvil keeps them in it.
const HEADER: [&str; 15] = [
    "number",
    "timestamp",
    "gasUsed",
    "gasLimit",
    "baseFeePerGas",
    "transactionsRoot",
    "receiptsRoot",
    "logsBloom",
    "miner",
    "mixHash",
    "transactions",
    "withdrawalsRoot",
    "requestsHash",
    "blobGasUsed",
    "excessBlobGas",
];

/// The receipts without the hash of their block, which is each node's own, and without the price of blobs, which
/// anvil tells of transactions that carry none.
fn anonymous(receipts: Vec<TransactionReceipt>) -> Vec<TransactionReceipt> {
    let strip = |mut receipt: TransactionReceipt| {
        receipt.block_hash = Some(B256::ZERO);
        receipt.blob_gas_price = None;
        let inner = receipt.inner.map_logs(|mut log: alloy::rpc::types::Log| {
            log.block_hash = Some(B256::ZERO);
            log
        });
        receipt.inner = inner;
        receipt
    };
    receipts.into_iter().map(strip).collect()
}
