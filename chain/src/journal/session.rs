//! One session's part of the journal, behind its lock.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::time::Instant;

use alloy::primitives::{Address, B256};
use metrics::{Histogram, histogram};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::file::open_lock;
use super::record::{Entry, Header, OTHER_CHAIN};
use super::{Journal, JournalError};
use crate::lane::{Record, Restored};

/// How long after its end a session's transactions are kept, in seconds: a week to look at them. No chain carries
/// them out any more.
const KEEP_AFTER_END_S: u64 = 7 * 24 * 3_600;

/// Time to keep what one step has signed, in seconds.
const WRITES: &str = "latchkey_journal_seconds";

/// Rows of each nonce, one for each transaction that was signed for it.
type Rows = BTreeMap<u64, Vec<i64>>;

/// What an earlier run has left.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// Transactions without an end, in nonce order.
    pub(crate) restored: Vec<Restored>,
    /// The highest number that an action was given, or 0.
    pub(crate) last_id: u64,
}

/// Writes one session's records. The lock file is held as long as this lives.
#[derive(Debug)]
pub(crate) struct SessionJournal {
    journal: Journal,
    header: Header,
    row: i64,
    rows: Rows,
    last_id: u64,
    took: Histogram,
    _lock: File,
}

impl SessionJournal {
    /// Takes the session's lock and what is kept of it; `now` is the chain's time in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`JournalError`]; [`JournalError::OtherHistory`] once, after which the session begins anew.
    pub(crate) fn open(journal: &Journal, header: Header, now: u64) -> Result<(Self, Kept), JournalError> {
        let lock = lock(journal, header.chain_id, header.key)?;
        let mut connection = journal.connection();
        let opened = find(&mut connection, &header, now);
        drop(connection);
        let found = opened.map_err(|error| journal.fault(&error))?;
        if let Some((bytes, bodies)) = &found.aside {
            let then = Header::from_bytes(bytes);
            let reason = then.map_or(Some("its head is damaged"), |then| then.differs(&header));
            return Err(JournalError::OtherHistory {
                path: journal.path().to_owned(),
                key: header.key,
                transactions: *bodies,
                reason: reason.unwrap_or("its head is damaged"),
            });
        }
        let mut kept = Kept { restored: Vec::new(), last_id: found.last_id };
        let mut rows = Rows::new();
        let mut open = BTreeMap::<u64, Restored>::new();
        for (id, body) in found.entries {
            let entry = Entry::from_bytes(&body, &header);
            let entry = entry.ok_or_else(|| journal.torn("a transaction in it is not as it was written"))?;
            kept.last_id = entry.actions.iter().map(|id| id.0).fold(kept.last_id, u64::max);
            rows.entry(entry.nonce).or_default().push(id);
            let restored = open.entry(entry.nonce).or_default();
            restored.nonce = entry.nonce;
            restored.variants.push((entry.hash, entry.raw));
            restored.actions = entry.actions;
        }
        kept.restored = open.into_values().collect();
        let (journal, row, last_id) = (journal.clone(), found.row, kept.last_id);
        let took = histogram!(WRITES);
        Ok((Self { journal, header, row, rows, last_id, took, _lock: lock }, kept))
    }

    #[cfg(test)]
    pub(super) fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Writes all of `records` or none. When this returns, they survive what the journal's durability says.
    pub(crate) fn write<'a>(&mut self, records: impl Iterator<Item = &'a Record>) -> Result<(), JournalError> {
        let begun = Instant::now();
        let mut connection = self.journal.connection();
        let written = write(&mut connection, self.row, &self.header, &self.rows, self.last_id, records);
        drop(connection);
        let (rows, last_id) = written.map_err(|error| self.journal.fault(&error))?;
        (self.rows, self.last_id) = (rows, last_id);
        self.took.record(begun.elapsed().as_secs_f64());
        Ok(())
    }
}

impl Journal {
    /// Sets aside what is kept of `key` when it was signed for a chain whose first block was another.
    ///
    /// # Errors
    ///
    /// [`JournalError::OtherHistory`] when that was so.
    pub(crate) fn refuse_other_chain(&self, chain_id: u64, key: Address, genesis: B256) -> Result<(), JournalError> {
        let _lock = lock(self, chain_id, key)?;
        let aside = set_aside(&mut self.connection(), chain_id, key, genesis).map_err(|error| self.fault(&error))?;
        match aside {
            Some(transactions) => {
                let path = self.path().to_owned();
                Err(JournalError::OtherHistory { path, key, transactions, reason: OTHER_CHAIN })
            }
            None => Ok(()),
        }
    }
}

fn set_aside(
    connection: &mut Connection,
    chain_id: u64,
    key: Address,
    genesis: B256,
) -> rusqlite::Result<Option<usize>> {
    let work = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let Some((row, _, bytes)) = live(&work, chain_id, key)? else { return Ok(None) };
    let other = Header::from_bytes(&bytes).is_some_and(|then| then.other_chain(genesis));
    let transactions = entries(&work, row)?.len();
    if !other || transactions == 0 {
        return Ok(None);
    }
    work.execute("UPDATE sessions SET aside = 1 WHERE id = ?1", params![row])?;
    work.commit()?;
    Ok(Some(transactions))
}

