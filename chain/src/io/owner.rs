//! The owner's side: deploy, grant, revoke, list. Blocking calls for a command line or a background thread.

use std::time::{Duration, Instant};

use alloy::consensus::{SignableTransaction, TxEip1559, TxEip7702, TxEnvelope};
use alloy::eips::BlockNumberOrTag;
use alloy::eips::eip2718::Encodable2718;
use alloy::eips::eip7702::Authorization;
use alloy::primitives::utils::format_ether;
use alloy::primitives::{Address, B256, Bytes, TxKind, U256};
use alloy::rpc::types::{TransactionInput, TransactionReceipt, TransactionRequest};
use alloy::signers::{SignerSync, local::PrivateKeySigner};
use alloy::sol_types::SolCall;
use tokio::runtime::Runtime;

use super::rpc::{Rpc, RpcFault};
use super::{Endpoint, EndpointError};
use crate::contracts::abi::{SessionView, SessionWallet};
use crate::contracts::{Artifact, create2, decode_revert, session_wallet};
use crate::pure::Fees;
use crate::session::{GrantTerms, Policy};

/// Longest wait for a receipt: five blocks of twelve seconds.
const RECEIPT_DEADLINE: Duration = Duration::from_secs(60);

/// Pause between two looks for a receipt.
const RECEIPT_POLL: Duration = Duration::from_millis(50);

/// Gas limit of delegation and grant in one transaction. A grant of eight rules stays below it; the account has no
/// code yet when the transaction is signed, so that endpoints estimate too little.
const GRANT_GAS: u64 = 1_500_000;

/// Gas of a plain transfer.
const TRANSFER_GAS: u64 = 21_000;

/// Blocks over which the block time is averaged.
const BLOCK_TIME_SAMPLE: u64 = 10;

/// First three bytes of the code of a delegated account (EIP-7702).
const DELEGATION_PREFIX: [u8; 3] = [0xef, 0x01, 0x00];

