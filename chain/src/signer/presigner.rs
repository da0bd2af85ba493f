//! Presignatures prepared while idle.

use std::cell::{Cell, RefCell};
use std::fmt;

use alloy::primitives::{Address, B256, Signature, keccak256};
use zeroize::Zeroizing;

use super::presignature::Presignature;
use super::{LocalKey, Signer};

/// Most presignatures that one key keeps.
///
/// A session with eight transactions in flight uses eight at once; the rest is for replacements and a backlog.
pub const PRESIGNATURES_MAX: usize = 64;

/// Sets the seeds of presignatures apart from every hash that is ever signed.
const DOMAIN: &[u8] = b"latchkey presignature v1";

/// A key that keeps signatures half done: a hash then costs two multiplications instead of a curve point.
///
/// Opt-in through [`SessionKey::presigned`](crate::SessionKey::presigned). The one-time scalars come from the
/// private key *and* 32 fresh bytes of the operating system, so that neither a weak generator nor a leaked one is
/// enough to tell them. Each is used for one signature and overwritten; they live in memory only, at most
/// [`PRESIGNATURES_MAX`] of them, and end with the key. When none is left, a hash is signed deterministically.
///
/// **What is given up:** determinism. The same hash is signed differently each time, so signatures cannot be compared
/// with another implementation's, and a copy of the process's memory is a copy of its one-time scalars. If two copies
/// go on signing, the same scalar signs two hashes, and anyone who sees both computes the private key. Do not use it
/// where memory is copied while the process lives: virtual machines that are snapshotted and resumed, or restored
/// checkpoints of a container. A forked child is noticed by its process id and drops what it inherited.
pub struct Presigner {
    key: LocalKey,
    kept: RefCell<Vec<Presignature>>,
    capacity: usize,
    prepared: Cell<u64>,
    process: Cell<u32>,
}

impl Presigner {
    /// A presigner that keeps up to `capacity` presignatures, at most [`PRESIGNATURES_MAX`]; it has none yet.
    pub(crate) fn new(key: LocalKey, capacity: usize) -> Self {
        let capacity = capacity.min(PRESIGNATURES_MAX);
        let (kept, process) = (RefCell::new(Vec::with_capacity(capacity)), Cell::new(process()));
        Self { key, kept, capacity, prepared: Cell::new(0), process }
    }

    /// Presignatures that are ready.
    pub fn ready(&self) -> usize {
        self.kept.borrow().len()
    }

    /// Takes one out; whoever holds it may use it once.
    fn take(&self) -> Option<Presignature> {
        self.drop_inherited();
        let mut kept = self.kept.borrow_mut();
        // `pop` alone would leave its bytes behind in the vector's memory.
        let last = kept.last_mut().map(std::mem::take);
        kept.pop();
        last
    }

    /// Forgets what a parent process has as well.
    fn drop_inherited(&self) {
        let process = process();
        if self.process.replace(process) != process {
            self.kept.borrow_mut().clear();
        }
    }

    /// Where a one-time scalar comes from, besides the key: never the same twice, and never a hash that is signed.
    fn seed(&self) -> Option<B256> {
        let mut random = Zeroizing::new([0; 32]);
        getrandom::fill(random.as_mut()).ok()?;
        let count = self.prepared.get();
        self.prepared.set(count + 1);
        let parts = [DOMAIN, &self.process.get().to_be_bytes(), &count.to_be_bytes(), &*random];
        Some(keccak256(Zeroizing::new(parts.concat())))
    }
}

/// This process's id. A browser has none, and cannot fork.
fn process() -> u32 {
    if cfg!(target_family = "wasm") { 0 } else { std::process::id() }
}

impl Signer for Presigner {
    fn address(&self) -> Address {
        self.key.address()
    }

    fn sign_hash(&self, hash: &B256) -> Signature {
        let presigned = self.take().and_then(|presignature| presignature.complete(hash));
        presigned.unwrap_or_else(|| self.key.sign_hash(hash))
    }

    fn sign_batch(&self, hashes: &[B256], out: &mut Vec<Signature>) {
        let (presigned, rest) = hashes.split_at(self.ready().min(hashes.len()));
        out.extend(presigned.iter().map(|hash| self.sign_hash(hash)));
        self.key.sign_batch(rest, out);
    }

    /// Prepares one presignature; without randomness none, and hashes are then signed deterministically.
    fn prepare(&self) -> bool {
        self.drop_inherited();
        let room = self.ready() < self.capacity;
        let presignature = room.then(|| self.seed()).flatten().and_then(|seed| self.key.presign(&seed));
        let Some(presignature) = presignature else { return false };
        let mut kept = self.kept.borrow_mut();
        kept.push(presignature);
        kept.len() < self.capacity
    }
}

impl fmt::Debug for Presigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presigner").field("address", &self.address()).finish_non_exhaustive()
    }
}
