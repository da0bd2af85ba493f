//! Signing 32-byte hashes with a secp256k1 key, as fast as the machine allows.
//!
//! | module | what lives there |
//! |---|---|
//! | `nonce` | RFC 6979: the one-time scalar `k` of a signature |
//! | `presignature` | what of a signature does not depend on the hash, and how a hash completes it |
//! | `local` | a private key, its backend, single and bulk signing |
//! | `presigner` | presignatures prepared while idle; opt-in |
//! | `libsecp` | libsecp256k1 (feature `libsecp256k1`): the library's only unsafe code |
//!
//! Every path but the presigner gives the same bytes: deterministic by RFC 6979, low s (EIP-2). Nothing secret takes
//! a variable time: scalars are selected, never branched on, and each intermediate is overwritten on drop.

mod local;
mod nonce;
mod presignature;
mod presigner;

#[cfg(feature = "libsecp256k1")]
mod libsecp;
#[cfg(test)]
mod tests;

use std::fmt;

use alloy::primitives::{Address, B256, Signature};

pub(crate) use local::LocalKey;
pub use local::{BULK, KeyError};
pub use presigner::{PRESIGNATURES_MAX, Presigner};

/// Something that signs 32-byte hashes for one address. Its `Debug` must show nothing secret.
pub trait Signer: fmt::Debug + Send {
    /// Address that the signatures recover to.
    fn address(&self) -> Address;

    /// Signs a hash: ECDSA over secp256k1 with low s (EIP-2).
    fn sign_hash(&self, hash: &B256) -> Signature;

    /// Signs several hashes and appends their signatures to `out`, in order.
    ///
    /// A signer that shares work between signatures is faster here than hash by hash; the signatures are the same.
    fn sign_batch(&self, hashes: &[B256], out: &mut Vec<Signature>) {
        out.extend(hashes.iter().map(|hash| self.sign_hash(hash)));
    }

    /// Does some of the next signatures' work ahead of time: at most about one signature's worth, so that a hash
    /// that comes meanwhile hardly waits. True when it is worth being called again.
    ///
    /// The signing thread calls it while there is nothing to sign.
    fn prepare(&self) -> bool {
        false
    }
}

/// Which code multiplies curve points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// The `k256` crate: pure Rust, no unsafe code in this library.
    K256,
    /// libsecp256k1: C, about twice as fast.
    #[cfg(feature = "libsecp256k1")]
    Libsecp256k1,
}

impl Default for Backend {
    /// The fastest one that was compiled in.
    fn default() -> Self {
        #[cfg(feature = "libsecp256k1")]
        return Self::Libsecp256k1;
        #[cfg(not(feature = "libsecp256k1"))]
        Self::K256
    }
}
