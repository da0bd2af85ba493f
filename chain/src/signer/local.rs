//! A private key in this process's memory, its backend, single and bulk signing.

use std::fmt;

use alloy::primitives::{Address, B256, Signature, keccak256};
use k256::elliptic_curve::ff::{BatchInverter, PrimeField};
use k256::elliptic_curve::point::{AffineCoordinates, BatchNormalize};
use k256::{FieldBytes, ProjectivePoint, Scalar};
#[cfg(feature = "native")]
use zeroize::Zeroize;
use zeroize::Zeroizing;

use super::nonce::NonceKey;
use super::presignature::Presignature;
use super::{Backend, Signer};

/// Signatures that share one inversion, at most.
///
/// At 64 the shared inversions cost a fiftieth of a signature each; a longer run would gain nothing but stack.
pub const BULK: usize = 64;

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The operating system gave no randomness.
    #[error("the operating system gave no random bytes ({0}); a session key cannot be made safely")]
    NoRandomness(getrandom::Error),
    /// The bytes are not a secp256k1 scalar: zero, or not below the group order.
    #[error("these 32 bytes are not a secp256k1 private key")]
    NotAScalar,
}

/// A private key with the code that signs; everything secret in it is overwritten on drop.
pub(crate) struct LocalKey {
    secret: Zeroizing<Scalar>,
    nonces: NonceKey,
    address: Address,
    engine: Engine,
}

/// A backend with its state.
enum Engine {
    K256,
    #[cfg(feature = "libsecp256k1")]
    Libsecp256k1(super::libsecp::Context),
}

impl LocalKey {
    pub(crate) fn new(bytes: &[u8; 32], backend: Backend) -> Result<Self, KeyError> {
        let scalar: Option<Scalar> = Scalar::from_repr((*bytes).into()).into();
        let secret = Zeroizing::new(scalar.filter(|d| !bool::from(d.is_zero())).ok_or(KeyError::NotAScalar)?);
        let public = ProjectivePoint::mul_by_generator(&secret).to_affine();
        let hash = keccak256([public.x(), public.y()].concat());
        let address = Address::from_slice(&hash[12..]);
        Ok(Self { nonces: NonceKey::new(&secret), secret, address, engine: Engine::new(backend)? })
    }

    pub(crate) fn set_backend(&mut self, backend: Backend) -> Result<(), KeyError> {
        self.engine = Engine::new(backend)?;
        Ok(())
    }

    /// The private key, 32 bytes big endian.
    #[cfg(feature = "native")]
    pub(crate) fn secret_bytes(&self) -> Zeroizing<[u8; 32]> {
        let mut scalar = self.secret.to_repr();
        let mut bytes = Zeroizing::new([0; 32]);
        bytes.copy_from_slice(&scalar);
        scalar[..].zeroize();
        bytes
    }

    pub(crate) fn backend(&self) -> Backend {
        match self.engine {
            Engine::K256 => Backend::K256,
            #[cfg(feature = "libsecp256k1")]
            Engine::Libsecp256k1(_) => Backend::Libsecp256k1,
        }
    }

    /// A presignature whose one-time scalar is derived from the key and `seed`.
    pub(super) fn presign(&self, seed: &B256) -> Option<Presignature> {
        let [presignature] = self.presignatures(&[*seed]);
        presignature
    }

    /// The presignatures that belong to the hashes by RFC 6979.
    fn presignatures<const N: usize>(&self, hashes: &[B256; N]) -> [Option<Presignature>; N] {
        let mut k = Zeroizing::new([Scalar::ONE; N]);
        for (k, hash) in k.iter_mut().zip(hashes) {
            *k = *self.nonces.nonces(hash).next();
        }
        let points = self.engine.points(&k);
        let mut scratch = Zeroizing::new([Scalar::ONE; N]);
        BatchInverter::invert_with_external_scratch(&mut *k, &mut *scratch);
        std::array::from_fn(|at| {
            let (x, odd) = &points[at];
            Presignature::new(&self.secret, &k[at], x, *odd)
        })
    }

