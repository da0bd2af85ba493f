//! The owner's side: deploy, grant, revoke, list. Blocking calls for a command line or a background thread.

mod error;
mod granting;
mod leftover;
mod renewing;
mod revoking;
mod transaction;

use std::time::Duration;

use alloy::primitives::{Address, U256};
use alloy::signers::local::PrivateKeySigner;
use alloy::sol_types::SolCall;
use tokio::runtime::Runtime;

use super::rpc::Rpc;
use super::{Endpoint, EndpointError};
use crate::contracts::abi::{SessionView, SessionWallet};
use crate::contracts::{Artifact, create2};

pub use error::OwnerError;
pub use granting::{AccountForm, Grant, SignedGrant};
pub use revoking::SignedRevocation;

/// The owner's key with a connection. Methods block; call them off the game thread.
pub struct Owner {
    runtime: Runtime,
    rpc: Rpc,
    signer: PrivateKeySigner,
    chain_id: u64,
}

impl Owner {
    /// Connects and asks for the chain id.
    ///
    /// # Errors
    ///
    /// [`OwnerError::Endpoint`] when nobody answers, [`OwnerError::Rpc`] when it is no JSON-RPC endpoint.
    pub fn connect(endpoint: &Endpoint, signer: PrivateKeySigner) -> Result<Self, OwnerError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("latchkey-owner")
            .enable_all()
            .build()
            .map_err(|error| OwnerError::Local(format!("no thread for the network: {error}")))?;
        let (rpc, chain_id) = runtime.block_on(async {
            let rpc = Rpc::connect(endpoint).await?;
            let chain_id = rpc.chain_id().await.map_err(|fault| EndpointError::Unreachable {
                endpoint: endpoint.label().to_owned(),
                reason: fault.to_string(),
            })?;
            Ok::<_, OwnerError>((rpc, chain_id))
        })?;
        Ok(Self { runtime, rpc, signer, chain_id })
    }

    /// The owner's address, which is also the account under EIP-7702.
    pub fn address(&self) -> Address {
        self.signer.address()
    }

    /// Chain id of the endpoint.
    pub fn chain_id(&self) -> u64 {
        self.chain_id
    }

    /// The owner's balance in wei.
    ///
    /// # Errors
    ///
    /// [`OwnerError::Rpc`].
    pub fn balance(&self) -> Result<U256, OwnerError> {
        self.balance_of(self.address())
    }

    /// The balance of any account, in wei.
    ///
    /// # Errors
    ///
    /// [`OwnerError::Rpc`].
    pub fn balance_of(&self, account: Address) -> Result<U256, OwnerError> {
        Ok(self.runtime.block_on(self.rpc.balance(account))?)
    }

    /// What the endpoint calls itself.
    ///
    /// # Errors
    ///
    /// [`OwnerError::Rpc`].
    pub fn client_version(&self) -> Result<String, OwnerError> {
        Ok(self.runtime.block_on(self.rpc.client_version())?)
    }

    /// Height of the chain.
    ///
    /// # Errors
    ///
    /// [`OwnerError::Rpc`].
    pub fn block_number(&self) -> Result<u64, OwnerError> {
        Ok(self.runtime.block_on(self.rpc.latest_header())?.number)
    }

    /// Average time between the latest blocks, or `None` on a chain too young to tell.
    ///
    /// # Errors
    ///
    /// [`OwnerError::Rpc`].
    pub fn block_time(&self) -> Result<Option<Duration>, OwnerError> {
        self.runtime.block_on(async {
            let latest = self.rpc.latest_header().await?;
            Ok(self.rpc.block_time(&latest).await?)
        })
    }

    /// Calls a view of a contract.
    ///
    /// # Errors
    ///
    /// [`OwnerError::Rpc`], also when the answer does not decode.
    pub fn view<C: SolCall>(&self, contract: Address, call: &C) -> Result<C::Return, OwnerError> {
        Ok(self.runtime.block_on(self.rpc.view(contract, call))?)
    }

    /// Sends native coin, in wei, to a plain account, and waits until that stands in a block.
    ///
    /// # Errors
    ///
    /// [`OwnerError::Funds`] before anything is signed, [`OwnerError::Reverted`] when `to` is a contract that takes
    /// none.
    pub fn pay(&self, to: Address, value: U256) -> Result<(), OwnerError> {
        self.runtime.block_on(async {
            let call = self.request(to, value, Default::default());
            let gas = self.rpc.estimate_gas(&call).await?;
            self.send("the payment", call, gas).await.map(drop)
        })
    }

    /// Deploys each contract that is not there yet, through the deterministic proxy; returns how many.
    ///
    /// # Errors
    ///
    /// [`OwnerError`] of the transaction that failed. Those before it stay deployed and are found next time.
    pub fn ensure_deployed(&self, artifacts: &[&Artifact]) -> Result<usize, OwnerError> {
        self.runtime.block_on(async {
            let mut deployed = 0;
            for artifact in artifacts {
                if !self.rpc.code(artifact.address).await?.is_empty() {
                    continue;
                }
                self.ensure_proxy().await?;
                let input = create2::deployment_input(&artifact.creation);
                let call = self.request(create2::PROXY, U256::ZERO, input);
                let gas = self.rpc.estimate_gas(&call).await?;
                self.send("deploying a contract", call, gas + gas / 4).await?;
                deployed += 1;
            }
            Ok(deployed)
        })
    }

    /// Every stored session of the delegated account, read from the chain.
    ///
    /// # Errors
    ///
    /// [`OwnerError::Rpc`]; an account that was never delegated has no sessions and is no error.
    pub fn sessions(&self) -> Result<Vec<SessionView>, OwnerError> {
        self.sessions_in(AccountForm::Delegated)
    }

    /// Every stored session of the owner's account in this form, read from the chain.
    ///
    /// # Errors
    ///
    /// As [`sessions`](Self::sessions).
    pub fn sessions_in(&self, form: AccountForm) -> Result<Vec<SessionView>, OwnerError> {
        self.runtime.block_on(async {
            let account = self.account(form);
            match self.is_ready(form, account).await? {
                true => Ok(self.rpc.view(account, &SessionWallet::sessionsCall {}).await?),
                false => Ok(Vec::new()),
            }
        })
    }
}
