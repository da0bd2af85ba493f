//! The temporary key that signs a session's transactions.

use std::fmt;

use alloy::primitives::{Address, B256, Signature};
use zeroize::Zeroizing;

use crate::signer::{Backend, KeyError, LocalKey, Presigner, Signer};

/// Tries at drawing a scalar below the group order; a second one is needed once in 2^128 times.
const MAX_DRAWS: usize = 4;

/// A session's private key: made locally, held in memory only, overwritten when dropped.
///
/// It can neither be cloned nor printed; `Debug` shows the address alone.
pub struct SessionKey(LocalKey);

impl SessionKey {
    /// Makes a key from the operating system's randomness.
    ///
    /// # Errors
    ///
    /// [`KeyError::NoRandomness`] where there is none, on a system that has only just booted, say.
    pub fn random() -> Result<Self, KeyError> {
        let mut bytes = Zeroizing::new([0u8; 32]);
        for _ in 0..MAX_DRAWS {
            getrandom::fill(bytes.as_mut()).map_err(KeyError::NoRandomness)?;
            if let Ok(key) = Self::from_bytes(&bytes) {
                return Ok(key);
            }
        }
        Err(KeyError::NotAScalar)
    }

    /// Takes an existing private key, 32 bytes big endian. The caller overwrites its own copy.
    ///
    /// # Errors
    ///
    /// [`KeyError::NotAScalar`] when the bytes are zero or not below the group order, [`KeyError::NoRandomness`] as for
    /// [`with_backend`](Self::with_backend).
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        LocalKey::new(bytes, Backend::default()).map(Self)
    }

    /// The same key with another backend; the signatures are the same bytes. Default: [`Backend::default`].
    ///
    /// # Errors
    ///
    /// [`KeyError::NoRandomness`] when the backend wants to be blinded and the operating system gives no randomness.
    pub fn with_backend(mut self, backend: Backend) -> Result<Self, KeyError> {
        self.0.set_backend(backend)?;
        Ok(self)
    }

    /// The code that multiplies curve points for this key.
    pub fn backend(&self) -> Backend {
        self.0.backend()
    }

    /// Address of the key: the session's name on chain.
    pub fn address(&self) -> Address {
        self.0.address()
    }

    /// The private key, for a store that encrypts it. The copy is overwritten when dropped.
    #[cfg(feature = "native")]
    pub(super) fn secret(&self) -> Zeroizing<[u8; 32]> {
        self.0.secret_bytes()
    }

    /// A signer that prepares up to `capacity` signatures while idle. Read [`Presigner`] first: it gives up
    /// determinism, and with it the safety of copies of this process's memory.
    pub fn presigned(self, capacity: usize) -> Presigner {
        Presigner::new(self.0, capacity)
    }
}

impl Signer for SessionKey {
    fn address(&self) -> Address {
        self.0.address()
    }

    fn sign_hash(&self, hash: &B256) -> Signature {
        self.0.sign_hash(hash)
    }

    fn sign_batch(&self, hashes: &[B256], out: &mut Vec<Signature>) {
        self.0.sign_batch(hashes, out);
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionKey").field("address", &self.address()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::primitives::{address, hex};

    const SECRET: [u8; 32] = hex!("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");

    #[test]
    fn a_key_knows_its_address_and_keeps_its_secret() {
        let key = SessionKey::from_bytes(&SECRET).expect("a valid scalar");
        assert_eq!(key.address(), address!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266"));
        let shown = format!("{key:?}").to_lowercase();
        assert!(!shown.contains("ac0974be"), "Debug must not show the secret: {shown}");
    }

    #[test]
    fn zero_and_the_group_order_are_not_keys() {
        let order = hex!("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
        for bytes in [[0; 32], order] {
            assert!(matches!(SessionKey::from_bytes(&bytes), Err(KeyError::NotAScalar)));
        }
    }
}
