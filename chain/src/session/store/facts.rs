//! What is remembered beside a key. None of it is secret, and none is believed before the contract confirms it.

use alloy::primitives::{Address, B256};
use serde::{Deserialize, Serialize};

/// Version of what is remembered.
const VERSION: u32 = 1;

/// A session to go on with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredSession {
    /// The player's account, which granted it.
    pub account: Address,
    /// Chain that it lives on.
    pub chain_id: u64,
    /// Address of the session key.
    pub key: Address,
    /// [`Policy::digest`](crate::Policy::digest) of what was asked for.
    pub policy: B256,
}

/// The facts as JSON has them.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Form {
    version: u32,
    account: String,
    chain_id: u64,
    key: String,
    policy: String,
}

impl From<&StoredSession> for Form {
    fn from(session: &StoredSession) -> Self {
        Self {
            version: VERSION,
            account: session.account.to_string(),
            chain_id: session.chain_id,
            key: session.key.to_string(),
            policy: session.policy.to_string(),
        }
    }
}

impl TryFrom<Form> for StoredSession {
    type Error = String;

    fn try_from(form: Form) -> Result<Self, String> {
        if form.version != VERSION {
            return Err(format!("it has version {}, and this library reads version {VERSION}", form.version));
        }
        let address = |text: &str| text.parse::<Address>().map_err(|_| format!("{text:?} is no address"));
        Ok(Self {
            account: address(&form.account)?,
            chain_id: form.chain_id,
            key: address(&form.key)?,
            policy: form.policy.parse().map_err(|_| "its policy's digest cannot be read".to_owned())?,
        })
    }
}