/// Row, highest number and head of the session that is not set aside.
fn live(work: &Transaction<'_>, chain_id: u64, key: Address) -> rusqlite::Result<Option<(i64, i64, Vec<u8>)>> {
    let live = "SELECT id, last_id, header FROM sessions WHERE chain_id = ?1 AND key = ?2 AND aside = 0";
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    work.query_row(live, params![number(chain_id), key.as_slice()], row).optional()
}

fn lock(journal: &Journal, chain_id: u64, key: Address) -> Result<File, JournalError> {
    let path = journal.path().with_file_name(format!("{chain_id}-{key}.lock"));
    let file = open_lock(&path).map_err(|error| JournalError::io(&path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(JournalError::Locked { path, key }),
        Err(TryLockError::Error(error)) => Err(JournalError::io(&path, &error)),
    }
}

#[derive(Default)]
struct Found {
    row: i64,
    last_id: u64,
    entries: Vec<(i64, Vec<u8>)>,
    /// Head and number of transactions of another history that stood here.
    aside: Option<(Vec<u8>, usize)>,
}

fn find(connection: &mut Connection, header: &Header, now: u64) -> rusqlite::Result<Found> {
    let work = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let (chain_id, over) = (number(header.chain_id), number(now.saturating_sub(KEEP_AFTER_END_S)));
    // This key's own row is looked at below: on a chain that began anew another time is no end.
    let ended = "SELECT id FROM sessions WHERE chain_id = ?1 AND valid_until < ?2 AND NOT (key = ?3 AND aside = 0)";
    let ended_of = params![chain_id, over, header.key.as_slice()];
    work.execute(&format!("DELETE FROM entries WHERE session IN ({ended})"), ended_of)?;
    work.execute(&format!("DELETE FROM sessions WHERE id IN ({ended})"), ended_of)?;

    let found = match live(&work, header.chain_id, header.key)? {
        None => Found { row: begin(&work, header)?, ..Found::default() },
        Some((row, last_id, bytes)) => {
            let entries = entries(&work, row)?;
            let last_id = last_id.try_into().unwrap_or(0);
            if Header::from_bytes(&bytes).is_some_and(|then| then.differs(header).is_none()) {
                Found { row, last_id, entries, aside: None }
            } else {
                work.execute("UPDATE sessions SET aside = 1 WHERE id = ?1", params![row])?;
                // Without an open transaction nothing was set aside that anybody could miss.
                let aside = (!entries.is_empty()).then_some((bytes, entries.len()));
                Found { row: begin(&work, header)?, aside, ..Found::default() }
            }
        }
    };
    work.commit()?;
    Ok(found)
}

fn begin(work: &Transaction<'_>, header: &Header) -> rusqlite::Result<i64> {
    let new = "INSERT INTO sessions (chain_id, key, valid_until, header) VALUES (?1, ?2, ?3, ?4)";
    let (chain_id, until) = (number(header.chain_id), number(header.valid_until));
    work.execute(new, params![chain_id, header.key.as_slice(), until, header.to_bytes()])?;
    Ok(work.last_insert_rowid())
}

fn entries(work: &Transaction<'_>, session: i64) -> rusqlite::Result<Vec<(i64, Vec<u8>)>> {
    let mut all = work.prepare("SELECT id, body FROM entries WHERE session = ?1 ORDER BY id")?;
    all.query_map(params![session], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

fn write<'a>(
    connection: &mut Connection,
    session: i64,
    header: &Header,
    rows: &Rows,
    mut last_id: u64,
    records: impl Iterator<Item = &'a Record>,
) -> rusqlite::Result<(Rows, u64)> {
    let mut rows = rows.clone();
    let mut settled = false;
    let work = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for record in records {
        match record {
            Record::Signed { nonce, hash, raw, actions } => {
                last_id = actions.iter().map(|id| id.0).fold(last_id, u64::max);
                let entry = Entry { nonce: *nonce, hash: *hash, raw: raw.clone(), actions: actions.clone() };
                let mut insert = work.prepare_cached("INSERT INTO entries (session, body) VALUES (?1, ?2)")?;
                let row = insert.insert(params![session, entry.to_bytes(header)])?;
                rows.entry(*nonce).or_default().push(row);
            }
            Record::Settled { nonce } => {
                settled = true;
                let mut delete = work.prepare_cached("DELETE FROM entries WHERE id = ?1")?;
                for row in rows.remove(nonce).into_iter().flatten() {
                    delete.execute(params![row])?;
                }
            }
        }
    }
    if settled {
        // The entries that told the highest number may be gone now.
        let mut update = work.prepare_cached("UPDATE sessions SET last_id = ?1 WHERE id = ?2")?;
        update.execute(params![number(last_id), session])?;
    }
    work.commit()?;
    Ok((rows, last_id))
}

/// SQLite's integers are signed; what lies beyond half the range is no time, chain or count that occurs.
fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
