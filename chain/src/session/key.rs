//! The temporary key that signs a session's transactions.

use std::fmt;

use alloy::primitives::{Address, B256, Signature, keccak256};
use k256::ecdsa::SigningKey;
use zeroize::Zeroizing;

/// Tries at drawing a scalar below the group order; a second one is needed once in 2^128 times.
const MAX_DRAWS: usize = 4;

/// Why there is no session key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The operating system gave no randomness.
    #[error("the operating system gave no random bytes ({0}); a session key cannot be made safely")]
    NoRandomness(getrandom::Error),
    /// The bytes are not a secp256k1 scalar: zero, or not below the group order.
    #[error("these 32 bytes are not a secp256k1 private key")]
    NotAScalar,
}

/// Something that signs 32-byte hashes for one address.
pub trait Signer: Send {
    /// Address that the signatures recover to.
    fn address(&self) -> Address;

    /// Signs a hash: ECDSA over secp256k1, deterministic nonce (RFC 6979), low s (EIP-2).
    fn sign_hash(&self, hash: &B256) -> Signature;
}

/// A session's private key: made locally, held in memory only, overwritten when dropped.
///
/// It can neither be cloned nor printed; `Debug` shows the address alone.
pub struct SessionKey {
    secret: SigningKey,
    address: Address,
}

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
    /// [`KeyError::NotAScalar`] when the bytes are zero or not below the group order.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        let secret = SigningKey::from_slice(bytes).map_err(|_| KeyError::NotAScalar)?;
        let public = secret.verifying_key().to_sec1_point(false);
        let address = Address::from_slice(&keccak256(&public.as_bytes()[1..])[12..]);
        Ok(Self { secret, address })
    }

    /// Address of the key: the session's name on chain.
    pub fn address(&self) -> Address {
        self.address
    }
}

impl Signer for SessionKey {
    fn address(&self) -> Address {
        self.address
    }

    fn sign_hash(&self, hash: &B256) -> Signature {
        let (signature, recovery) = self.secret.sign_prehash_recoverable(hash.as_slice());
        let (r, s) = signature.split_bytes();
        Signature::from_scalars_and_parity(
            B256::from_slice(r.as_slice()),
            B256::from_slice(s.as_slice()),
            recovery.is_y_odd(),
        )
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionKey").field("address", &self.address).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::primitives::{address, hex};
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn signatures_recover_to_the_address_with_low_s(hash: [u8; 32]) {
            let key = SessionKey::from_bytes(&SECRET).expect("a valid scalar");
            let hash = B256::from(hash);
            let signature = key.sign_hash(&hash);
            prop_assert_eq!(signature.recover_address_from_prehash(&hash).ok(), Some(key.address()));
            prop_assert!(signature.normalize_s().is_none(), "s is already low");
            prop_assert_eq!(key.sign_hash(&hash), signature, "deterministic by RFC 6979");
        }
    }
}
