//! What can go wrong before a chain runs.

use std::time::Duration;

use super::limits::{MAX_BLOCK_TIME, MIN_BLOCK_TIME, MIN_BLOCKS};

/// Why a chain cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum GenesisError {
    /// The block time is out of range: choose one within it.
    #[error("block time {0:?} is not within {MIN_BLOCK_TIME:?} and {MAX_BLOCK_TIME:?}")]
    BlockTime(Duration),
    /// Too few blocks would be kept for the `BLOCKHASH` opcode.
    #[error("a history of {0} blocks is too short: keep at least {MIN_BLOCKS}")]
    History(usize),
    /// A contract given for genesis could not be deployed: its constructor fails, or it is given
    /// twice.
    #[error("contract {index} cannot be deployed at genesis: {reason}")]
    Deploy {
        /// Position among the contracts given.
        index: usize,
        /// What the EVM said.
        reason: String,
    },
}
