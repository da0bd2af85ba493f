//! The library's own signers, in this process.

use std::hint::black_box;
use std::ops::Range;
use std::time::Instant;

use alloy::primitives::{B256, Signature};
use latchkey::SessionKey;
use latchkey::model::{ActionId, Model};
use latchkey::pure::{Batcher, MethodTable, Sealer};
use latchkey::signer::{Backend, PRESIGNATURES_MAX, Presigner, Signer};

use crate::candidate::{About, Candidate, Kind, Operation, Sample};
use crate::world::{FEES, GAME, Monsters, key, methods};

/// The default of the library: k256, one signature at a time.
pub const SINGLE: &str = "latchkey";
/// k256, a backlog of 8 at once.
pub const BULK_8: &str = "latchkey, bulk of 8";
/// k256, a backlog of 64 at once.
pub const BULK_64: &str = "latchkey, bulk of 64";
/// Feature `libsecp256k1`, one signature at a time.
pub const LIBSECP_SINGLE: &str = "latchkey with libsecp256k1";
/// Feature `libsecp256k1`, a backlog of 64 at once.
pub const LIBSECP_BULK_64: &str = "latchkey with libsecp256k1, bulk of 64";
/// k256 with presignatures that were prepared while idle.
pub const PRESIGNED: &str = "latchkey, presigned";

/// Everything that the library signs with.
pub fn candidates() -> Vec<Box<dyn Candidate>> {
    let keyed = |name, backend, size| -> Box<dyn Candidate> {
        Box::new(Keyed { about: about(name, Kind::Ours), signer: key(backend), size, desk: Desk::default() })
    };
    vec![
        keyed(SINGLE, Backend::K256, 1),
        keyed(BULK_8, Backend::K256, 8),
        keyed(BULK_64, Backend::K256, 64),
        keyed(LIBSECP_SINGLE, Backend::Libsecp256k1, 1),
        keyed(LIBSECP_BULK_64, Backend::Libsecp256k1, 64),
        Box::new(Presigned {
            about: about(PRESIGNED, Kind::Presigned),
            signer: key(Backend::K256).presigned(PRESIGNATURES_MAX),
            desk: Desk::default(),
        }),
    ]
}

fn about(name: &'static str, kind: Kind) -> About {
    About { name, version: format!("latchkey {}", env!("CARGO_PKG_VERSION")), kind }
}

/// The `at`th message's hash, the same as the peers'.
fn hash(at: u64) -> B256 {
    B256::left_padding_from(&(at + 1).to_be_bytes())
}

/// What stands between actions and their signatures, with the buffers that the signing thread keeps as well.
struct Desk {
    methods: MethodTable,
    batcher: Batcher,
    sealer: Sealer,
    hashes: Vec<B256>,
    signatures: Vec<Signature>,
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            methods: methods(),
            batcher: Batcher::new(1, Default::default()),
            sealer: Sealer::new(31_337, GAME),
            hashes: Vec::new(),
            signatures: Vec::new(),
        }
    }
}

impl Desk {
    /// Works a backlog of so many off, one action to a transaction.
    fn operate(&mut self, operation: Operation, signer: &dyn Signer, backlog: Range<u64>) {
        match operation {
            Operation::Sign if backlog.end - backlog.start == 1 => {
                black_box(signer.sign_hash(&hash(backlog.start)));
            }
            Operation::Sign => {
                self.hashes.clear();
                self.hashes.extend(backlog.map(hash));
                self.signatures.clear();
                signer.sign_batch(&self.hashes, &mut self.signatures);
                black_box(&self.signatures);
            }
            Operation::Raw => {
                for at in backlog {
                    let call = self.methods.pack(Monsters.encode(&((at % 12) as u8))).expect("an allowed call");
                    self.batcher.push(ActionId(at), call, Default::default());
                    let batch = self.batcher.cut().expect("what was pushed");
                    self.sealer.draft(&batch, at, FEES);
                }
                self.sealer.sign(signer).for_each(|transaction| drop(black_box(transaction)));
            }
        }
    }
}

/// A key that works its backlog off so many at a time.
struct Keyed {
    about: About,
    signer: SessionKey,
    size: u64,
    desk: Desk,
}

impl Candidate for Keyed {
    fn about(&self) -> &About {
        &self.about
    }

    fn sample(&mut self, operation: Operation, count: u64) -> Result<Option<Sample>, String> {
        let operations = count.next_multiple_of(self.size);
        let begun = Instant::now();
        for at in (0..operations).step_by(self.size as usize) {
            self.desk.operate(operation, &self.signer, at..at + self.size);
        }
        Ok(Some(Sample { operations, took: begun.elapsed() }))
    }
}

struct Presigned {
    about: About,
    signer: Presigner,
    desk: Desk,
}

impl Candidate for Presigned {
    fn about(&self) -> &About {
        &self.about
    }

    /// Prepares as many as are kept, which is not measured, then uses all of them.
    fn sample(&mut self, operation: Operation, _count: u64) -> Result<Option<Sample>, String> {
        while self.signer.prepare() {}
        let operations = self.signer.ready() as u64;
        if operations == 0 {
            return Err("the system gave no randomness for presignatures".to_owned());
        }
        let begun = Instant::now();
        (0..operations).for_each(|at| self.desk.operate(operation, &self.signer, at..at + 1));
        Ok(Some(Sample { operations, took: begun.elapsed() }))
    }
}
