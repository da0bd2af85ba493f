//! The owner's side: deploy, grant, revoke, list. Blocking calls for a command line or a background thread.

mod error;
mod transaction;

use std::time::Duration;

use alloy::eips::BlockNumberOrTag;
use alloy::primitives::{Address, U256};
use alloy::signers::local::PrivateKeySigner;
use alloy::sol_types::SolCall;
use tokio::runtime::Runtime;

use super::rpc::Rpc;
use super::{Endpoint, EndpointError};
use crate::contracts::abi::{SessionView, SessionWallet};
use crate::contracts::{Artifact, create2};
use crate::session::{GrantTerms, Policy};

pub use error::OwnerError;

/// Gas limit of delegation and grant in one transaction. A grant of eight rules stays below it; the account has no
/// code yet when the transaction is signed, so that endpoints estimate too little.
const GRANT_GAS: u64 = 1_500_000;

/// Blocks over which the block time is averaged.
const BLOCK_TIME_SAMPLE: u64 = 10;

/// A granted session.
#[derive(Clone, Copy, Debug)]
pub struct Grant {
    /// The player's account.
    pub account: Address,
    /// The session key.
    pub session_key: Address,
    /// Start, inclusive, in Unix seconds.
    pub valid_after: u64,
    /// End, exclusive, in Unix seconds.
    pub valid_until: u64,
    /// Block that holds the grant.
    pub block: u64,
    /// Gas that it used.
    pub gas_used: u64,
}

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
        Ok(self.runtime.block_on(self.rpc.balance(self.address()))?)
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
            // The first block's time is often set by hand, so that it tells nothing.
            let span = BLOCK_TIME_SAMPLE.min(latest.number.saturating_sub(1));
            if span == 0 {
                return Ok(None);
            }
            let earlier = self.rpc.header(BlockNumberOrTag::Number(latest.number - span)).await?;
            let seconds = earlier.map(|header| latest.timestamp.saturating_sub(header.timestamp));
            Ok(seconds.map(|seconds| Duration::from_secs_f64(seconds as f64 / span as f64)))
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

    /// Grants a session to `session_key`: one transaction that delegates the account if it is not yet, stores the
    /// policy and hands the key its gas money.
    ///
    /// # Errors
    ///
    /// [`OwnerError::Funds`] and [`OwnerError::DelegatedElsewhere`] before anything is signed,
    /// [`OwnerError::Reverted`] when the contract refuses the policy.
    pub fn grant(&self, policy: &Policy, session_key: Address) -> Result<Grant, OwnerError> {
        self.runtime.block_on(async {
            let account = self.address();
            let delegated = self.is_delegated(account).await?;
            let grant_nonce = match delegated {
                true => self.rpc.view(account, &SessionWallet::grantNonceCall {}).await?,
                false => 0,
            };
            let now = self.rpc.latest_header().await?.timestamp;
            let terms = GrantTerms { account, session_key, now, grant_nonce };
            let input = SessionWallet::grantCall { g: terms.grant(policy) }.abi_encode().into();
            let call = self.request(account, U256::from(policy.gas_money), input);
            let receipt = match delegated {
                true => self.send("the grant", call, GRANT_GAS).await?,
                false => self.send_delegating("the grant", call, GRANT_GAS).await?,
            };
            Ok(Grant {
                account,
                session_key,
                valid_after: now,
                valid_until: terms.valid_until(policy),
                block: receipt.block_number.unwrap_or_default(),
                gas_used: receipt.gas_used,
            })
        })
    }

    /// Ends one session for good.
    ///
    /// # Errors
    ///
    /// [`OwnerError`]; unless it is [`OwnerError::NotMined`], the session is as it was.
    pub fn revoke(&self, session_key: Address) -> Result<(), OwnerError> {
        self.call_account("the revocation", &SessionWallet::revokeCall { key: session_key })
    }

    /// Ends every session of the account for good.
    ///
    /// # Errors
    ///
    /// [`OwnerError`]; unless it is [`OwnerError::NotMined`], the sessions are as they were.
    pub fn revoke_all(&self) -> Result<(), OwnerError> {
        self.call_account("the revocation", &SessionWallet::revokeAllCall {})
    }

    /// Every live session of the account, read from the chain.
    ///
    /// # Errors
    ///
    /// [`OwnerError::Rpc`]; an account that was never delegated has no sessions and is no error.
    pub fn sessions(&self) -> Result<Vec<SessionView>, OwnerError> {
        self.runtime.block_on(async {
            match self.is_delegated(self.address()).await? {
                true => Ok(self.rpc.view(self.address(), &SessionWallet::sessionsCall {}).await?),
                false => Ok(Vec::new()),
            }
        })
    }

    fn call_account<C: SolCall>(&self, what: &'static str, call: &C) -> Result<(), OwnerError> {
        self.runtime.block_on(async {
            let call = self.request(self.address(), U256::ZERO, call.abi_encode().into());
            let gas = self.rpc.estimate_gas(&call).await?;
            self.send(what, call, gas + gas / 4).await.map(drop)
        })
    }
}
