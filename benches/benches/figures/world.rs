//! A chain, a session on it, and the smallest model.

use std::time::Duration;

use alloy::primitives::{Address, Log, U256};
use latchkey::contracts::artifacts::SESSION_WALLET;
use latchkey::devnet::{Devnet, dev_accounts};
use latchkey::signer::Signer;
use latchkey::{Call, Chain, ChainBuilder, Endpoint, FrequencyCap, Model, Owner, Policy, SessionKey};
use serde_json::json;

/// A game's frame at 60 Hz.
pub(crate) const FRAME: Duration = Duration::from_nanos(1_000_000_000 / 60);

/// A contract that logs one word of its call data, without a topic.
const TELLER: Address = Address::repeat_byte(0x51);

/// `CALLDATACOPY` of the word after the selector to memory, then `LOG0` of it.
const TELLER_CODE: &str = "0x6020600460003760206000a000";

/// Selector of its only method.
const SELECTOR: [u8; 4] = [0x18, 0x3f, 0xf0, 0x85];

/// One coin, in wei.
const COIN: u128 = 1_000_000_000_000_000_000;

/// Numbered actions; the state is how many have happened.
pub(crate) struct Numbers;

impl Model for Numbers {
    type State = u64;
    type Action = u64;
    type Event = ();
    type Reject = &'static str;

    fn initial(&self) -> u64 {
        0
    }
    fn predict(&self, happened: &mut u64, _: &u64, _: u64) -> Result<(), &'static str> {
        *happened += 1;
        Ok(())
    }
    fn encode(&self, number: &u64) -> Call {
        Call::new(TELLER, SELECTOR).arg(U256::from(*number))
    }
    fn decode(&self, log: &Log) -> Option<()> {
        (log.address == TELLER).then_some(())
    }
    fn apply(&self, happened: &mut u64, (): &()) {
        *happened += 1;
    }
    fn checksum(&self, happened: &u64) -> u64 {
        *happened
    }
}

pub(crate) struct World {
    _devnet: Devnet,
    endpoint: Endpoint,
    account: Address,
}

impl World {
    pub(crate) fn new(block_time: Duration, cap: FrequencyCap) -> Self {
        let builder = Devnet::builder().block_time(block_time).create2(SESSION_WALLET.creation.clone());
        let devnet = builder.spawn().expect("a devnet");
        devnet.request("anvil_setCode", json!([TELLER, TELLER_CODE])).expect("a contract");
        let endpoint = Endpoint::connection("devnet", devnet.connection());
        let owner = Owner::connect(&endpoint, dev_accounts()[0].clone()).expect("the chain answers");
        let policy = Policy::builder("figures")
            .method(TELLER, "Teller", "tell(uint256)")
            .frequency(cap)
            .max_actions_per_tx(8)
            .lifetime(Duration::from_secs(86_400))
            .gas_money(100 * COIN)
            .build()
            .expect("a sound policy");
        owner.grant(&policy, key().address()).expect("a grant");
        let account = owner.address();
        Self { _devnet: devnet, endpoint, account }
    }

    pub(crate) fn chain(&self, change: impl FnOnce(ChainBuilder<Numbers>) -> ChainBuilder<Numbers>) -> Chain<Numbers> {
        self.chain_with(key(), change)
    }

    /// The same with another signer for the same key.
    pub(crate) fn chain_with(
        &self,
        signer: impl Signer + 'static,
        change: impl FnOnce(ChainBuilder<Numbers>) -> ChainBuilder<Numbers>,
    ) -> Chain<Numbers> {
        let builder = Chain::builder(Numbers).endpoint(self.endpoint.clone()).session(signer, self.account);
        change(builder).start().expect("a granted session")
    }
}

pub(crate) fn key() -> SessionKey {
    SessionKey::from_bytes(&[7; 32]).expect("a scalar")
}
