//! Something that signs, and how a sample of it is taken.

use std::time::Duration;

use serde::Serialize;

/// What is measured of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// A recoverable signature of a 32-byte hash.
    Sign,
    /// From a player's action to the bytes and the hash of a signed EIP-1559 transaction.
    Raw,
}

impl Operation {
    /// Both, in the order of the report.
    pub const ALL: [Self; 2] = [Self::Sign, Self::Raw];

    /// Its name in the workers' line protocol.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sign => "sign",
            Self::Raw => "raw",
        }
    }

    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Sign => "signature",
            Self::Raw => "action to raw transaction",
        }
    }
}

/// How a candidate's figures are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The library's own, deterministic by RFC 6979.
    Ours,
    /// The library's own presignatures: not deterministic, and paid for in advance while idle.
    Presigned,
    /// Somebody else's.
    Peer,
}

/// Who is measured.
#[derive(Clone, Debug)]
pub struct About {
    /// Short name, one of a kind; goals refer to it.
    pub name: &'static str,
    /// Versions of what signs.
    pub version: String,
    /// How the figures are to be read.
    pub kind: Kind,
}

/// How long so many operations in a row took.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Operations, at least one.
    pub operations: u64,
    /// Wall-clock time of all of them.
    pub took: Duration,
}

impl Sample {
    /// Nanoseconds per operation.
    pub fn ns(&self) -> f64 {
        self.took.as_nanos() as f64 / self.operations.max(1) as f64
    }
}

/// Something that signs.
pub trait Candidate {
    /// Who it is.
    fn about(&self) -> &About;

    /// Carries an operation out about `count` times in a row; none when it has no such operation.
    ///
    /// # Errors
    ///
    /// Why it cannot be measured any further, in words.
    fn sample(&mut self, operation: Operation, count: u64) -> Result<Option<Sample>, String>;
}
