//! A chain of one's own for each scenario: owner, session key, puppets, and time that moves when told.

use alloy::consensus::{SignableTransaction, TxEip1559, TxEip7702, TxEnvelope};
use alloy::eips::eip2718::Encodable2718;
use alloy::eips::eip7702::Authorization;
use alloy::primitives::{Address, B256, Bytes, Signature, TxKind, U256};
use alloy::signers::SignerSync;
use alloy::signers::local::PrivateKeySigner;
use alloy::sol_types::SolCall;
use latchkey::contracts::abi::{SessionView, SessionWallet};
use latchkey::contracts::{artifacts, session_wallet};
use latchkey::devnet::{CHAIN_ID, DevChain, Genesis};
use serde_json::{Value, json};

use super::world::{PUPPETS, puppet_code};

/// Time of the first block, in Unix seconds: 2027-01-15 08:00:00 UTC.
pub(super) const START: u64 = 1_800_000_000;

/// Gas of each transaction: eight isolated calls with plenty each, and far more than any atomic batch takes.
const GAS: u64 = 12_000_000;

/// Highest price per gas, in wei: twice the first block's base fee, which only falls on blocks so empty.
const MAX_FEE: u128 = 2_000_000_000;

/// The devnet without its thread.
pub(super) struct TestChain(DevChain);

impl TestChain {
    pub(super) fn new() -> Self {
        let mut create2: Vec<Bytes> = (0..PUPPETS).map(puppet_code).collect();
        create2.push(artifacts::SESSION_WALLET.creation.clone());
        let genesis = Genesis { time_ms: START * 1_000, create2, ..Genesis::default() };
        Self(DevChain::new(&genesis).expect("a sound genesis"))
    }

    pub(super) fn now(&self) -> u64 {
        self.0.head().timestamp()
    }

    /// Sets the time of the next block, which calls see already.
    pub(super) fn set_next(&mut self, now: u64) {
        self.request("evm_setNextBlockTimestamp", json!([now]));
    }

    /// Sends `input` to `to` in a block of its own; whether it went through.
    pub(super) fn send(&mut self, from: &PrivateKeySigner, to: Address, value: u128, input: Bytes) -> bool {
        let transaction = TxEip1559 {
            chain_id: CHAIN_ID,
            nonce: self.0.nonce(from.address()),
            gas_limit: GAS,
            max_fee_per_gas: MAX_FEE,
            max_priority_fee_per_gas: 0,
            to: TxKind::Call(to),
            value: U256::from(value),
            access_list: Default::default(),
            input,
        };
        let signature = sign(from, transaction.signature_hash());
        self.mine(transaction.into_signed(signature).into())
    }

    /// The same for an owner who delegates in this very transaction.
    pub(super) fn send_delegating(&mut self, owner: &PrivateKeySigner, value: u128, input: Bytes) -> bool {
        let nonce = self.0.nonce(owner.address());
        let authorization =
            Authorization { chain_id: U256::from(CHAIN_ID), address: session_wallet(), nonce: nonce + 1 };
        let signature = sign(owner, authorization.signature_hash());
        let transaction = TxEip7702 {
            chain_id: CHAIN_ID,
            nonce,
            gas_limit: GAS,
            max_fee_per_gas: MAX_FEE,
            max_priority_fee_per_gas: 0,
            to: owner.address(),
            value: U256::from(value),
            access_list: Default::default(),
            authorization_list: vec![authorization.into_signed(signature)],
            input,
        };
        let signature = sign(owner, transaction.signature_hash());
        self.mine(transaction.into_signed(signature).into())
    }

    fn mine(&mut self, transaction: TxEnvelope) -> bool {
        self.0.submit(&transaction.encoded_2718()).expect("the pool takes it");
        let block = self.0.mine();
        let receipt = self.request("eth_getTransactionReceipt", json!([transaction.tx_hash()]));
        assert_eq!(receipt["blockNumber"], json!(format!("0x{:x}", block.number())), "it is in the block");
        receipt["status"] == "0x1"
    }

    /// What a call does in the next block: nothing wrong, or the data that it reverts with.
    pub(super) fn call(&mut self, from: Address, to: Address, input: &Bytes) -> Result<Bytes, Bytes> {
        let call = json!({ "from": from, "to": to, "input": input });
        match self.0.request("eth_call", json!([call, "pending"])) {
            Ok(output) => Ok(serde_json::from_value(output).expect("bytes")),
            Err(refused) => Err(refused
                .data
                .and_then(|data| serde_json::from_value(data).ok())
                .unwrap_or_else(|| panic!("no revert: {}", refused.message))),
        }
    }

    /// The session as it is stored, seen from the latest block.
    pub(super) fn session(&mut self, account: Address, key: Address) -> SessionView {
        let input = Bytes::from(SessionWallet::sessionCall { key }.abi_encode());
        let output = self.request("eth_call", json!([{ "to": account, "input": input }, "latest"]));
        let output: Bytes = serde_json::from_value(output).expect("bytes");
        SessionWallet::sessionCall::abi_decode_returns(&output).expect("a session")
    }

    fn request(&mut self, method: &str, params: Value) -> Value {
        self.0.request(method, params).expect("the chain answers")
    }
}

pub(super) fn sign(signer: &PrivateKeySigner, hash: B256) -> Signature {
    signer.sign_hash_sync(&hash).expect("a local key signs")
}
