//! The argument bytes of a call, on the stack while they are few.

use std::fmt;
use std::ops::Deref;

use alloy::primitives::hex;
use smallvec::SmallVec;

/// Bytes that are kept without the heap: three ABI words, which most methods of a game do not exceed.
const INLINE: usize = 96;

/// ABI-encoded arguments of one [`Call`](super::Call).
///
/// Up to 96 bytes are kept in place, so that [`act`](crate::Chain::act) allocates nothing; longer ones are as good, on
/// the heap. Reads as a byte slice.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Args(SmallVec<[u8; INLINE]>);

impl Args {
    /// No arguments.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends bytes to the end.
    pub fn push(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }
}

impl Deref for Args {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl From<&[u8]> for Args {
    fn from(bytes: &[u8]) -> Self {
        Self(SmallVec::from_slice(bytes))
    }
}

impl From<Vec<u8>> for Args {
    fn from(bytes: Vec<u8>) -> Self {
        Self(SmallVec::from_vec(bytes))
    }
}

impl fmt::Debug for Args {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode_prefixed(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_read_back_however_many_they_are() {
        for length in [0, 1, INLINE - 1, INLINE, INLINE + 1, 70_000] {
            let bytes: Vec<u8> = (0..length).map(|at| at as u8).collect();
            let mut args = Args::new();
            bytes.chunks(31).for_each(|chunk| args.push(chunk));
            assert_eq!(*args, *bytes);
            assert_eq!(args, Args::from(&bytes[..]));
            assert_eq!(args, Args::from(bytes));
        }
    }
}
