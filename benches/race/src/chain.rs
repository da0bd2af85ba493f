//! anvil with the contract that all clients call.

use std::collections::BTreeMap;
use std::time::Duration;

use alloy::network::TransactionBuilder;
use alloy::primitives::{Address, U256};
use alloy::providers::{DynProvider, Provider, ProviderBuilder};
use alloy::rpc::types::{Filter, TransactionRequest};
use alloy::signers::local::PrivateKeySigner;
use anyhow::Context;
use latchkey_tests::{DEV_KEY, Node, anvil};

use crate::tally;

/// Time between two looks for a new block.
const POLL: Duration = Duration::from_millis(100);

/// Longest wait for the blocks of the aftermath.
const BLOCKS_DEADLINE: Duration = Duration::from_secs(20);

pub(crate) struct Chain {
    node: Node,
    provider: DynProvider,
    tally: Address,
}

impl Chain {
    /// Starts anvil and deploys the contract.
    pub(crate) async fn start(block_time_s: &str) -> anyhow::Result<Self> {
        let node = anvil(&["--block-time", block_time_s]).context("no anvil on the PATH")?;
        let signer: PrivateKeySigner = DEV_KEY.parse()?;
        let provider = ProviderBuilder::new().wallet(signer).connect_http(node.url.parse()?).erased();
        let deployment = TransactionRequest::default().with_deploy_code(tally::CREATION);
        let receipt = provider.send_transaction(deployment).await?.get_receipt().await?;
        let tally = receipt.contract_address.context("the contract was not created")?;
        Ok(Self { node, provider, tally })
    }

    pub(crate) fn url(&self) -> &str {
        &self.node.url
    }

    pub(crate) fn tally(&self) -> Address {
        self.tally
    }

    /// Waits until so many more blocks are there.
    pub(crate) async fn wait_blocks(&self, blocks: u64) -> anyhow::Result<()> {
        let until = self.provider.get_block_number().await? + blocks;
        let mut tick = tokio::time::interval(POLL);
        let wait = async {
            while self.provider.get_block_number().await? < until {
                tick.tick().await;
            }
            anyhow::Ok(())
        };
        tokio::time::timeout(BLOCKS_DEADLINE, wait).await.context("anvil mines no blocks")?
    }

    /// How often each number was logged.
    pub(crate) async fn counts(&self) -> anyhow::Result<BTreeMap<u64, u64>> {
        let filter = Filter::new().address(self.tally).from_block(0);
        let mut counts = BTreeMap::new();
        for log in self.provider.get_logs(&filter).await? {
            let number = log.topic0().map(|topic| U256::from_be_bytes(topic.0).saturating_to()).unwrap_or(u64::MAX);
            *counts.entry(number).or_default() += 1;
        }
        Ok(counts)
    }
}
