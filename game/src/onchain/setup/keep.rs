//! A session that outlives its process: the key in an encrypted file, and what is signed in a journal beside it.

use std::path::{Path, PathBuf};

use latchkey::contracts::abi::SessionView;
use latchkey::{KeyStore, Owner, Passphrase, Policy, SessionKey, StoreError, StoredSession};

use super::SetupError;

/// Name of the key's file in its folder.
const KEY_FILE: &str = "session-key.json";

/// Where a session is kept.
#[derive(Clone, Debug)]
pub struct Keep {
    folder: PathBuf,
    store: KeyStore,
    fresh: bool,
}

impl Keep {
    /// Keeps session and journal in `folder`, the key encrypted with `passphrase`; with `fresh`, a session that is
    /// there already is revoked instead of played on with.
    pub fn new(folder: PathBuf, passphrase: Passphrase, fresh: bool) -> Self {
        let store = KeyStore::File { path: folder.join(KEY_FILE), passphrase };
        Self { folder, store, fresh }
    }

    /// The same, for a run that goes on with nothing: a session that is there is revoked.
    #[must_use]
    pub(in crate::onchain) fn anew(self) -> Self {
        Self { fresh: true, ..self }
    }

    /// Folder of the journal.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The kept session with what the contract has of it; none when there is none, or it is over.
    pub(super) fn find(&self, owner: &Owner) -> Result<Option<(SessionKey, SessionView)>, SetupError> {
        let Some((key, kept)) = self.store.load().map_err(failed)? else { return Ok(None) };
        if (kept.account, kept.chain_id) != (owner.address(), owner.chain_id()) {
            return Err(SetupError::Kept {
                reason: format!(
                    "{} holds a session of account {} on chain {}. Give another folder with --keep",
                    self.folder.display(),
                    kept.account,
                    kept.chain_id
                ),
            });
        }
        let asked = |error| SetupError::from_owner("look up the kept session", error);
        let live = owner.sessions().map_err(asked)?.into_iter().find(|session| session.key == kept.key);
        if self.fresh && live.is_some() {
            owner.revoke(kept.key).map_err(|error| SetupError::from_owner("revoke the kept session", error))?;
            return Ok(None);
        }
        Ok(live.filter(|session| session.nextAllowedAt < session.validUntil).map(|session| (key, session)))
    }

    /// Keeps a session that has just been granted.
    pub(super) fn save(&self, owner: &Owner, key: &SessionKey, policy: &Policy) -> Result<(), SetupError> {
        let session = StoredSession {
            account: owner.address(),
            chain_id: owner.chain_id(),
            key: key.address(),
            policy: policy.digest(),
        };
        self.store.save(key, &session).map_err(failed)
    }

    /// Forgets the key of a session that is over.
    pub(super) fn forget(&self) {
        if let Err(error) = self.store.remove() {
            // It opens nothing any more; the next run finds that out and goes on without it.
            tracing::warn!("the key of the ended session stays in {}: {error}", self.folder.display());
        }
    }
}

fn failed(error: StoreError) -> SetupError {
    SetupError::Kept { reason: error.to_string() }
}