/// Why an owner's transaction or question failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OwnerError {
    /// The endpoint cannot be used.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// A request failed.
    #[error(transparent)]
    Rpc(#[from] RpcFault),
    /// The owner cannot pay.
    #[error("{owner} has {} native coin and needs {}; send it some first", format_ether(*.has), format_ether(*.needs))]
    Funds {
        /// The owner.
        owner: Address,
        /// Balance in wei.
        has: U256,
        /// Needed in wei, fees included.
        needs: U256,
    },
    /// The account runs another contract's code.
    #[error("{account} already runs the code of {delegate}; undelegate it first, or play with another account")]
    DelegatedElsewhere {
        /// The account.
        account: Address,
        /// Whose code it runs.
        delegate: Address,
    },
    /// The account is a contract.
    #[error("{0} is a contract, not an account with a private key; play with another account")]
    NotAnAccount(Address),
    /// The chain refused a transaction.
    #[error("{what} was refused by the chain: {reason}")]
    Reverted {
        /// What was tried.
        what: &'static str,
        /// The contract's error in words.
        reason: String,
    },
    /// No receipt in time; the transaction may still be mined.
    #[error("{what} ({hash}) is not mined after {} s; it may still be, look it up before you try again", RECEIPT_DEADLINE.as_secs())]
    NotMined {
        /// What was tried.
        what: &'static str,
        /// The transaction's hash.
        hash: B256,
    },
    /// This process could not do its part.
    #[error("{0}")]
    Local(String),
}

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

    async fn ensure_proxy(&self) -> Result<(), OwnerError> {
        if !self.rpc.code(create2::PROXY).await?.is_empty() {
            return Ok(());
        }
        let missing = create2::PROXY_DEPLOYMENT_COST.saturating_sub(self.rpc.balance(create2::PROXY_DEPLOYER).await?);
        if !missing.is_zero() {
            let call = self.request(create2::PROXY_DEPLOYER, missing, Bytes::new());
            self.send("funding the deployment proxy", call, TRANSFER_GAS).await?;
        }
        let hash = self.rpc.send_raw(&create2::PROXY_DEPLOYMENT).await?;
        self.receipt("deploying the deployment proxy", hash).await.map(drop)
    }

    async fn is_delegated(&self, account: Address) -> Result<bool, OwnerError> {
        let code = self.rpc.code(account).await?;
        match code.strip_prefix(&DELEGATION_PREFIX) {
            None if code.is_empty() => Ok(false),
            Some(delegate) if delegate == session_wallet().as_slice() => Ok(true),
            Some(delegate) if delegate.len() == 20 => {
                Err(OwnerError::DelegatedElsewhere { account, delegate: Address::from_slice(delegate) })
            }
            _ => Err(OwnerError::NotAnAccount(account)),
        }
    }

    fn request(&self, to: Address, value: U256, input: Bytes) -> TransactionRequest {
        TransactionRequest {
            from: Some(self.address()),
            to: Some(to.into()),
            value: Some(value),
            input: TransactionInput::new(input),
            ..Default::default()
        }
    }

    async fn send(
        &self,
        what: &'static str,
        call: TransactionRequest,
        gas_limit: u64,
    ) -> Result<TransactionReceipt, OwnerError> {
        let (nonce, fees) = self.afford(&call, gas_limit).await?;
        let transaction = TxEip1559 {
            chain_id: self.chain_id,
            nonce,
            gas_limit,
            max_fee_per_gas: fees.max_fee(),
            max_priority_fee_per_gas: fees.priority_fee,
            to: call.to.unwrap_or(TxKind::Create),
            value: call.value.unwrap_or_default(),
            access_list: Default::default(),
            input: call.input.input().cloned().unwrap_or_default(),
        };
        let envelope = TxEnvelope::from(self.sign(transaction)?);
        self.submit(what, call, envelope).await
    }

    async fn send_delegating(
        &self,
        what: &'static str,
        call: TransactionRequest,
        gas_limit: u64,
    ) -> Result<TransactionReceipt, OwnerError> {
        let (nonce, fees) = self.afford(&call, gas_limit).await?;
        // The sender's own nonce is raised before its authorization is looked at (EIP-7702).
        let authorization =
            Authorization { chain_id: U256::from(self.chain_id), address: session_wallet(), nonce: nonce + 1 };
        let signature = self.sign_hash(authorization.signature_hash())?;
        let transaction = TxEip7702 {
            chain_id: self.chain_id,
            nonce,
            gas_limit,
            max_fee_per_gas: fees.max_fee(),
            max_priority_fee_per_gas: fees.priority_fee,
            to: self.address(),
            value: call.value.unwrap_or_default(),
            access_list: Default::default(),
            authorization_list: vec![authorization.into_signed(signature)],
            input: call.input.input().cloned().unwrap_or_default(),
        };
        let envelope = TxEnvelope::from(self.sign(transaction)?);
        self.submit(what, call, envelope).await
    }

    async fn afford(&self, call: &TransactionRequest, gas_limit: u64) -> Result<(u64, Fees), OwnerError> {
        let owner = self.address();
        let header = self.rpc.latest_header().await?;
        let base_fee = header.base_fee_per_gas.unwrap_or_default().into();
        let fees = Fees { base_fee, priority_fee: self.rpc.priority_fee().await? };
        // A call to oneself gives the value back, but it must be there.
        let needs = U256::from(gas_limit) * U256::from(fees.max_fee()) + call.value.unwrap_or_default();
        let has = self.rpc.balance(owner).await?;
        if has < needs {
            return Err(OwnerError::Funds { owner, has, needs });
        }
        Ok((self.rpc.nonce(owner, "pending").await?, fees))
    }

    fn sign<T: SignableTransaction<alloy::primitives::Signature>>(
        &self,
        transaction: T,
    ) -> Result<alloy::consensus::Signed<T>, OwnerError> {
        let signature = self.sign_hash(transaction.signature_hash())?;
        Ok(transaction.into_signed(signature))
    }

    fn sign_hash(&self, hash: B256) -> Result<alloy::primitives::Signature, OwnerError> {
        self.signer.sign_hash_sync(&hash).map_err(|error| OwnerError::Local(format!("signing failed: {error}")))
    }

    async fn submit(
        &self,
        what: &'static str,
        call: TransactionRequest,
        envelope: TxEnvelope,
    ) -> Result<TransactionReceipt, OwnerError> {
        let hash = self.rpc.send_raw(&envelope.encoded_2718().into()).await?;
        let receipt = self.receipt(what, hash).await?;
        if receipt.status() {
            return Ok(receipt);
        }
        let at = receipt.block_number.map_or(BlockNumberOrTag::Latest, BlockNumberOrTag::Number);
        let reason = match self.rpc.call(&call, at).await {
            Err(RpcFault::Refused { data: Some(data), .. }) => decode_revert(&data),
            _ => None,
        };
        let reason = reason.unwrap_or_else(|| "it gave no reason".to_owned());
        Err(OwnerError::Reverted { what, reason })
    }

    async fn receipt(&self, what: &'static str, hash: B256) -> Result<TransactionReceipt, OwnerError> {
        let deadline = Instant::now() + RECEIPT_DEADLINE;
        while Instant::now() < deadline {
            if let Some(receipt) = self.rpc.receipt(hash).await? {
                return Ok(receipt);
            }
            tokio::time::sleep(RECEIPT_POLL).await;
        }
        Err(OwnerError::NotMined { what, hash })
    }
}
