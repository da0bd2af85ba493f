//! Worker side of the side-by-side bench's line protocol, and what alloy's signers do in it.
//!
//! A worker first prints `ready NAME VERSION`. Then, for each line `OPERATION COUNT` on its stdin, it carries the
//! operation out COUNT times in a row and prints the nanoseconds that all of them took; 0 says that it has no such
//! operation. It ends with its stdin.

use std::hint::black_box;
use std::io::{BufRead, Write};
use std::time::Instant;

use alloy::consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy::eips::eip2718::Encodable2718;
use alloy::network::TxSignerSync;
use alloy::primitives::{Address, B256, Bytes, Signature, U256, address};
use alloy::signers::SignerSync;
use alloy::sol_types::SolCall;

/// Private key of every candidate: the first of the usual development accounts.
pub const KEY: [u8; 32] = alloy::primitives::hex!("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");

/// Contract that every candidate's transaction calls.
const GAME: Address = address!("4242424242424242424242424242424242424242");

alloy::sol! {
    /// The action: a plain blow.
    function attack(uint256 monsterId) external;
}

/// Something that signs 32-byte hashes and perhaps makes transactions of actions.
pub trait Worker {
    /// Signs the hash of the `at`th message.
    fn sign(&self, at: u64);
    /// Makes a raw transaction of the `at`th action; false when it cannot.
    fn raw(&self, at: u64) -> bool;
}

/// Serves the line protocol on stdin and stdout.
pub fn serve(name: &str, version: &str, worker: &impl Worker) {
    let mut out = std::io::stdout();
    let mut say = |line: String| writeln!(out, "{line}").and_then(|()| out.flush());
    if say(format!("ready {name} {version}")).is_err() {
        return;
    }
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let mut words = line.split_whitespace();
        let (operation, count) = (words.next(), words.next().and_then(|word| word.parse::<u64>().ok()));
        let begun = Instant::now();
        let known = match (operation, count) {
            (Some("sign"), Some(count)) => {
                (0..count).for_each(|at| worker.sign(at));
                true
            }
            (Some("raw"), Some(count)) => (0..count).all(|at| worker.raw(at)),
            _ => false,
        };
        let took = if known { begun.elapsed().as_nanos() } else { 0 };
        if say(took.to_string()).is_err() {
            return;
        }
    }
}

/// The `at`th message's hash.
pub fn hash(at: u64) -> B256 {
    B256::left_padding_from(&(at + 1).to_be_bytes())
}

/// One of alloy's own signers.
pub struct Alloy<S>(pub S);

impl<S: SignerSync + TxSignerSync<Signature>> Worker for Alloy<S> {
    fn sign(&self, at: u64) {
        black_box(self.0.sign_hash_sync(&hash(at)).expect("a local key signs"));
    }

    fn raw(&self, at: u64) -> bool {
        let mut transaction = TxEip1559 {
            chain_id: 31_337,
            nonce: at,
            gas_limit: 300_000,
            max_fee_per_gas: 2_000_000_001,
            max_priority_fee_per_gas: 1,
            to: GAME.into(),
            value: U256::ZERO,
            access_list: Default::default(),
            input: attackCall { monsterId: U256::from(at % 12) }.abi_encode().into(),
        };
        let signature = self.0.sign_transaction_sync(&mut transaction).expect("a local key signs");
        let envelope = TxEnvelope::from(transaction.into_signed(signature));
        let raw: Bytes = envelope.encoded_2718().into();
        black_box((*envelope.tx_hash(), raw));
        true
    }
}

#[cfg(feature = "tuned")]
pub mod libsecp;