    /// Signs runs of `N` hashes until fewer are left, and returns those.
    fn sign_runs<'a, const N: usize>(&self, mut hashes: &'a [B256], out: &mut Vec<Signature>) -> &'a [B256] {
        while let Some((run, rest)) = hashes.split_first_chunk::<N>() {
            let presignatures = self.presignatures(run);
            out.extend(presignatures.into_iter().zip(run).map(|(presignature, hash)| {
                presignature
                    .and_then(|presignature| presignature.complete(hash))
                    .unwrap_or_else(|| self.sign_hash(hash))
            }));
            hashes = rest;
        }
        hashes
    }
}

impl Signer for LocalKey {
    fn address(&self) -> Address {
        self.address
    }

    fn sign_hash(&self, hash: &B256) -> Signature {
        let mut nonces = self.nonces.nonces(hash);
        loop {
            let k = nonces.next();
            if let Some(signature) = self.engine.sign(&self.secret, &k, hash) {
                return signature;
            }
        }
    }

    fn sign_batch(&self, hashes: &[B256], out: &mut Vec<Signature>) {
        out.reserve(hashes.len());
        // Whole runs need neither padding nor memory of their own; the sizes below keep a rest short.
        let rest = self.sign_runs::<BULK>(hashes, out);
        let rest = self.sign_runs::<32>(rest, out);
        let rest = self.sign_runs::<16>(rest, out);
        let rest = self.sign_runs::<8>(rest, out);
        let rest = self.sign_runs::<4>(rest, out);
        let rest = self.sign_runs::<2>(rest, out);
        out.extend(rest.iter().map(|hash| self.sign_hash(hash)));
    }
}

impl fmt::Debug for LocalKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalKey").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Engine {
    fn new(backend: Backend) -> Result<Self, KeyError> {
        match backend {
            Backend::K256 => Ok(Self::K256),
            #[cfg(feature = "libsecp256k1")]
            Backend::Libsecp256k1 => {
                let mut blinding = Zeroizing::new([0; 32]);
                getrandom::fill(blinding.as_mut()).map_err(KeyError::NoRandomness)?;
                Ok(Self::Libsecp256k1(super::libsecp::Context::new(&blinding)))
            }
        }
    }

    /// The signature with the one-time scalar `k`, or `None` where RFC 6979 asks for another `k`.
    fn sign(&self, secret: &Scalar, k: &Scalar, hash: &B256) -> Option<Signature> {
        match self {
            Self::K256 => {
                let [(x, odd)] = self.points(&[*k]);
                let inverse = Zeroizing::new(Option::<Scalar>::from(k.invert())?);
                Presignature::new(secret, &inverse, &x, odd)?.complete(hash)
            }
            // Its own inversion of a scalar is faster than k256's.
            #[cfg(feature = "libsecp256k1")]
            Self::Libsecp256k1(context) => {
                let [secret, k] = [secret, k].map(|scalar| Zeroizing::new(scalar.to_bytes().into()));
                context.sign(hash, &secret, &k)
            }
        }
    }

    /// The x coordinates of `k·G` and whether its y are odd.
    fn points<const N: usize>(&self, k: &[Scalar; N]) -> [(FieldBytes, bool); N] {
        match self {
            Self::K256 => {
                // The unscaled coordinates would give bits of `k` away.
                let points = Zeroizing::new(k.each_ref().map(ProjectivePoint::mul_by_generator));
                let affine = <ProjectivePoint as BatchNormalize<_>>::batch_normalize(&*points);
                affine.map(|point| (point.x(), point.y_is_odd().into()))
            }
            #[cfg(feature = "libsecp256k1")]
            Self::Libsecp256k1(context) => std::array::from_fn(|at| {
                let k: Zeroizing<[u8; 32]> = Zeroizing::new(k[at].to_bytes().into());
                context.point(&k)
            }),
        }
    }
}
