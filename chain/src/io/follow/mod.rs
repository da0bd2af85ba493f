//! Follows the canonical chain: heads, the logs of the watched contracts, the receipts of our transactions.
//!
//! | file | what lives there |
//! |---|---|
//! | `advance` | from the last head to the next: block by block, over a reorg, or over a long history |
//! | `ring` | the newest canonical heads, which a reorg can step back to |
//! | `receipts` | which of our transactions a block holds |
//! | `evidence` | whether it was the session wallet that carried one out |
//! | `reasons` | why one failed, in words |
//! | `task` | what drives it: heads, pushed or polled once for all sessions |

mod advance;
mod evidence;
mod reasons;
mod receipts;
mod ring;
mod task;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use alloy::primitives::{Address, B256, Log};
use crossbeam::atomic::AtomicCell;

use super::fault::RpcFault;
use crate::lane::{Head, OwnReceipt};
use crate::pure::MethodTable;
use crate::session::MAX_TOKENS;

pub(crate) use advance::Follower;
pub(crate) use task::{ToldHead, follow, tell_heads};

/// A step along the canonical chain.
#[derive(Debug)]
pub(crate) enum Progress {
    /// A block, or several at once when catching up.
    Block {
        /// Head of the newest one.
        head: Head,
        /// Height that no reorg goes below any more without starting over.
        floor: u64,
        /// Blocks that the chain is ahead of this one.
        behind: u64,
        /// Logs of the watched contracts, in canonical order, with the hash of their transaction.
        logs: Vec<(B256, Log)>,
        /// Receipts of our transactions up to it that were not told yet.
        receipts: Vec<OwnReceipt>,
    },
    /// The blocks above `to` are no longer canonical; with `None` the history follows again from the start.
    Reorged { to: Option<u64> },
}

/// What is followed.
#[derive(Clone, Debug)]
pub(crate) struct FollowSettings {
    /// The player's account.
    pub(crate) account: Address,
    /// The session key, which sends the transactions.
    pub(crate) session: Address,
    /// Contracts whose logs the game reads.
    pub(crate) targets: Vec<Address>,
    /// The session's allow-list, to read our own batches back.
    pub(crate) methods: MethodTable,
    /// First block that may hold such a log.
    pub(crate) from_block: u64,
    /// What the session has spent of its capped tokens, if it has any.
    pub(crate) spent: Option<TokensSpent>,
}

/// Spent of each capped token, in the order of the session's view; read by the game thread without waiting.
pub(crate) type TokensSpent = Arc<AtomicCell<[u128; MAX_TOKENS]>>;

fn malformed(method: &str, reason: impl Into<String>) -> RpcFault {
    RpcFault::Malformed { method: method.to_owned(), reason: reason.into() }
}
