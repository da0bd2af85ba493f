//! The database file: is it ours, is it whole, how durable is a write.

use std::fmt;
use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use super::JournalError;
use super::record::{Entry, Header};

/// Name of the file in its directory.
const FILE: &str = "latchkey.journal";

/// Says in the file's head that it is ours: "LKJL".
const APPLICATION_ID: u32 = 0x4c4b_4a4c;

/// Version of the tables and records.
const FORMAT: u32 = 1;

/// First bytes of every SQLite database.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Length of its head, and where in it the format and the application stand, big endian.
const HEAD_BYTES: usize = 100;
const FORMAT_AT: usize = 60;
const APPLICATION_AT: usize = 68;

/// Longest wait for another process that writes to the same file. A write takes microseconds.
const BUSY: Duration = Duration::from_secs(2);

/// Bytes of a page, SQLite's default.
const PAGE_BYTES: u32 = 4_096;

/// Pages of the log after which it is folded into the database: a megabyte.
const CHECKPOINT_PAGES: u32 = 256;

/// Names that are tried for a damaged file before it is left where it is.
const ASIDE_MAX: u32 = 100;

const TABLES: &str = "
    CREATE TABLE sessions (
        id INTEGER PRIMARY KEY, chain_id INTEGER NOT NULL, key BLOB NOT NULL, aside INTEGER NOT NULL DEFAULT 0,
        valid_until INTEGER NOT NULL, last_id INTEGER NOT NULL DEFAULT 0, header BLOB NOT NULL
    );
    CREATE UNIQUE INDEX live ON sessions (chain_id, key) WHERE aside = 0;
    CREATE TABLE entries (id INTEGER PRIMARY KEY, session INTEGER NOT NULL, body BLOB NOT NULL);";

/// What a kept transaction survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Durability {
    /// The end of the process, `kill -9` included: the bytes are with the operating system, nobody waits for the
    /// disk. After a loss of power the latest ones may be missing.
    #[default]
    Process,
    /// A loss of power too: each write waits for the disk, on most a millisecond or more.
    Power,
}

/// A directory's journal; clones share it. Many sessions of one process, and several processes, may use one.
#[derive(Clone)]
pub struct Journal(Arc<Shared>);

struct Shared {
    connection: Mutex<Connection>,
    path: PathBuf,
    /// Shared by all who use the file: it is moved aside only when nobody else has it.
    _use: File,
}

impl Journal {
    /// Opens the journal in `dir`, or begins one there.
    ///
    /// # Errors
    ///
    /// [`JournalError`]. A file that is not a journal, or of a later format, is left as it is; a damaged one is moved
    /// aside, so that the next call begins a new one.
    pub fn open(dir: impl AsRef<Path>, durability: Durability) -> Result<Self, JournalError> {
        let dir = dir.as_ref();
        fs::create_dir_all(dir).map_err(|error| JournalError::io(dir, &error))?;
        let path = dir.join(FILE);
        let lock_path = dir.join(format!("{FILE}.lock"));
        let lock = || open_lock(&lock_path).map_err(|error| JournalError::io(&lock_path, &error));
        let shared = lock()?;
        shared.lock_shared().map_err(|error| JournalError::io(&lock_path, &error))?;
        match inspect(&path).and_then(|()| connect(&path, durability)) {
            Ok(connection) => Ok(Self(Arc::new(Shared { connection: Mutex::new(connection), path, _use: shared }))),
            Err(JournalError::Torn { path, reason, .. }) => {
                drop(shared);
                let alone = lock()?;
                let aside = alone.try_lock().is_ok().then(|| move_aside(&path)).flatten();
                Err(JournalError::Torn { path, aside, reason })
            }
            Err(other) => Err(other),
        }
    }

    /// Where the journal lies.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    pub(super) fn connection(&self) -> MutexGuard<'_, Connection> {
        // A panic elsewhere leaves no transaction open: each is rolled back when dropped.
        self.0.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn fault(&self, error: &rusqlite::Error) -> JournalError {
        fault(&self.0.path, error)
    }

    pub(super) fn torn(&self, reason: &str) -> JournalError {
        torn(&self.0.path, reason)
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Journal").field(&self.0.path).finish()
    }
}

/// A file to lock, made if it is not there; nothing is ever written to it.
pub(super) fn open_lock(path: &Path) -> std::io::Result<File> {
    File::options().read(true).append(true).create(true).open(path)
}

