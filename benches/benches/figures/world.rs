//! A chain and a session on it.

use std::time::Duration;

use alloy::primitives::Address;
use latchkey::contracts::artifacts::SESSION_WALLET;
use latchkey::devnet::{Devnet, DevnetBuilder, dev_accounts};
use latchkey::signer::Signer;
use latchkey::{Chain, ChainBuilder, Endpoint, FrequencyCap, Owner, SessionKey};
use serde_json::json;

use crate::ground::{CONTRACT, Numbers, policy};

/// `CALLDATACOPY` of the word after the selector to memory, then `LOG0` of it.
const TELLS: &str = "0x6020600460003760206000a000";

/// `LOG0` of nothing, sixty-four times, whatever is called.
const SHOUTS: &str = "0x60405b5f5fa0600190038060025700";

/// A chain, and an account on it that has granted a session.
pub(crate) struct World {
    pub(crate) devnet: Devnet,
    pub(crate) endpoint: Endpoint,
    account: Address,
}

impl World {
    /// Blocks at this pace, and a contract that logs what it is told.
    pub(crate) fn new(block_time: Duration, cap: FrequencyCap) -> Self {
        Self::on(Devnet::builder().block_time(block_time), TELLS, cap)
    }

    /// Blocks when [`Devnet::mine`] is called.
    pub(crate) fn on_demand(cap: FrequencyCap) -> Self {
        let world = Self::on(Devnet::builder().automine(), TELLS, cap);
        world.devnet.request("evm_setAutomine", json!([false])).expect("a switch");
        world
    }

    /// A block for each transaction, and a contract that logs sixty-four times whatever it is told.
    pub(crate) fn shouting(cap: FrequencyCap) -> Self {
        Self::on(Devnet::builder().automine(), SHOUTS, cap)
    }

    fn on(builder: DevnetBuilder, code: &str, cap: FrequencyCap) -> Self {
        let devnet = builder.create2(SESSION_WALLET.creation.clone()).spawn().expect("a devnet");
        devnet.request("anvil_setCode", json!([CONTRACT, code])).expect("a contract");
        let endpoint = Endpoint::connection("devnet", devnet.connection());
        let owner = Owner::connect(&endpoint, dev_accounts()[0].clone()).expect("the chain answers");
        owner.grant(&policy(cap), key().address()).expect("a grant");
        let account = owner.address();
        Self { devnet, endpoint, account }
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
