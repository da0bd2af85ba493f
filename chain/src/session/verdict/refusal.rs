//! The wallet's errors, byte for byte.

use std::fmt;

use alloy::primitives::aliases::U40;
use alloy::sol_types::SolError;

use crate::contracts::decode_revert;

/// Why a batch is refused.
#[derive(Clone, PartialEq, Eq)]
pub enum Refusal {
    /// A rule of the session, by the wallet's own error in its ABI encoding.
    Wallet(Vec<u8>),
    /// A call of an atomic batch reverted with this data, which the wallet passes on.
    Target(Vec<u8>),
}

impl Refusal {
    /// What the transaction reverts with.
    pub fn data(&self) -> &[u8] {
        match self {
            Self::Wallet(data) | Self::Target(data) => data,
        }
    }
}

impl<E: SolError> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::Wallet(error.abi_encode())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&decode_revert(self.data()).unwrap_or_else(|| "the target reverts without words".to_owned()))
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl std::error::Error for Refusal {}

pub(super) fn u40(value: u64) -> U40 {
    U40::saturating_from(value)
}
