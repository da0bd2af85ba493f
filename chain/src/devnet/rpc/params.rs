//! Reading the parameters of a request.

use alloy::{
    eips::{BlockId, BlockNumberOrTag},
    primitives::U256,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::RpcError;

/// Positional parameters.
#[derive(Debug)]
pub(crate) struct Params(Vec<Value>);

impl Params {
    pub(crate) fn new(params: Value) -> Result<Self, RpcError> {
        match params {
            Value::Null => Ok(Self(Vec::new())),
            Value::Array(values) => Ok(Self(values)),
            _ => Err(RpcError::invalid_params("params must be an array")),
        }
    }

    /// A parameter that must be there.
    pub(super) fn get<T: DeserializeOwned>(&self, index: usize) -> Result<T, RpcError> {
        self.optional(index)?.ok_or_else(|| missing(index))
    }

    /// A parameter that may be absent or null.
    pub(super) fn optional<T: DeserializeOwned>(&self, index: usize) -> Result<Option<T>, RpcError> {
        match self.0.get(index) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => T::deserialize(value)
                .map(Some)
                .map_err(|error| RpcError::invalid_params(format!("invalid argument {index}: {error}"))),
        }
    }

    /// A block, `latest` when absent.
    pub(super) fn block(&self, index: usize) -> Result<BlockId, RpcError> {
        Ok(self.optional(index)?.unwrap_or(BlockId::Number(BlockNumberOrTag::Latest)))
    }

    /// A whole number, given as JSON number or as hex string.
    pub(super) fn number(&self, index: usize) -> Result<Option<u64>, RpcError> {
        let Some(value) = self.optional::<U256>(index)? else { return Ok(None) };
        u64::try_from(value).map(Some).map_err(|_| RpcError::invalid_params(format!("argument {index} is too large")))
    }

    /// A whole number that must be there.
    pub(super) fn required_number(&self, index: usize) -> Result<u64, RpcError> {
        self.number(index)?.ok_or_else(|| missing(index))
    }
}

fn missing(index: usize) -> RpcError {
    RpcError::invalid_params(format!("missing value for required argument {index}"))
}

/// The JSON of an answer.
pub(super) fn answer<T: Serialize>(value: T) -> Result<Value, RpcError> {
    serde_json::to_value(value).map_err(|error| RpcError::internal(error.to_string()))
}
