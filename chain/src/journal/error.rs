//! Why a journal cannot be used.

use std::io;
use std::path::PathBuf;

use alloy::primitives::Address;

/// Why a journal cannot be used. In every case what was in it is still there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// Another run signs with this key.
    #[error("{} is locked: another run signs with {key}. End it, or use another session key", path.display())]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// The session key.
        key: Address,
    },
    /// The file is not a journal. It was left as it is.
    #[error("{} is not a journal and was left as it is; give another directory, or move it away", .0.display())]
    Foreign(PathBuf),
    /// The file was written by a later version. It was left as it is.
    #[error(
        "{} has format {found}, and this version reads up to {known}; it was left as it is. Use the later version",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The latest format that this version reads.
        known: u32,
    },
    /// The file is damaged. It was moved aside where nobody else uses it.
    #[error(
        "{} is damaged ({reason}){}. Transactions in it may yet be mined; start again to go on without it",
        path.display(),
        aside.as_ref().map_or_else(|| ". Others use it, so it was left; end them".to_owned(), |aside| format!(" and was moved to {}", aside.display()))
    )]
    Torn {
        /// Where it was.
        path: PathBuf,
        /// Where it is now, or `None` while other processes use it.
        aside: Option<PathBuf>,
        /// What is wrong with it.
        reason: String,
    },
    /// What is kept of this session belongs to another history of the chain. It is set aside in the file.
    #[error(
        "{} holds {transactions} transactions of {key} from another chain or an earlier session ({reason}); they are set \
         aside and not sent. Start again to go on without them", path.display()
    )]
    OtherHistory {
        /// The file.
        path: PathBuf,
        /// The session key.
        key: Address,
        /// Transactions that were set aside.
        transactions: usize,
        /// What differs.
        reason: &'static str,
    },
    /// The system does not let the file be read or written, for want of space or rights say.
    #[error("{}: {reason}; nothing is sent until it can be written", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
}

impl JournalError {
    pub(super) fn io(path: impl Into<PathBuf>, error: &io::Error) -> Self {
        Self::Io { path: path.into(), reason: error.to_string() }
    }
}
