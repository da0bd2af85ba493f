//! The journal on a real disk: what comes back, what is refused, and what happens when nothing can be written.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use alloy::primitives::{Address, B256, Bytes, keccak256};
use proptest::prelude::*;

use super::*;
use crate::lane::{Output, Record, Restored, Update};
use crate::model::ActionId;

/// Second at which the sessions of these tests are looked at, and the one at which they end.
const NOW: u64 = 1_000_000;
const END: u64 = NOW + 3_600;

/// A directory of its own for each test, removed with the value.
struct Dir(PathBuf);

impl Dir {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("latchkey-journal-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("a directory for temporary files");
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("latchkey.journal")
    }

    fn journal(&self) -> Result<Journal, JournalError> {
        Journal::open(&self.0, Durability::Process)
    }

    fn session(&self, header: Header) -> Result<(SessionJournal, Kept), JournalError> {
        SessionJournal::open(&self.journal()?, header, NOW)
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        // What cannot be removed is the system's to clean up.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn header(key: u8) -> Header {
    Header {
        chain_id: 31_337,
        genesis: B256::repeat_byte(1),
        account: Address::repeat_byte(2),
        key: Address::repeat_byte(key),
        wallet: Address::repeat_byte(3),
        valid_after: NOW - 10,
        valid_until: END,
    }
}

fn raw(nonce: u64, variant: u8) -> Bytes {
    let mut bytes = nonce.to_be_bytes().repeat(60);
    bytes.push(variant);
    bytes.into()
}

fn signed(nonce: u64, variant: u8) -> Record {
    let raw = raw(nonce, variant);
    let actions = [nonce * 2 + 1, nonce * 2 + 2].map(ActionId).into();
    Record::Signed { nonce, hash: keccak256(&raw), raw, actions }
}

fn restored(nonce: u64, variants: u8) -> Restored {
    let variants = (0..variants).map(|variant| raw(nonce, variant)).map(|raw| (keccak256(&raw), raw));
    Restored { nonce, variants: variants.collect(), actions: [nonce * 2 + 1, nonce * 2 + 2].map(ActionId).into() }
}

#[test]
fn what_has_no_end_comes_back_in_order_and_numbers_go_on() {
    let dir = Dir::new();
    let (mut session, kept) = dir.session(header(7)).expect("a new journal");
    assert_eq!((kept.restored.len(), kept.last_id), (0, 0));
    session.write([signed(5, 0), signed(6, 0), signed(7, 0)].iter()).expect("room");
    session.write([signed(6, 1), Record::Settled { nonce: 5 }].iter()).expect("room");
    drop(session);

    let (mut session, kept) = dir.session(header(7)).expect("the same journal");
    assert_eq!(kept.restored, [restored(6, 2), restored(7, 1)], "with both transactions of the replaced one");
    assert_eq!(kept.last_id, 16);
    session.write([6, 7].map(|nonce| Record::Settled { nonce }).iter()).expect("room");
    drop(session);
    let (_, kept) = dir.session(header(7)).expect("the same journal");
    assert_eq!((kept.restored.len(), kept.last_id), (0, 16), "numbers are not given twice");
    let (_, kept) = dir.session(header(8)).expect("another key");
    assert_eq!((kept.restored.len(), kept.last_id), (0, 0));
}

#[test]
fn a_key_signs_in_one_run_at_a_time_and_the_refusal_names_the_lock() {
    let dir = Dir::new();
    let first = dir.session(header(7)).expect("a new journal");
    let lock = dir.0.join(format!("31337-{}.lock", Address::repeat_byte(7)));
    let refused = dir.session(header(7)).expect_err("the key is in use");
    assert!(matches!(&refused, JournalError::Locked { path, .. } if *path == lock), "{refused}");
    assert!(refused.to_string().contains(lock.to_str().expect("a plain path")), "{refused}");
    dir.session(header(8)).expect("another key may share the journal");
    drop(first);
    dir.session(header(7)).expect("the key is free again");
}

#[test]
fn a_strangers_file_and_a_later_format_are_left_as_they_are() {
    let check = |bytes: &[u8], expected: fn(&JournalError) -> bool| {
        let dir = Dir::new();
        fs::write(dir.file(), bytes).expect("room");
        let refused = dir.journal().expect_err("it is not ours");
        assert!(expected(&refused), "{refused:?}");
        assert_eq!(fs::read(dir.file()).expect("it is still there"), bytes);
    };
    check(b"Dear diary, ", |error| matches!(error, JournalError::Foreign(_)));
    check(&[0x7f; 9_000], |error| matches!(error, JournalError::Foreign(_)));

    let dir = Dir::new();
    dir.journal().expect("a new journal");
    let mut bytes = fs::read(dir.file()).expect("it is there");
    let ours = bytes.clone();
    bytes[63] = 2;
    check(&bytes, |error| matches!(error, JournalError::Newer { found: 2, known: 1, .. }));
    bytes.clone_from(&ours);
    bytes[68] = 0;
    check(&bytes, |error| matches!(error, JournalError::Foreign(_)));
}

#[test]
fn another_history_of_the_chain_is_set_aside_once_and_said_so() {
    let check = |changed: fn(&mut Header), words: &str| {
        let dir = Dir::new();
        dir.session(header(7)).expect("a new journal").0.write([signed(0, 0)].iter()).expect("room");
        let mut now = header(7);
        changed(&mut now);
        let refused = dir.session(now.clone()).expect_err("those are not for this chain").to_string();
        assert!(refused.contains(words) && refused.contains("1 transactions"), "{refused}");
        let (_, kept) = dir.session(now).expect("a new beginning");
        assert_eq!((kept.restored.len(), kept.last_id), (0, 0), "nothing of it is sent");
        let journal = dir.journal().expect("the same journal");
        let count = |sql| journal.connection().query_row(sql, [], |row| row.get::<_, i64>(0)).expect("a count");
        assert_eq!(count("SELECT count(*) FROM entries"), 1, "and nothing of it is lost");
    };
    check(|header| header.genesis = B256::repeat_byte(9), "first block");
    let much_later = 30 * 24 * 3_600;
    let (_, kept) = {
        let dir = Dir::new();
        dir.session(header(7)).expect("a new journal").0.write([signed(0, 0)].iter()).expect("room");
        let journal = dir.journal().expect("the same journal");
        let now = Header { genesis: B256::repeat_byte(9), valid_until: END + much_later, ..header(7) };
        let refused = SessionJournal::open(&journal, now.clone(), END + much_later).expect_err("another chain");
        assert!(matches!(refused, JournalError::OtherHistory { transactions: 1, .. }), "whatever time it is there");
        SessionJournal::open(&journal, now, END + much_later).expect("a new beginning")
    };
    assert!(kept.restored.is_empty());
    check(|header| header.account = Address::repeat_byte(9), "account");
    check(|header| header.valid_after += 1, "granted at another time");
    check(|header| header.wallet = Address::repeat_byte(9), "session wallet");

    let dir = Dir::new();
    dir.session(header(7)).expect("a new journal").0.write([signed(0, 0)].iter()).expect("room");
    let (journal, key) = (dir.journal().expect("the same journal"), header(7).key);
    journal.refuse_other_chain(31_337, key, header(7).genesis).expect("the same chain");
    journal.refuse_other_chain(31_337, key, B256::ZERO).expect("an endpoint without the first block says nothing");
    let refused = journal.refuse_other_chain(31_337, key, B256::repeat_byte(9)).expect_err("another chain");
    assert!(matches!(refused, JournalError::OtherHistory { transactions: 1, .. }), "{refused}");
    journal.refuse_other_chain(31_337, key, B256::repeat_byte(9)).expect("said once");
}

#[test]
fn the_file_stays_small_and_old_sessions_leave_it() {
    let dir = Dir::new();
    let (mut session, _) = dir.session(header(7)).expect("a new journal");
    for nonce in 0..5_000_u64 {
        let settled = nonce.checked_sub(64).map(|nonce| Record::Settled { nonce });
        session.write([signed(nonce, 0)].iter().chain(&settled)).expect("room");
    }
    drop(session);
    let bytes: u64 =
        fs::read_dir(&dir.0).expect("the directory").flatten().map(|file| file.metadata().expect("facts").len()).sum();
    assert!(bytes < 3 << 20, "{bytes} bytes for 64 open transactions");

    let journal = dir.journal().expect("the same journal");
    let later = END + 8 * 24 * 3_600;
    let (_, kept) = SessionJournal::open(&journal, Header { valid_until: later, ..header(8) }, later).expect("room");
    assert!(kept.restored.is_empty());
    let count = |sql| journal.connection().query_row(sql, [], |row| row.get::<_, i64>(0)).expect("a count");
    assert_eq!((count("SELECT count(*) FROM entries"), count("SELECT count(*) FROM sessions")), (0, 1));
}

/// What a gate lets out, in words.
fn pass(gate: &mut Gate, now: Instant, mut out: Vec<Output>) -> Vec<String> {
    let mut released = Vec::new();
    gate.pass(now, &mut out, |output| {
        released.push(match output {
            Output::Record(Record::Signed { nonce, .. }) => format!("record {nonce}"),
            Output::Send { nonce, .. } => format!("send {nonce}"),
            Output::Update(Update::Trouble(words)) => words,
            other => format!("{other:?}"),
        });
    });
    assert!(out.is_empty());
    released
}

#[test]
fn on_a_full_disk_nothing_leaves_and_with_room_it_leaves_in_order() {
    let dir = Dir::new();
    let (session, _) = dir.session(header(7)).expect("a new journal");
    let journal = session.journal().clone();
    let limit = |pages: u32| journal.connection().pragma_update(None, "max_page_count", pages).expect("a limit");
    let send = |nonce| Output::Send { nonce, hash: B256::with_last_byte(nonce as u8), raw: Bytes::new() };
    let mut gate = Gate::new(Some(session));
    let now = Instant::now();

    assert_eq!(pass(&mut gate, now, vec![Output::Record(signed(0, 0)), send(0)]), ["record 0", "send 0"]);
    limit(1);
    let big = (1..=40).map(|nonce| Output::Record(signed(nonce, 0))).chain([send(1)]).collect();
    let told = pass(&mut gate, now, big);
    assert!(told.len() == 1 && told[0].contains("full"), "{told:?}");
    let retry = gate.retry_at().expect("it is tried again");
    assert!(pass(&mut gate, now, vec![send(1), send(0)]).is_empty(), "what comes later waits too");
    let told = pass(&mut gate, retry, Vec::new());
    assert!(told.len() == 1 && told[0].contains("full"), "{told:?}");
    limit(10_000);
    let released = pass(&mut gate, retry + Duration::from_secs(1), Vec::new());
    assert_eq!(released.len(), 42, "the offer that was repeated is held once: {released:?}");
    assert_eq!((&*released[0], &*released[40], &*released[41]), ("record 1", "send 1", "send 0"));
    assert!(gate.retry_at().is_none());
}

#[test]
fn without_a_journal_everything_passes() {
    let mut gate = Gate::default();
    assert_eq!(pass(&mut gate, Instant::now(), vec![Output::Record(signed(3, 0))]), ["record 3"]);
}

const WRITTEN: u64 = 24;

/// A journal of `WRITTEN` transactions, each with a write of its own, as it lies there after `kill -9`: the first
/// `folded` of them in the database, the others in its log.
fn killed(folded: u64) -> Dir {
    let (dir, left) = (Dir::new(), Dir::new());
    let (mut session, _) = dir.session(header(7)).expect("a new journal");
    for nonce in 0..WRITTEN {
        session.write([signed(nonce, 0)].iter()).expect("room");
        if nonce + 1 == folded {
            let fold = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
            session.journal().connection().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], fold).expect("folded");
        }
    }
    for ending in ["", "-wal"] {
        let name = format!("latchkey.journal{ending}");
        fs::copy(dir.0.join(&name), left.0.join(&name)).expect("a copy");
    }
    left
}

