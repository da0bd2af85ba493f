//! libsecp256k1 through its C interface, with nothing around it.

use std::hint::black_box;
use std::ptr::{NonNull, null};

use secp256k1_sys::recovery::{RecoverableSignature, secp256k1_ecdsa_sign_recoverable};
use secp256k1_sys::types::AlignedType;
use secp256k1_sys::{
    Context, SECP256K1_START_SIGN, secp256k1_context_preallocated_create, secp256k1_context_preallocated_size,
    secp256k1_nonce_function_rfc6979,
};

use crate::{KEY, Worker, hash};

/// A signing context, kept for the life of the process.
pub struct Raw(NonNull<Context>);

impl Default for Raw {
    fn default() -> Self {
        // SAFETY: the size is the library's own, and the memory is leaked, so that the context stays valid.
        let context = unsafe {
            let bytes = secp256k1_context_preallocated_size(SECP256K1_START_SIGN);
            let memory = vec![AlignedType::ZERO; bytes.div_ceil(size_of::<AlignedType>())].leak();
            let memory = NonNull::new(memory.as_mut_ptr().cast()).expect("memory is not at zero");
            secp256k1_context_preallocated_create(memory, SECP256K1_START_SIGN)
        };
        Self(context)
    }
}

impl Worker for Raw {
    fn sign(&self, at: u64) {
        let message = hash(at);
        let mut signature = RecoverableSignature::new();
        // SAFETY: the context is a signing context, message and key are 32 bytes each.
        let done = unsafe {
            secp256k1_ecdsa_sign_recoverable(
                self.0.as_ptr(),
                &mut signature,
                message.as_ptr(),
                KEY.as_ptr(),
                secp256k1_nonce_function_rfc6979,
                null(),
            )
        };
        assert_eq!(done, 1, "a valid key signs");
        black_box(signature);
    }

    fn raw(&self, _at: u64) -> bool {
        false
    }
}
