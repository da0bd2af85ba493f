//! JSON-RPC errors, with the codes that clients know.

use alloy::primitives::Bytes;
use alloy::sol_types::{Revert, SolError};
use serde_json::Value;

use crate::devnet::{error::GenesisError, pool::PoolError};

/// An error answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{message} (code {code})")]
pub struct RpcError {
    /// JSON-RPC error code; 3 for a revert, as in geth.
    pub code: i32,
    /// What went wrong.
    pub message: String,
    /// What a call reverted with, as a hex string.
    pub data: Option<Value>,
}

impl RpcError {
    const REVERTED: i32 = 3;
    const METHOD_NOT_FOUND: i32 = -32601;
    const INVALID_PARAMS: i32 = -32602;
    const INTERNAL: i32 = -32603;
    const SERVER: i32 = -32000;
    const LIMIT: i32 = -32005;
    #[cfg(feature = "devnet-server")]
    const NO_NOTIFICATIONS: i32 = -32001;

    fn new(code: i32, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: None }
    }

    pub(super) fn method_not_found(method: &str) -> Self {
        let shown: String = method.chars().take(64).collect();
        let message = format!("the method {shown} does not exist/is not available");
        Self::new(Self::METHOD_NOT_FOUND, message)
    }

    pub(crate) fn invalid_params(message: impl Into<String>) -> Self {
        Self::new(Self::INVALID_PARAMS, message)
    }

    pub(super) fn internal(message: impl Into<String>) -> Self {
        Self::new(Self::INTERNAL, message)
    }

    pub(super) fn server(message: impl Into<String>) -> Self {
        Self::new(Self::SERVER, message)
    }

    #[cfg(feature = "devnet-server")]
    pub(crate) fn stopped() -> Self {
        Self::server("the devnet has stopped")
    }

    #[cfg(feature = "devnet-server")]
    pub(crate) fn too_many_subscriptions() -> Self {
        Self::limit("too many subscriptions on this connection")
    }

    #[cfg(feature = "devnet-server")]
    pub(crate) fn no_notifications() -> Self {
        Self::new(Self::NO_NOTIFICATIONS, "notifications not supported")
    }

    #[cfg(feature = "devnet-server")]
    pub(crate) fn too_many_waiters() -> Self {
        Self::limit("too many requests wait for a receipt: use eth_sendRawTransaction, or try again later")
    }

    pub(super) fn limit(message: impl Into<String>) -> Self {
        Self::new(Self::LIMIT, message)
    }

    /// A call that reverted, with the reason spelt out where it is an `Error(string)`.
    pub(super) fn reverted(output: &Bytes) -> Self {
        let message = Revert::abi_decode(output).map_or_else(
            |_| "execution reverted".to_owned(),
            |revert| format!("execution reverted: {}", revert.reason),
        );
        Self { data: Some(Value::String(output.to_string())), ..Self::new(Self::REVERTED, message) }
    }
}

impl From<PoolError> for RpcError {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Decode(_) => Self::invalid_params(error.to_string()),
            _ => Self::server(error.to_string()),
        }
    }
}

impl From<GenesisError> for RpcError {
    fn from(error: GenesisError) -> Self {
        Self::invalid_params(error.to_string())
    }
}
