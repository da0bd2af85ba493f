//! RFC 6979: the one-time scalar `k`, derived from the key and the hash by HMAC-DRBG with SHA-256.
//!
//! Written out for the one case that is needed here, a 32-byte key and a 32-byte hash, because the general
//! implementation spends three times as long: it hashes each HMAC key again for each output, and once more after
//! the last one. SHA-256's compression function is the `sha2` crate's, with the processor's own instructions where
//! it has them.

use std::ops::Range;

use alloy::primitives::B256;
use k256::elliptic_curve::{ff::PrimeField, ops::Reduce};
use k256::{FieldBytes, Scalar};
use sha2::block_api::compress256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// SHA-256's state.
type Words = [u32; 8];

/// SHA-256's initial state (FIPS 180-4, 5.3.3).
const INITIAL: Words =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// Bytes of a block of SHA-256.
const BLOCK: usize = 64;

/// `V`, the tag byte, the key and the hash: the longest message that is ever hashed.
const MESSAGE: usize = 32 + 1 + 32 + 32;

/// Place of the tag byte, which tells the steps of the derivation apart.
const TAG: usize = 32;

/// Place of the private key.
const KEY: usize = TAG + 1;

/// Place of the reduced hash.
const HASH: usize = KEY + 32;

/// A private key as RFC 6979 wants it.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(super) struct NonceKey {
    secret: [u8; 32],
    /// The HMAC of the first, all-zero HMAC key, with the first block of the first message hashed as well: `V`, the
    /// tag and the key but for its last byte are the same for every hash.
    start: Hmac,
}

impl NonceKey {
    pub(super) fn new(secret: &Scalar) -> Self {
        let mut block = Zeroizing::new([1; BLOCK]);
        let mut key = Self { secret: secret.to_bytes().into(), start: Hmac::new(&[0; 8], &mut block) };
        block.fill(1);
        block[TAG] = 0;
        block[KEY..].copy_from_slice(&key.secret[..BLOCK - KEY]);
        compress256(&mut key.start.inner, std::slice::from_ref(&*block));
        key
    }

    /// The candidates for `k` that belong to a hash.
    pub(super) fn nonces(&self, hash: &B256) -> Nonces {
        let mut nonces = Nonces {
            message: [1; MESSAGE],
            hmac: Hmac { ..self.start },
            digest: [0; 8],
            blocks: [[0; BLOCK]; 2],
            used: false,
        };
        nonces.message[KEY..HASH].copy_from_slice(&self.secret);
        nonces.message[HASH..].copy_from_slice(&reduce(hash).to_bytes());
        nonces.update(0, BLOCK..MESSAGE);
        nonces.update(1, 0..MESSAGE);
        nonces
    }
}

/// A hash as a scalar, modulo the group order.
pub(super) fn reduce(hash: &B256) -> Scalar {
    <Scalar as Reduce<FieldBytes>>::reduce(&hash.0.into())
}

/// HMAC-SHA-256 with the key already hashed on both sides.
#[derive(Zeroize, ZeroizeOnDrop)]
struct Hmac {
    inner: Words,
    outer: Words,
}

impl Hmac {
    fn new(key: &Words, block: &mut [u8; BLOCK]) -> Self {
        let mut side = |pad: u8| {
            block.fill(pad);
            for (bytes, word) in block.chunks_exact_mut(4).zip(key) {
                bytes.copy_from_slice(&(word ^ u32::from_be_bytes([pad; 4])).to_be_bytes());
            }
            let mut state = INITIAL;
            compress256(&mut state, std::slice::from_ref(block));
            state
        };
        Self { inner: side(0x36), outer: side(0x5c) }
    }
}

/// The sequence of candidates; the second is needed once in 2^127 times.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(super) struct Nonces {
    /// `V ‖ tag ‖ key ‖ hash`: `V` lives in the message that it is hashed with.
    message: [u8; MESSAGE],
    hmac: Hmac,
    digest: Words,
    blocks: [[u8; BLOCK]; 2],
    used: bool,
}

impl Nonces {
    /// The next candidate in the range from 1 to the group order.
    pub(super) fn next(&mut self) -> Zeroizing<Scalar> {
        loop {
            if self.used {
                self.update(0, 0..KEY);
            }
            self.used = true;
            self.advance();
            let mut bytes = FieldBytes::default();
            bytes.copy_from_slice(&self.message[..TAG]);
            let candidate: Option<Scalar> = Scalar::from_repr(bytes).into();
            bytes.zeroize();
            if let Some(k) = candidate.filter(|k| !bool::from(k.is_zero())) {
                return Zeroizing::new(k);
            }
        }
    }

    /// `K = HMAC(K, V ‖ tag ‖ …)`, then `V = HMAC(K, V)`.
    fn update(&mut self, tag: u8, part: Range<usize>) {
        self.message[TAG] = tag;
        self.mac(part);
        self.hmac = Hmac::new(&self.digest, &mut self.blocks[0]);
        self.advance();
    }

    /// `V = HMAC(K, V)`.
    fn advance(&mut self) {
        self.mac(0..TAG);
        write(&self.digest, &mut self.message);
    }

    /// The HMAC of the message's first `part.end` bytes, of which those before `part.start` are hashed already.
    fn mac(&mut self, part: Range<usize>) {
        let (hashed, message) = (BLOCK + part.end, &self.message[part]);
        let blocks = &mut self.blocks[..(message.len() + 9).div_ceil(BLOCK)];
        let padded = blocks.as_flattened_mut();
        padded[..message.len()].copy_from_slice(message);
        pad(padded, message.len(), hashed);
        self.digest = self.hmac.inner;
        compress256(&mut self.digest, blocks);

        let block = &mut self.blocks[0];
        write(&self.digest, block);
        pad(block, 32, BLOCK + 32);
        self.digest = self.hmac.outer;
        compress256(&mut self.digest, std::slice::from_ref(block));
    }
}

fn write(words: &Words, out: &mut [u8]) {
    for (bytes, word) in out.chunks_exact_mut(4).zip(words) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
}

/// SHA-256's padding behind `length` bytes in the last blocks of a message of `total` bytes.
fn pad(padded: &mut [u8], length: usize, total: usize) {
    let end = padded.len() - 8;
    padded[length] = 0x80;
    padded[length + 1..end].fill(0);
    padded[end..].copy_from_slice(&(8 * total as u64).to_be_bytes());
}