/// Looks at the head of the file before the database does: opening a stranger's would already change it.
fn inspect(path: &Path) -> Result<(), JournalError> {
    let log_bytes = fs::metadata(beside(path, "-wal")).map_or(0, |facts| facts.len());
    let mut head = Vec::with_capacity(HEAD_BYTES);
    match File::open(path) {
        Ok(file) => {
            file.take(HEAD_BYTES as u64).read_to_end(&mut head).map_err(|error| JournalError::io(path, &error))?;
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(JournalError::io(path, &error)),
    }
    if head.is_empty() {
        // The database would throw such a log away.
        return if log_bytes == 0 { Ok(()) } else { Err(torn(path, "it is empty, but its log is not")) };
    }
    if !MAGIC.starts_with(&head[..head.len().min(MAGIC.len())]) {
        return Err(JournalError::Foreign(path.to_owned()));
    }
    if head.len() < HEAD_BYTES {
        return Err(torn(path, "it ends within its head"));
    }
    if word(&head, APPLICATION_AT) != APPLICATION_ID {
        return Err(JournalError::Foreign(path.to_owned()));
    }
    known(path, word(&head, FORMAT_AT))
}

fn word(head: &[u8], at: usize) -> u32 {
    head[at..at + 4].iter().fold(0, |word, byte| word << 8 | u32::from(*byte))
}

fn known(path: &Path, found: u32) -> Result<(), JournalError> {
    (found <= FORMAT).then_some(()).ok_or_else(|| JournalError::Newer { path: path.to_owned(), found, known: FORMAT })
}

fn connect(path: &Path, durability: Durability) -> Result<Connection, JournalError> {
    let mut connection = prepare(path, durability).map_err(|error| fault(path, &error))?;
    let (format, damage) = verify(&mut connection).map_err(|error| fault(path, &error))?;
    known(path, format)?;
    damage.map_or(Ok(connection), |damage| Err(torn(path, &damage)))
}

fn prepare(path: &Path, durability: Durability) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    let begun = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if format(&begun)? == 0 {
        begun.execute_batch(TABLES)?;
        begun.pragma_update(None, "application_id", APPLICATION_ID)?;
        begun.pragma_update(None, "user_version", FORMAT)?;
    }
    begun.commit()?;
    // Only now: the file's own head, which `inspect` reads without the log, says from the start whose it is.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", if durability == Durability::Power { "FULL" } else { "NORMAL" })?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    connection.pragma_update(None, "journal_size_limit", CHECKPOINT_PAGES * PAGE_BYTES)?;
    Ok(connection)
}

fn format(connection: &Connection) -> rusqlite::Result<u32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// The format, and what is wrong with the file, if anything is: its tables, or a transaction that is not as written.
fn verify(connection: &mut Connection) -> rusqlite::Result<(u32, Option<String>)> {
    // One read transaction, so that other processes do not write in between.
    let seen = connection.transaction()?;
    let format = format(&seen)?;
    let verdict: String = seen.pragma_query_value(None, "quick_check", |row| row.get(0))?;
    if format > FORMAT || verdict != "ok" {
        return Ok((format, Some(verdict)));
    }
    let mut all = seen.prepare("SELECT body, header FROM entries LEFT JOIN sessions ON sessions.id = session")?;
    let mut rows = all.query([])?;
    while let Some(row) = rows.next()? {
        let (body, header): (Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?);
        let header = Header::from_bytes(&header);
        if header.and_then(|header| Entry::from_bytes(&body, &header)).is_none() {
            return Ok((format, Some("a transaction in it is not as it was written".to_owned())));
        }
    }
    Ok((format, None))
}

fn fault(path: &Path, error: &rusqlite::Error) -> JournalError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => torn(path, &error.to_string()),
        // A statement that the tables do not fit, or a value of another type.
        Some(ErrorCode::Unknown) | None => torn(path, &error.to_string()),
        Some(_) => JournalError::Io { path: path.to_owned(), reason: error.to_string() },
    }
}

fn torn(path: &Path, reason: &str) -> JournalError {
    JournalError::Torn { path: path.to_owned(), aside: None, reason: reason.to_owned() }
}

/// Renames the file and its log; `None` when every name is taken or the system refuses.
fn move_aside(path: &Path) -> Option<PathBuf> {
    let name = |count| beside(path, &format!(".damaged-{count}"));
    let aside = (1..=ASIDE_MAX).map(name).find(|aside| !aside.exists() && !beside(aside, "-wal").exists())?;
    for ending in ["-wal", "-shm", ""] {
        match fs::rename(beside(path, ending), beside(&aside, ending)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return None,
            _ => {}
        }
    }
    Some(aside)
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}
