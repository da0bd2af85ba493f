//! The state file: one owner, written whole or not at all, and never over something else.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
};

use crate::devnet::{DevChain, Genesis, LoadError};

/// Names that are tried for a torn file before giving up.
const MAX_TORN: u32 = 100;

/// Why a chain cannot be loaded from its file, or written to it.
#[derive(Debug, thiserror::Error)]
pub enum StateFileError {
    /// Another devnet uses the file: end it, or take another file.
    #[error("{} is in use by another devnet: end that one, or take another file", .0.display())]
    InUse(PathBuf),
    /// The file is torn and was moved aside.
    #[error(
        "{} is {reason}; it was moved to {}. Put a good copy in its place, or start again for a fresh chain",
        path.display(), aside.display()
    )]
    Torn {
        /// Where it was.
        path: PathBuf,
        /// Where it is now.
        aside: PathBuf,
        /// What is wrong with it.
        reason: LoadError,
    },
    /// The file is not one that can be used here. It was left as it is.
    #[error("{} cannot be loaded: {reason}. It was left as it is; take another file, or other settings", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// What is in the way.
        reason: LoadError,
    },
    /// The system does not let the file be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// A state file that nobody else uses.
#[derive(Debug)]
pub(super) struct StateFile {
    path: PathBuf,
    /// Locked for as long as this lives. It stands beside the file, which is replaced at each save.
    _lock: File,
}

impl StateFile {
    /// Takes the file, and the chain in it; a new chain where there is no file yet.
    pub(super) fn open(path: &Path, genesis: &Genesis) -> Result<(Self, DevChain), StateFileError> {
        let failed = |source| StateFileError::Io { path: path.to_owned(), source };
        let lock = File::create(beside(path, "lock")).map_err(failed)?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => StateFileError::InUse(path.to_owned()),
            TryLockError::Error(source) => failed(source),
        })?;
        let refused = |reason| StateFileError::Refused { path: path.to_owned(), reason };
        let chain = match fs::read(path) {
            Ok(bytes) => match DevChain::load(genesis, &bytes) {
                Ok(chain) => chain,
                Err(reason @ LoadError::Torn(_)) => {
                    let aside = move_aside(path).map_err(failed)?;
                    return Err(StateFileError::Torn { path: path.to_owned(), aside, reason });
                }
                Err(reason) => return Err(refused(reason)),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                DevChain::new(genesis).map_err(|error| refused(error.into()))?
            }
            Err(error) => return Err(failed(error)),
        };
        Ok((Self { path: path.to_owned(), _lock: lock }, chain))
    }

    /// Replaces the file: whoever reads it finds the old contents or the new ones.
    pub(super) fn write(&self, bytes: &[u8]) -> Result<(), StateFileError> {
        let replace = || {
            let fresh = beside(&self.path, "new");
            let mut file = File::create(&fresh)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&fresh, &self.path)
        };
        replace().map_err(|source| StateFileError::Io { path: self.path.clone(), source })
    }
}

/// `chain.state` with `.suffix` behind it.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}

fn move_aside(path: &Path) -> io::Result<PathBuf> {
    let names = (1..=MAX_TORN).map(|number| beside(path, &format!("torn-{number}")));
    for aside in names {
        if !aside.try_exists()? {
            fs::rename(path, &aside)?;
            return Ok(aside);
        }
    }
    Err(io::Error::other("too many torn files beside it: delete some"))
}
