//! What of a signature does not depend on the hash, and how a hash completes it.

use alloy::primitives::{B256, Signature};
use k256::elliptic_curve::ops::Reduce;
use k256::elliptic_curve::scalar::IsHigh;
use k256::elliptic_curve::subtle::ConditionallySelectable;
use k256::{FieldBytes, Scalar};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::nonce::reduce;

/// `k⁻¹`, `r` and `r·d` of one one-time scalar `k` and one private key `d`.
///
/// Two signatures from one of these give the private key away: it is consumed by value and cannot be copied. It has
/// no `Debug` and no serialisation. The default is the empty one, which completes nothing.
#[derive(Default, Zeroize, ZeroizeOnDrop)]
pub(super) struct Presignature {
    k_inverse: Scalar,
    r: Scalar,
    rd: Scalar,
    /// Whether `k·G` has an odd y: half of the recovery id (the other half is 0 but for one `k` in 2^127).
    odd: bool,
}

impl Presignature {
    /// From `k⁻¹` and the affine coordinates of `k·G`; `None` for the one `k` in 2^256 that makes `r` zero.
    pub(super) fn new(key: &Scalar, k_inverse: &Scalar, x: &FieldBytes, odd: bool) -> Option<Self> {
        let r = <Scalar as Reduce<FieldBytes>>::reduce(x);
        if r.is_zero().into() {
            return None;
        }
        Some(Self { k_inverse: *k_inverse, r, rd: r * key, odd })
    }

    /// The signature of a hash; `None` for the one hash in 2^256 that makes `s` zero.
    pub(super) fn complete(self, hash: &B256) -> Option<Signature> {
        let s = self.k_inverse * (reduce(hash) + self.rd);
        if s.is_zero().into() {
            return None;
        }
        // A low s negates the point and with it the parity of y (EIP-2).
        let high = s.is_high();
        let s = Scalar::conditional_select(&s, &-s, high);
        let (r, s) = (self.r.to_bytes(), s.to_bytes());
        Some(Signature::from_scalars_and_parity(B256::new(r.into()), B256::new(s.into()), self.odd ^ bool::from(high)))
    }
}
