//! The chain, the owner's one transaction, and what a follower would tell the lane.

use alloy::consensus::{SignableTransaction, TxEip7702, TxEnvelope};
use alloy::eips::eip2718::Encodable2718;
use alloy::eips::eip7702::Authorization;
use alloy::primitives::{Address, B256, U256, hex};
use alloy::rpc::types::{Log, TransactionReceipt};
use alloy::sol_types::SolCall;
use latchkey::contracts::abi::SessionWallet;
use latchkey::contracts::{artifacts::SESSION_WALLET, create2, session_wallet};
use latchkey::devnet::{CHAIN_ID, DEV_KEYS, DevChain, Genesis};
use latchkey::lane::{Head, Input, Lane, Opening, OwnReceipt, Revert, SessionTerms};
use latchkey::pure::{Method, MethodTable};
use latchkey::session::GrantTerms;
use latchkey::signer::Signer;
use latchkey::{Policy, SessionKey};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::STEP;
use crate::counter::{countCall, countsCall};

/// Gas of the grant, with room.
const GRANT_GAS: u64 = 1_000_000;

/// Highest price paid, in wei per unit of gas.
const FEE: u128 = 10_000_000_000;

/// Native coin that the session key gets for its fees, in wei.
const GAS_MONEY: u128 = 1_000_000_000_000_000_000;

pub(crate) struct World {
    chain: DevChain,
    owner: SessionKey,
    pub(crate) counter: Address,
    /// Nonce and hash of the transactions without a receipt.
    sent: Vec<(u64, B256)>,
}

impl World {
    /// A chain that mines when it is told to, with the session wallet and a counter.
    pub(crate) fn new() -> Result<Self, String> {
        let code = hex::decode(include_str!("../../../chain/examples/ground/counter.hex").trim()).map_err(words)?;
        let counter = create2::address(&code);
        let create2 = vec![SESSION_WALLET.creation.clone(), code.into()];
        let chain = DevChain::new(&Genesis { create2, stepped: true, ..Genesis::default() }).map_err(words)?;
        let owner = SessionKey::from_bytes(&DEV_KEYS[0]).map_err(words)?;
        Ok(Self { chain, owner, counter, sent: Vec::new() })
    }

    /// One transaction of the owner delegates the account, stores the policy and pays the session key (EIP-7702).
    pub(crate) fn grant(&mut self) -> Result<(Lane, MethodTable), String> {
        let key = SessionKey::random().map_err(words)?;
        let account = self.owner.address();
        let policy = Policy::builder("Counter").method(self.counter, "Counter", "count()").build().map_err(words)?;
        let terms = GrantTerms { account, session_key: key.address(), now: self.time(), grant_nonce: 0 };
        let grant = terms.grant(&policy);
        let authorization = Authorization { chain_id: U256::from(CHAIN_ID), address: session_wallet(), nonce: 1 };
        let delegation = self.owner.sign_hash(&authorization.signature_hash());
        let transaction = TxEip7702 {
            chain_id: CHAIN_ID,
            nonce: 0,
            gas_limit: GRANT_GAS,
            max_fee_per_gas: FEE,
            max_priority_fee_per_gas: 1,
            to: account,
            value: U256::from(GAS_MONEY),
            access_list: Default::default(),
            authorization_list: vec![authorization.into_signed(delegation)],
            input: SessionWallet::grantCall { g: grant }.abi_encode().into(),
        };
        let signature = self.owner.sign_hash(&transaction.signature_hash());
        let hash =
            self.chain.submit(&TxEnvelope::from(transaction.into_signed(signature)).encoded_2718()).map_err(words)?;
        self.chain.mine();
        if !self.receipt(hash)?.is_some_and(|receipt| receipt.status()) {
            return Err("the grant reverted".to_owned());
        }

        let session = SessionTerms {
            chain_id: CHAIN_ID,
            account,
            tx_limit: policy.frequency.limit(),
            tx_period_s: policy.frequency.period_s(),
            max_actions_per_tx: policy.max_actions_per_tx,
            valid_until: terms.valid_until(&policy),
        };
        let opening = Opening { head: self.head(), priority_fee: 1, ..Opening::default() };
        let method = Method { target: self.counter, selector: countCall::SELECTOR, rule: 0, index: 0 };
        Ok((Lane::new(Box::new(key), session, opening, STEP), MethodTable::new(vec![method], 0)))
    }

    /// Chain time in Unix seconds.
    pub(crate) fn time(&self) -> u64 {
        self.chain.head().timestamp()
    }

    pub(crate) fn submit(&mut self, nonce: u64, hash: B256, raw: &[u8]) -> Result<(), String> {
        self.chain.submit(raw).map_err(words)?;
        self.sent.push((nonce, hash));
        Ok(())
    }

    /// Mines a block and tells it as a follower does.
    pub(crate) fn mine(&mut self) -> Result<Option<Input>, String> {
        self.chain.mine();
        let head = self.head();
        let logs: Vec<Log> = self.ask("eth_getLogs", json!([{ "address": self.counter, "blockHash": head.hash }]))?;
        let logs = logs.into_iter().filter_map(|log| Some((log.transaction_hash?, log.inner))).collect();
        let mut receipts = Vec::new();
        for (nonce, hash) in std::mem::take(&mut self.sent) {
            match self.receipt(hash)? {
                None => self.sent.push((nonce, hash)),
                Some(receipt) => {
                    let result = receipt.status().then(Vec::new).ok_or_else(|| Revert::other("reverted"));
                    receipts.push(OwnReceipt { nonce, hash, gas_used: receipt.gas_used, result });
                }
            }
        }
        Ok(Some(Input::Block { head, floor: 0, behind: 0, logs, receipts }))
    }

    /// What the contract has counted to for the account.
    pub(crate) fn counted(&mut self) -> Result<u64, String> {
        let input = countsCall { who: self.owner.address() }.abi_encode();
        let call = json!([{ "to": self.counter, "input": hex::encode_prefixed(input) }, "latest"]);
        let word: U256 = self.ask("eth_call", call)?;
        word.try_into().map_err(words)
    }

    fn head(&self) -> Head {
        let block = self.chain.head();
        let (number, hash, timestamp) = (block.number(), block.hash(), block.timestamp());
        Head { number, hash, timestamp, base_fee: block.base_fee().into() }
    }

    fn receipt(&mut self, hash: B256) -> Result<Option<TransactionReceipt>, String> {
        self.ask("eth_getTransactionReceipt", json!([hash]))
    }

    fn ask<T: DeserializeOwned>(&mut self, method: &str, params: Value) -> Result<T, String> {
        let answer = self.chain.request(method, params).map_err(|error| format!("{method}: {error:?}"))?;
        serde_json::from_value(answer).map_err(|error| format!("{method}: {error}"))
    }
}

fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}
