//! The owner's transactions: delegate, pay, sign, send, wait for the receipt.

use std::time::Duration;

use alloy::consensus::{SignableTransaction, Signed, TxEip1559, TxEip7702, TxEnvelope};
use alloy::eips::BlockNumberOrTag;
use alloy::eips::eip2718::Encodable2718;
use alloy::eips::eip7702::{Authorization, SignedAuthorization};
use alloy::primitives::{Address, B256, Bytes, Signature, TxKind, U256};
use alloy::rpc::types::{TransactionInput, TransactionReceipt, TransactionRequest};
use alloy::signers::SignerSync;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::{AccountForm, Owner, OwnerError};
use crate::contracts::{DELEGATION_PREFIX, create2, decode_revert, runs_session_wallet, session_wallet};
use crate::io::RpcFault;
use crate::pure::Fees;

/// Longest wait for a receipt: five blocks of twelve seconds.
pub(super) const RECEIPT_DEADLINE: Duration = Duration::from_secs(60);

/// Pause between two looks for a receipt.
const RECEIPT_POLL: Duration = Duration::from_millis(50);

/// Gas of a plain transfer.
const TRANSFER_GAS: u64 = 21_000;

impl Owner {
    pub(super) async fn ensure_proxy(&self) -> Result<(), OwnerError> {
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

    /// Whether the account runs the session wallet; false while it has no code at all.
    pub(super) async fn is_ready(&self, form: AccountForm, account: Address) -> Result<bool, OwnerError> {
        let code = self.rpc.code(account).await?;
        if code.is_empty() || runs_session_wallet(&code) {
            return Ok(!code.is_empty());
        }
        match code.strip_prefix(&DELEGATION_PREFIX) {
            Some(delegate) if delegate.len() == 20 && form == AccountForm::Delegated => {
                Err(OwnerError::DelegatedElsewhere { account, delegate: Address::from_slice(delegate) })
            }
            _ => Err(OwnerError::NotAnAccount(account)),
        }
    }

    pub(super) fn request(&self, to: Address, value: U256, input: Bytes) -> TransactionRequest {
        TransactionRequest {
            from: Some(self.address()),
            to: Some(to.into()),
            value: Some(value),
            input: TransactionInput::new(input),
            ..Default::default()
        }
    }

    pub(super) async fn send(
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

    /// Sends a call together with a delegation: somebody else's, or the owner's own that is signed here.
    pub(super) async fn send_delegating(
        &self,
        what: &'static str,
        call: TransactionRequest,
        gas_limit: u64,
        delegation: Option<SignedAuthorization>,
    ) -> Result<TransactionReceipt, OwnerError> {
        let (nonce, fees) = self.afford(&call, gas_limit).await?;
        let delegation = match delegation {
            Some(signed) => signed,
            // The sender's own nonce is raised before its authorization is looked at (EIP-7702).
            None => self.sign_delegation(nonce + 1)?,
        };
        let to = call.to.as_ref().and_then(TxKind::to).copied();
        let transaction = TxEip7702 {
            chain_id: self.chain_id,
            nonce,
            gas_limit,
            max_fee_per_gas: fees.max_fee(),
            max_priority_fee_per_gas: fees.priority_fee,
            to: to.unwrap_or_else(|| self.address()),
            value: call.value.unwrap_or_default(),
            access_list: Default::default(),
            authorization_list: vec![delegation],
            input: call.input.input().cloned().unwrap_or_default(),
        };
        let envelope = TxEnvelope::from(self.sign(transaction)?);
        self.submit(what, call, envelope).await
    }

    /// The owner's word that their account may run the session wallet, good for one nonce.
    pub(super) fn sign_delegation(&self, nonce: u64) -> Result<SignedAuthorization, OwnerError> {
        let authorization = Authorization { chain_id: U256::from(self.chain_id), address: session_wallet(), nonce };
        let signature = self.sign_hash(authorization.signature_hash())?;
        Ok(authorization.into_signed(signature))
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

    fn sign<T: SignableTransaction<Signature>>(&self, transaction: T) -> Result<Signed<T>, OwnerError> {
        let signature = self.sign_hash(transaction.signature_hash())?;
        Ok(transaction.into_signed(signature))
    }

    pub(super) fn sign_hash(&self, hash: B256) -> Result<Signature, OwnerError> {
        self.signer.sign_hash_sync(&hash).map_err(|error| OwnerError::Local(format!("signing failed: {error}")))
    }

    pub(super) async fn submit(
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
        let mined = async {
            let mut looks = interval(RECEIPT_POLL);
            looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                looks.tick().await;
                if let Some(receipt) = self.rpc.receipt(hash).await? {
                    return Ok(receipt);
                }
            }
        };
        timeout(RECEIPT_DEADLINE, mined).await.unwrap_or(Err(OwnerError::NotMined { what, hash }))
    }
}