/// Opens what is left: `None` when it is refused and still there, else the nonces that came back.
fn survivors(dir: &Dir) -> Option<Vec<u64>> {
    match dir.session(header(7)) {
        Ok((_, kept)) => {
            for restored in &kept.restored {
                assert_eq!(*restored, self::restored(restored.nonce, 1), "each is as it was written");
            }
            Some(kept.restored.iter().map(|restored| restored.nonce).collect())
        }
        Err(JournalError::Torn { aside: Some(aside), .. }) => {
            assert!(aside.exists() && !dir.file().exists(), "moved, not removed");
            dir.session(header(7)).expect("the next start begins anew");
            None
        }
        Err(JournalError::Torn { aside: None, .. } | JournalError::Foreign(_) | JournalError::Newer { .. }) => {
            assert!(dir.file().exists() || Path::new(&dir.file()).with_extension("journal-wal").exists());
            None
        }
        // A head that is damaged is the head of nobody we know.
        Err(JournalError::OtherHistory { .. }) => None,
        Err(other) => panic!("{other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// However much of the end of either file is missing: the first transactions come back, or it is refused.
    #[test]
    fn a_torn_journal_gives_a_prefix_or_is_refused(folded in 0..=WRITTEN, log: bool, kept in 0.0..1.0f64) {
        let dir = killed(folded);
        let path = if log { dir.0.join("latchkey.journal-wal") } else { dir.file() };
        let bytes = fs::read(&path).expect("it is there");
        fs::write(&path, &bytes[..(bytes.len() as f64 * kept) as usize]).expect("room");
        if let Some(nonces) = survivors(&dir) {
            prop_assert!(nonces.iter().copied().eq(0..nonces.len() as u64), "{nonces:?}");
            prop_assert!(!log || nonces.len() as u64 >= folded, "what the database has needs no log");
        }
    }

    /// Whatever byte is another: what comes back is as it was written.
    #[test]
    fn a_changed_byte_brings_nothing_back_that_was_not_written(
        folded in 0..=WRITTEN, log: bool, at in 0.0..1.0f64, flip in 1..=255u8,
    ) {
        let dir = killed(folded);
        let path = if log { dir.0.join("latchkey.journal-wal") } else { dir.file() };
        let mut bytes = fs::read(&path).expect("it is there");
        let at = (bytes.len() as f64 * at) as usize;
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= flip;
        }
        fs::write(&path, &bytes).expect("room");
        survivors(&dir);
    }
}
