//! The operating system's keychain: one entry per service, the key's 32 bytes before the facts as JSON.

use keyring::{Entry, Error};
use zeroize::Zeroizing;

use super::facts::Form;
use super::{SessionKey, StoreError, StoredSession};

/// The entry's user; a service has one session key.
const USER: &str = "session key";

const KEY_BYTES: usize = 32;

pub(super) fn save(service: &str, key: &SessionKey, session: &StoredSession) -> Result<(), StoreError> {
    if session.key != key.address() {
        return Err(StoreError::OtherKey { key: key.address(), facts: session.key });
    }
    let facts = serde_json::to_vec(&Form::from(session)).map_err(|error| foreign(service, error.to_string()))?;
    let mut secret = Zeroizing::new(Vec::with_capacity(KEY_BYTES + facts.len()));
    secret.extend_from_slice(key.secret().as_slice());
    secret.extend_from_slice(&facts);
    entry(service)?.set_secret(&secret).map_err(refused)
}

pub(super) fn load(service: &str) -> Result<Option<(SessionKey, StoredSession)>, StoreError> {
    let secret = match entry(service)?.get_secret() {
        Ok(secret) => Zeroizing::new(secret),
        Err(Error::NoEntry) => return Ok(None),
        Err(error) => return Err(refused(error)),
    };
    let (key, facts) =
        secret.split_first_chunk::<KEY_BYTES>().ok_or_else(|| foreign(service, "it is too short".to_owned()))?;
    let key = SessionKey::from_bytes(key).map_err(|error| foreign(service, error.to_string()))?;
    let form: Form = serde_json::from_slice(facts).map_err(|error| foreign(service, error.to_string()))?;
    let session: StoredSession = form.try_into().map_err(|reason| foreign(service, reason))?;
    match key.address() == session.key {
        true => Ok(Some((key, session))),
        false => Err(foreign(service, format!("its key is {}, and it says {}", key.address(), session.key))),
    }
}

pub(super) fn remove(service: &str) -> Result<(), StoreError> {
    match entry(service)?.delete_credential() {
        Ok(()) | Err(Error::NoEntry) => Ok(()),
        Err(error) => Err(refused(error)),
    }
}

fn entry(service: &str) -> Result<Entry, StoreError> {
    Entry::new(service, USER).map_err(refused)
}

fn refused(error: Error) -> StoreError {
    match error {
        // It holds the secret itself.
        Error::BadEncoding(_) => StoreError::Keychain("the entry cannot be decoded".to_owned()),
        other => StoreError::Keychain(other.to_string()),
    }
}

fn foreign(service: &str, reason: String) -> StoreError {
    StoreError::Foreign { place: format!("the keychain's entry of {service}"), reason }
}
