//! Draws blocks of transactions from a seed.

use std::{collections::BTreeMap, time::Duration};

use alloy::{
    consensus::TxEip1559,
    primitives::{Address, Bytes, TxKind},
    rpc::types::Block,
    signers::local::PrivateKeySigner,
};
use latchkey::{
    Endpoint, FrequencyCap, Owner,
    contracts::artifacts,
    devnet::{Devnet, dev_accounts},
};
use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};
use serde_json::{Value, json};

use super::{
    contracts::{BURN, DESTROY, FACTORY, FORWARD, INVALID, environment},
    kinds::{ALONE, KINDS},
    session::Session,
};
use crate::{devnet::support::*, support::Anvil};

/// Kinds drawn for one block, at most.
const DRAWS_PER_BLOCK: usize = 4;

/// Odds of a block that holds a single kind which does not mix with others.
const ALONE_ODDS: f64 = 0.3;

/// A signed transaction and whether both chains must refuse it.
pub(super) struct Sent {
    pub(super) kind: &'static str,
    pub(super) raw: Bytes,
    pub(super) refused: bool,
}

/// Contracts that the transactions call.
#[derive(Clone, Copy)]
pub(super) struct Contracts {
    pub(super) stores: Address,
    pub(super) reverts: Address,
    pub(super) forwards: Address,
    pub(super) creates: Address,
    pub(super) destroys: Address,
    pub(super) burns: Address,
    pub(super) invalid: Address,
    pub(super) tells: Address,
}

/// The state of the drawing.
pub(super) struct Script {
    pub(super) rng: Xoshiro256PlusPlus,
    pub(super) contracts: Contracts,
    pub(super) sessions: Vec<Session>,
    /// Base fee of the block that is being drawn, in wei.
    pub(super) base_fee: u128,
    /// Next nonces within the block that is being drawn; unknown ones are the chain's.
    nonces: BTreeMap<Address, u64>,
    time: u64,
}

impl Script {
    /// Deploys what the transactions need and grants two sessions; anvil mines by itself meanwhile.
    pub(super) fn begin(anvil: &Anvil, seed: u64) -> Self {
        let mut nonce = 0;
        let mut deploy = |runtime: &[u8]| {
            let tx = TxEip1559 { input: init_code(runtime), ..transaction(nonce, TxKind::Create) };
            anvil.request("eth_sendRawTransaction", json!([sign(&account(0), tx)])).expect("anvil takes it");
            nonce += 1;
            account(0).address().create(nonce - 1)
        };
        let contracts = Contracts {
            stores: deploy(STORE_AND_LOG),
            reverts: deploy(REVERT),
            forwards: deploy(FORWARD),
            creates: deploy(FACTORY),
            destroys: deploy(DESTROY),
            burns: deploy(BURN),
            invalid: deploy(INVALID),
            tells: deploy(&environment()),
        };
        let endpoint = Endpoint::url(anvil.url()).expect("anvil's URL");
        let owner = |index: usize| Owner::connect(&endpoint, dev_accounts()[index].clone()).expect("an owner");
        owner(0).ensure_deployed(&[&artifacts::SESSION_WALLET, &artifacts::GAME_ROUTER]).expect("deployed");
        // One lives through the whole run; the other expires on the way and has a tighter cap.
        let long = Session::grant(&owner(0), 1, FrequencyCap::per_second(5), Duration::from_secs(86_400));
        let short = Session::grant(&owner(1), 2, FrequencyCap::per_second(1), Duration::from_secs(400));
        let head = anvil.request("eth_getBlockByNumber", json!(["latest", false])).expect("a block");
        let time = serde_json::from_value::<Block>(head).expect("a block").header.timestamp;
        let rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        Self { rng, contracts, sessions: vec![long, short], base_fee: 0, nonces: BTreeMap::new(), time }
    }

    /// Kinds of transactions that a full run holds.
    pub(super) fn kinds(&self) -> usize {
        KINDS.len() + ALONE.len()
    }

    /// Timestamp of the block that was drawn last, in Unix seconds.
    pub(super) fn time(&self) -> u64 {
        self.time
    }

    /// Transactions of the next block.
    pub(super) fn block(&mut self, devnet: &Devnet) -> Vec<Sent> {
        self.time += self.rng.random_range(0..8);
        self.nonces = (0..10).map(|index| account(index).address()).map(|at| (at, nonce(devnet, at))).collect();
        for session in &mut self.sessions {
            session.nonce = nonce(devnet, session.key.address());
        }
        let info: Value = ask(devnet, "anvil_nodeInfo", json!([]));
        let base_fee = info["environment"]["baseFee"].as_str().expect("a quantity");
        self.base_fee = u128::from_str_radix(base_fee.trim_start_matches("0x"), 16).expect("hex");

        if self.rng.random_bool(ALONE_ODDS) {
            let (kind, draw) = ALONE[self.rng.random_range(0..ALONE.len())];
            return named(kind, draw(self));
        }
        let draws = self.rng.random_range(0..=DRAWS_PER_BLOCK);
        let mut sent = Vec::new();
        for _ in 0..draws {
            let (kind, draw) = KINDS[self.rng.random_range(0..KINDS.len())];
            sent.extend(named(kind, draw(self)));
        }
        sent
    }

    /// One of the accounts that only send, and its next nonce. No delegation ever limits them.
    pub(super) fn sender(&mut self) -> (PrivateKeySigner, u64) {
        let signer = account(self.rng.random_range(2..6));
        let nonce = self.take_nonce(signer.address());
        (signer, nonce)
    }

    /// One of the accounts that delegate, without using up a nonce.
    pub(super) fn authority(&mut self) -> PrivateKeySigner {
        account(self.rng.random_range(6..10))
    }

    pub(super) fn next_nonce(&self, address: Address) -> u64 {
        self.nonces.get(&address).copied().unwrap_or_default()
    }

    pub(super) fn take_nonce(&mut self, address: Address) -> u64 {
        let next = self.nonces.entry(address).or_default();
        *next += 1;
        *next - 1
    }

    /// An address that is used already, one that may not be, a contract, or a precompile.
    pub(super) fn address(&mut self) -> Address {
        match self.rng.random_range(0..5) {
            0 => account(self.rng.random_range(0..10)).address(),
            1 => Address::repeat_byte(self.rng.random_range(0x80..=0xff)),
            2 => Address::from(self.rng.random::<[u8; 20]>()),
            3 => self.contracts.stores,
            _ => self.precompile(),
        }
    }

    pub(super) fn precompile(&mut self) -> Address {
        // The last is P256VERIFY of EIP-7951; one beyond the highest of the others is no precompile.
        let number: u16 = if self.rng.random_bool(0.1) { 0x100 } else { self.rng.random_range(1..=0x12) };
        Address::left_padding_from(&number.to_be_bytes())
    }

    pub(super) fn bytes(&mut self, longest: usize) -> Bytes {
        let length = self.rng.random_range(0..=longest);
        (0..length).map(|_| if self.rng.random_bool(0.3) { 0 } else { self.rng.random() }).collect()
    }

    /// A plain transaction of a sender.
    pub(super) fn plain(&mut self, to: impl Into<TxKind>) -> (PrivateKeySigner, TxEip1559) {
        let (signer, nonce) = self.sender();
        (signer, transaction(nonce, to))
    }
}

fn nonce(devnet: &Devnet, address: Address) -> u64 {
    devnet.with_chain(|chain| chain.nonce(address))
}

fn named(kind: &'static str, drawn: Vec<(Bytes, bool)>) -> Vec<Sent> {
    drawn.into_iter().map(|(raw, refused)| Sent { kind, raw, refused }).collect()
}
