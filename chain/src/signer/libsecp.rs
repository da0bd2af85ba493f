//! libsecp256k1, through its C interface: the only unsafe code of this library.
//!
//! The safe `secp256k1` crate blinds its context anew after each signature, which doubles the cost of signing; here
//! it is blinded once, when the key is loaded. The one-time scalar comes from this library's RFC 6979, which uses the
//! processor's SHA-256 instructions; libsecp256k1's own does not.
#![allow(unsafe_code, reason = "a C library is called; every call says why it is sound")]

use std::ffi::{c_int, c_uchar, c_uint, c_void};
use std::ptr::{self, NonNull};

use alloy::primitives::{B256, Signature};
use k256::FieldBytes;
use secp256k1_sys as sys;
use secp256k1_sys::recovery as sys_recovery;

/// Length of an uncompressed point: a tag, x and y.
const POINT: usize = 65;

/// A context for signing, blinded against side channels.
pub(super) struct Context(NonNull<sys::Context>);

// SAFETY: the context is owned by this value alone and not bound to a thread.
unsafe impl Send for Context {}
// SAFETY: after `new` it is only read, which libsecp256k1 allows from several threads at once.
unsafe impl Sync for Context {}

impl Context {
    /// A context blinded with 32 random bytes.
    pub(super) fn new(blinding: &[u8; 32]) -> Self {
        // SAFETY: the flag is one of the documented ones; the call aborts rather than return a null pointer.
        let context = unsafe { sys::secp256k1_context_create(sys::SECP256K1_START_NONE) };
        // SAFETY: the context is new and unshared, the seed has the 32 bytes that are read.
        let blinded = unsafe { sys::secp256k1_context_randomize(context, blinding.as_ptr()) };
        assert_eq!(blinded, 1, "blinding fails for a static context only");
        Self(context)
    }

    /// The signature with the one-time scalar `k`, or `None` when `k` gives no valid one.
    pub(super) fn sign(&self, hash: &B256, secret: &[u8; 32], k: &[u8; 32]) -> Option<Signature> {
        let mut signature = sys_recovery::RecoverableSignature::new();
        // SAFETY: every pointer is to a live value of the length that is read or written: 32 bytes of hash, of key
        // and of `k`, which `hand_over` reads during this call alone.
        let signed = unsafe {
            let k = ptr::from_ref(k).cast();
            let (out, hash, secret) = (&raw mut signature, hash.as_ptr(), secret.as_ptr());
            sys_recovery::secp256k1_ecdsa_sign_recoverable(self.0.as_ptr(), out, hash, secret, Some(hand_over), k)
        };
        if signed != 1 {
            return None;
        }
        let (mut bytes, mut recovery): ([u8; 64], c_int) = ([0; 64], 0);
        // SAFETY: 64 bytes and an integer are written, the signature was filled in above.
        let serialized = unsafe {
            sys_recovery::secp256k1_ecdsa_recoverable_signature_serialize_compact(
                self.0.as_ptr(),
                bytes.as_mut_ptr(),
                &raw mut recovery,
                &raw const signature,
            )
        };
        assert_eq!(serialized, 1, "a signature that was just made can be written out");
        let (r, s) = bytes.split_at(32);
        Some(Signature::from_scalars_and_parity(B256::from_slice(r), B256::from_slice(s), recovery & 1 == 1))
    }

    /// The x coordinate of `k·G` and whether its y is odd; `k` must be in the range of a private key.
    pub(super) fn point(&self, k: &[u8; 32]) -> (FieldBytes, bool) {
        // SAFETY: all bit patterns are valid for this array of bytes, and it is only read after it was written.
        let mut point = unsafe { sys::PublicKey::new() };
        // SAFETY: 32 bytes are read, the point is written.
        let made = unsafe { sys::secp256k1_ec_pubkey_create(self.0.as_ptr(), &raw mut point, k.as_ptr()) };
        assert_eq!(made, 1, "a scalar between zero and the group order has a point");
        let (mut bytes, mut length) = ([0; POINT], POINT);
        // SAFETY: at most `length` bytes are written, and there are as many; the point was filled in above.
        let serialized = unsafe {
            sys::secp256k1_ec_pubkey_serialize(
                self.0.as_ptr(),
                bytes.as_mut_ptr(),
                &raw mut length,
                &raw const point,
                sys::SECP256K1_SER_UNCOMPRESSED,
            )
        };
        assert_eq!(serialized, 1, "a point that was just made can be written out");
        let mut x = FieldBytes::default();
        x.copy_from_slice(&bytes[1..33]);
        (x, bytes[POINT - 1] & 1 == 1)
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: it was made by `secp256k1_context_create`, and nothing uses it after this.
        unsafe { sys::secp256k1_context_destroy(self.0) }
    }
}

/// Gives libsecp256k1 the one-time scalar that was made for it; a second one is the caller's to make.
unsafe extern "C" fn hand_over(
    nonce: *mut c_uchar,
    _hash: *const c_uchar,
    _secret: *const c_uchar,
    _algorithm: *const c_uchar,
    k: *mut c_void,
    attempt: c_uint,
) -> c_int {
    if attempt > 0 {
        return 0;
    }
    // SAFETY: `nonce` has room for 32 bytes by libsecp256k1's contract, `k` has as many by `sign`'s.
    unsafe { ptr::copy_nonoverlapping(k.cast::<u8>(), nonce, 32) };
    1
}
