//! Where a session key outlives its process, so that the next run needs no new prompt.
//!
//! | file | what lives there |
//! |---|---|
//! | `file` | an encrypted file: Web3 keystore, scrypt, for the owner's eyes alone |
//! | `keychain` | the operating system's keychain (feature `keyring`) |
//! | `facts` | what is remembered beside the key |

mod facts;
mod file;
#[cfg(feature = "keyring")]
mod keychain;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::PathBuf;

use zeroize::Zeroizing;

use super::SessionKey;

pub use facts::StoredSession;

/// What a key file is encrypted with; overwritten when dropped, never shown.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

impl From<String> for Passphrase {
    fn from(words: String) -> Self {
        Self(Zeroizing::new(words))
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase")
    }
}

/// Where a session key is kept between runs. One place holds one key.
///
/// To go on with a kept key, give it to [`Chain::builder`](crate::Chain::builder) with the account and the chain that
/// are remembered beside it; the start asks the contract whether the session still lives.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum KeyStore {
    /// Nowhere: the key ends with the process, and each run needs a new grant.
    #[default]
    Memory,
    /// An encrypted file that other tools read as a keystore of version 3.
    File {
        /// The file. Nobody but its owner may read it (mode 0600).
        path: PathBuf,
        /// What it is encrypted with.
        passphrase: Passphrase,
    },
    /// The operating system's keychain.
    #[cfg(feature = "keyring")]
    Keychain {
        /// Name under which the entry stands there; the game's name.
        service: String,
    },
}

impl KeyStore {
    /// Keeps a key and what belongs to it in place of the one before.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; what was kept before is still there then.
    pub fn save(&self, key: &SessionKey, session: &StoredSession) -> Result<(), StoreError> {
        match self {
            Self::Memory => Ok(()),
            Self::File { path, passphrase } => file::save(path, &passphrase.0, key, session),
            #[cfg(feature = "keyring")]
            Self::Keychain { service } => keychain::save(service, key, session),
        }
    }

    /// The key that is kept, or `None` where there is none.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; nothing is changed or removed by it.
    pub fn load(&self) -> Result<Option<(SessionKey, StoredSession)>, StoreError> {
        match self {
            Self::Memory => Ok(None),
            Self::File { path, passphrase } => file::load(path, &passphrase.0),
            #[cfg(feature = "keyring")]
            Self::Keychain { service } => keychain::load(service),
        }
    }

    /// Forgets the key that is kept, if there is one.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`] and [`StoreError::Keychain`]; the key may still be there then.
    pub fn remove(&self) -> Result<(), StoreError> {
        match self {
            Self::Memory => Ok(()),
            Self::File { path, .. } => file::remove(path),
            #[cfg(feature = "keyring")]
            Self::Keychain { service } => keychain::remove(service),
        }
    }
}

/// Why a session key cannot be kept or found.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The passphrase does not open the file.
    #[error("the passphrase does not open {}; try another one", .0.display())]
    WrongPassphrase(PathBuf),
    /// Other users of the machine can read the file.
    #[error("{} can be read by others (mode {mode:03o}); make it yours alone: chmod 600", path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The file or entry is not a session key of this library's, or is damaged. It was left as it is.
    #[error("{place} holds no session key: {reason}; it was left as it is")]
    Foreign {
        /// The file or the keychain's entry.
        place: String,
        /// What is wrong with it.
        reason: String,
    },
    /// What is remembered belongs to another key.
    #[error("these facts are of session key {facts}, not of {key}")]
    OtherKey {
        /// The key that was given.
        key: alloy::primitives::Address,
        /// The key that the facts are of.
        facts: alloy::primitives::Address,
    },
    /// The system does not let the file be read or written.
    #[error("{}: {reason}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The operating system's keychain does not answer, or refuses.
    #[error("the keychain refuses: {0}; unlock it, or keep the key in a file")]
    Keychain(String),
}
