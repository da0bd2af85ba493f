//! What can go wrong when a devnet is started or served.

use std::io;

use super::StateFileError;
use crate::devnet::GenesisError;

/// Why a devnet cannot be started or reached.
#[derive(Debug, thiserror::Error)]
pub enum DevnetError {
    /// The chain cannot be built from its settings.
    #[error(transparent)]
    Genesis(#[from] GenesisError),
    /// The chain cannot be loaded from its file, or saved to it.
    #[error(transparent)]
    State(#[from] StateFileError),
    /// Something else listens on the port: choose another one, or 0 for any.
    #[error("port {0} is in use: choose another one, or 0 for any")]
    PortInUse(u16),
    /// The server cannot listen.
    #[error("cannot listen on port {port}: {source}")]
    Listen {
        /// The port asked for.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
    /// A thread cannot be started.
    #[error("cannot start a thread: {0}")]
    Thread(#[source] io::Error),
}
