//! What was signed, kept on disk until the chain has used it.
//!
//! One file per directory, `latchkey.journal`, an SQLite database that several processes may share; one lock file per
//! session key. A transaction is in the file before its first byte goes to an endpoint, and leaves it with its end.
//!
//! | file | what lives there |
//! |---|---|
//! | `file` | the database: is it ours, is it whole, how durable is a write |
//! | `record` | one transaction and one session as bytes, with a checksum |
//! | `session` | one session's part of the file, behind its lock |
//! | `gate` | lets nothing out of the lane before what precedes it is kept |

mod error;
mod file;
mod gate;
mod record;
mod session;
#[cfg(test)]
mod tests;

pub use error::JournalError;
pub use file::{Durability, Journal};

pub(crate) use gate::Gate;
pub(crate) use record::Header;
pub(crate) use session::{Kept, SessionJournal};
