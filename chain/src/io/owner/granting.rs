//! Grants: by the owner's transaction, or by the owner's signature that anybody submits.

use alloy::eips::eip7702::SignedAuthorization;
use alloy::primitives::{Address, Bytes, U256};
use alloy::rpc::types::TransactionReceipt;
use alloy::sol_types::SolCall;

use super::{Owner, OwnerError};
use crate::contracts::abi::{SessionGrant, SessionWallet, SessionWalletFactory};
use crate::contracts::{clone_address, session_wallet_factory};
use crate::session::{GrantTerms, Policy, digest};

/// Gas limit of a new account and a grant in one transaction. A grant of eight rules and four tokens stays below it;
/// the account has no code yet when the transaction is signed, so that endpoints estimate too little.
const GRANT_GAS: u64 = 1_500_000;

/// Where the player's sessions, coins and loot live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountForm {
    /// The owner's own address, which runs the session wallet's code (EIP-7702). Needs a key in hand: wallets in
    /// browsers do not sign the delegation.
    Delegated,
    /// A contract of its own at [`clone_address`], made for the owner by the factory. Works with every wallet.
    Clone,
}

/// A granted session.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
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

/// A grant that the owner signed; whoever submits it pays its fees and the session key's gas money.
#[derive(Clone, Debug)]
pub struct SignedGrant {
    /// Who signed.
    pub owner: Address,
    /// Form of the account.
    pub form: AccountForm,
    /// What was signed (EIP-712).
    pub grant: SessionGrant,
    /// r, s and v.
    pub signature: Bytes,
    /// The owner's delegation, where the account is not delegated yet.
    pub delegation: Option<SignedAuthorization>,
}

impl Owner {
    /// The owner's account in this form, whether it has been made or not.
    pub fn account(&self, form: AccountForm) -> Address {
        match form {
            AccountForm::Delegated => self.address(),
            AccountForm::Clone => clone_address(self.address()),
        }
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
            let (grant, ready) = self.terms(AccountForm::Delegated, policy, session_key).await?;
            let input = SessionWallet::grantCall { g: grant.clone() }.abi_encode().into();
            let call = self.request(grant.account, U256::from(policy.gas_money), input);
            let receipt = match ready {
                true => self.send("the grant", call, GRANT_GAS).await?,
                false => self.send_delegating("the grant", call, GRANT_GAS, None).await?,
            };
            Ok(granted(&grant, &receipt))
        })
    }

    /// Grants a session of the owner's clone: one plain transaction to the factory, such as any wallet sends, that
    /// makes the clone if it is not there yet, stores the policy and hands the key its gas money.
    ///
    /// # Errors
    ///
    /// As [`grant`](Self::grant).
    pub fn grant_clone(&self, policy: &Policy, session_key: Address) -> Result<Grant, OwnerError> {
        self.runtime.block_on(async {
            let (grant, _) = self.terms(AccountForm::Clone, policy, session_key).await?;
            let input = SessionWalletFactory::createAndGrantCall { g: grant.clone() }.abi_encode().into();
            let call = self.request(session_wallet_factory(), U256::from(policy.gas_money), input);
            let receipt = self.send("the grant", call, GRANT_GAS).await?;
            Ok(granted(&grant, &receipt))
        })
    }

    /// Signs a grant and sends nothing: an owner without any coin can begin a session this way.
    ///
    /// # Errors
    ///
    /// [`OwnerError::Rpc`] when the account's state cannot be read, [`OwnerError::DelegatedElsewhere`].
    pub fn sign_grant(
        &self,
        form: AccountForm,
        policy: &Policy,
        session_key: Address,
    ) -> Result<SignedGrant, OwnerError> {
        self.runtime.block_on(async {
            let (grant, ready) = self.terms(form, policy, session_key).await?;
            let signature = self.sign_hash(digest(&grant, self.chain_id))?.as_bytes().into();
            let delegation = match form {
                AccountForm::Delegated if !ready => {
                    Some(self.sign_delegation(self.rpc.nonce(self.address(), "latest").await?)?)
                }
                _ => None,
            };
            Ok(SignedGrant { owner: self.address(), form, grant, signature, delegation })
        })
    }

    /// Submits somebody's signed grant and hands the session key `gas_money` wei, both at this owner's cost.
    ///
    /// # Errors
    ///
    /// As [`grant`](Self::grant); the contract refuses a grant that is late, or that was not signed by its owner.
    pub fn submit_grant(&self, signed: &SignedGrant, gas_money: u128) -> Result<Grant, OwnerError> {
        let SignedGrant { owner, form, grant, signature, delegation } = signed.clone();
        let (to, input) = match form {
            AccountForm::Delegated => {
                let call = SessionWallet::grantWithSignatureCall { g: grant.clone(), signature };
                (grant.account, call.abi_encode())
            }
            AccountForm::Clone => {
                let call = SessionWalletFactory::createAndGrantForCall { owner, g: grant.clone(), signature };
                (session_wallet_factory(), call.abi_encode())
            }
        };
        self.runtime.block_on(async {
            let call = self.request(to, U256::from(gas_money), input.into());
            let receipt = match delegation {
                None => self.send("the grant", call, GRANT_GAS).await?,
                some => self.send_delegating("the grant", call, GRANT_GAS, some).await?,
            };
            Ok(granted(&grant, &receipt))
        })
    }

    /// The grant in the contract's terms, and whether the account is there already.
    async fn terms(
        &self,
        form: AccountForm,
        policy: &Policy,
        session_key: Address,
    ) -> Result<(SessionGrant, bool), OwnerError> {
        let account = self.account(form);
        let ready = self.is_ready(form, account).await?;
        let grant_nonce = match ready {
            true => self.rpc.view(account, &SessionWallet::grantNonceCall {}).await?,
            false => 0,
        };
        let now = self.rpc.latest_header().await?.timestamp;
        Ok((GrantTerms { account, session_key, now, grant_nonce }.grant(policy), ready))
    }
}

fn granted(grant: &SessionGrant, receipt: &TransactionReceipt) -> Grant {
    Grant {
        account: grant.account,
        session_key: grant.sessionKey,
        valid_after: grant.validAfter.to(),
        valid_until: grant.validUntil.to(),
        block: receipt.block_number.unwrap_or_default(),
        gas_used: receipt.gas_used,
    }
}
