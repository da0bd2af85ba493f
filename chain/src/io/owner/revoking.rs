//! Ends of sessions: by the owner's transaction, or by the owner's signature that anybody submits.

use alloy::primitives::aliases::U40;
use alloy::primitives::{Address, Bytes, U256};
use alloy::sol_types::SolCall;

use super::{AccountForm, Owner, OwnerError};
use crate::contracts::abi::{AllSessionsRevocation, SessionRevocation, SessionWallet};
use crate::session::digest;

/// Time in which a signed revocation must be on chain, in seconds: a day, since whoever needs one may be without coin.
const SUBMIT_WITHIN_S: u64 = 24 * 3_600;

/// The end of a session, or of all, that the owner signed. Whoever submits it pays its fees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedRevocation {
    /// The account whose sessions end.
    pub account: Address,
    /// The session key, or `None` for every session of the account.
    pub session_key: Option<Address>,
    /// The account's `grantNonce()`, which the end of all sessions is signed for.
    pub grant_nonce: u64,
    /// Last second at which it may be submitted (Unix).
    pub deadline: u64,
    /// r, s and v (EIP-712).
    pub signature: Bytes,
}

impl Owner {
    /// Ends one session of the delegated account for good.
    ///
    /// # Errors
    ///
    /// [`OwnerError`]; unless it is [`OwnerError::NotMined`], the session is as it was.
    pub fn revoke(&self, session_key: Address) -> Result<(), OwnerError> {
        self.revoke_in(AccountForm::Delegated, session_key)
    }

    /// Ends one session of the owner's account in this form for good.
    ///
    /// # Errors
    ///
    /// As [`revoke`](Self::revoke).
    pub fn revoke_in(&self, form: AccountForm, session_key: Address) -> Result<(), OwnerError> {
        self.call_account(self.account(form), &SessionWallet::revokeCall { key: session_key })
    }

    /// Ends every session of the delegated account for good.
    ///
    /// # Errors
    ///
    /// [`OwnerError`]; unless it is [`OwnerError::NotMined`], the sessions are as they were.
    pub fn revoke_all(&self) -> Result<(), OwnerError> {
        self.revoke_all_in(AccountForm::Delegated)
    }

    /// Ends every session of the owner's account in this form for good.
    ///
    /// # Errors
    ///
    /// As [`revoke_all`](Self::revoke_all).
    pub fn revoke_all_in(&self, form: AccountForm) -> Result<(), OwnerError> {
        self.call_account(self.account(form), &SessionWallet::revokeAllCall {})
    }

    /// Signs the end of one session, or of all with `None`, and sends nothing: an owner without any coin can end what
    /// a lost key could still do.
    ///
    /// # Errors
    ///
    /// [`OwnerError::Rpc`] when the account's state cannot be read.
    pub fn sign_revocation(
        &self,
        form: AccountForm,
        session_key: Option<Address>,
    ) -> Result<SignedRevocation, OwnerError> {
        self.runtime.block_on(async {
            let account = self.account(form);
            let deadline = self.rpc.latest_header().await?.timestamp.saturating_add(SUBMIT_WITHIN_S);
            let until = U40::saturating_from(deadline);
            let grant_nonce = self.rpc.view(account, &SessionWallet::grantNonceCall {}).await?;
            let hash = match session_key {
                Some(key) => {
                    let one = SessionRevocation { account, sessionKey: key, deadline: until };
                    digest(&one, self.chain_id)
                }
                None => {
                    let all = AllSessionsRevocation { account, grantNonce: grant_nonce, deadline: until };
                    digest(&all, self.chain_id)
                }
            };
            let signature = self.sign_hash(hash)?.as_bytes().into();
            Ok(SignedRevocation { account, session_key, grant_nonce, deadline, signature })
        })
    }

    /// Submits somebody's signed revocation at this owner's cost.
    ///
    /// # Errors
    ///
    /// As [`revoke`](Self::revoke); the contract refuses one that is late, that was not signed by the account's owner,
    /// or that ends all sessions and was signed before the latest grant.
    pub fn submit_revocation(&self, signed: &SignedRevocation) -> Result<(), OwnerError> {
        let SignedRevocation { account, session_key, grant_nonce, deadline, signature } = signed.clone();
        let deadline = U40::saturating_from(deadline);
        match session_key {
            Some(key) => {
                self.call_account(account, &SessionWallet::revokeWithSignatureCall { key, deadline, signature })
            }
            None => {
                let nonce = grant_nonce;
                self.call_account(account, &SessionWallet::revokeAllWithSignatureCall { nonce, deadline, signature })
            }
        }
    }

    fn call_account<C: SolCall>(&self, account: Address, call: &C) -> Result<(), OwnerError> {
        self.runtime.block_on(async {
            let call = self.request(account, U256::ZERO, call.abi_encode().into());
            let gas = self.rpc.estimate_gas(&call).await?;
            self.send("the revocation", call, gas + gas / 4).await.map(drop)
        })
    }
}
