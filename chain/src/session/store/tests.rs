//! Key files on a real disk.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use alloy::primitives::{Address, B256};
use serde_json::Value;

use super::*;
use crate::signer::Signer;

struct Dir(PathBuf);

impl Dir {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("latchkey-keys-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        Self(std::env::temp_dir().join(name))
    }

    fn file(&self) -> PathBuf {
        self.0.join("session.json")
    }

    fn store(&self, passphrase: &str) -> KeyStore {
        KeyStore::File { path: self.file(), passphrase: passphrase.to_owned().into() }
    }

    /// A store with a key in it, and that key.
    fn kept(&self) -> (KeyStore, SessionKey, StoredSession) {
        let (store, key) = (self.store("correct horse"), SessionKey::random().expect("randomness"));
        let session = facts(key.address());
        store.save(&key, &session).expect("room");
        (store, key, session)
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        // What cannot be removed is the system's to clean up.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn facts(key: Address) -> StoredSession {
    StoredSession { account: Address::repeat_byte(1), chain_id: 31_337, key, policy: B256::repeat_byte(2) }
}

#[test]
fn a_key_comes_back_with_what_belongs_to_it_and_the_file_shows_nothing_of_it() {
    let dir = Dir::new();
    assert!(dir.store("correct horse").load().expect("no file is no error").is_none());
    let (store, key, session) = dir.kept();
    let (loaded, of) = store.load().expect("the right passphrase").expect("a key");
    assert_eq!(of, session);
    let hash = B256::repeat_byte(9);
    assert_eq!(loaded.sign_hash(&hash), key.sign_hash(&hash), "it is the same key");
    let text = fs::read_to_string(dir.file()).expect("it is there").to_lowercase();
    assert!(!text.contains(&alloy::primitives::hex::encode(key.secret().as_slice())));
    assert_eq!(fs::read_dir(&dir.0).expect("the directory").count(), 1, "nothing is left beside it");
    store.remove().expect("it goes");
    store.remove().expect("twice is no error");
    assert!(store.load().expect("no file is no error").is_none());
}

#[test]
fn a_wrong_passphrase_is_said_and_changes_nothing() {
    let dir = Dir::new();
    dir.kept();
    let before = fs::read(dir.file()).expect("it is there");
    let refused = dir.store("wrong horse").load().expect_err("it does not open");
    assert!(matches!(&refused, StoreError::WrongPassphrase(path) if *path == dir.file()), "{refused}");
    assert!(!refused.to_string().contains("horse") && !format!("{:?}", dir.store("horse")).contains("horse"));
    assert_eq!(fs::read(dir.file()).expect("it is there"), before);
}

#[cfg(unix)]
#[test]
fn a_file_that_others_can_read_is_refused_and_ours_is_not_such_a_file() {
    use std::os::unix::fs::PermissionsExt;
    let dir = Dir::new();
    let (store, key, session) = dir.kept();
    let mode = |mode| fs::set_permissions(dir.file(), fs::Permissions::from_mode(mode)).expect("ours");
    assert_eq!(fs::metadata(dir.file()).expect("facts").permissions().mode() & 0o777, 0o600);
    for bits in [0o640, 0o604, 0o622] {
        mode(bits);
        let refused = [store.load().map(drop), store.save(&key, &session)];
        for refused in refused {
            assert!(matches!(refused, Err(StoreError::Exposed { mode, .. }) if mode == bits), "{bits:o}");
        }
    }
    mode(0o600);
    store.load().expect("closed again").expect("a key");
}

#[test]
fn a_strangers_or_damaged_file_is_refused_and_never_replaced() {
    let dir = Dir::new();
    let (store, key, session) = dir.kept();
    let whole: Value = serde_json::from_slice(&fs::read(dir.file()).expect("it is there")).expect("JSON");
    let check = |text: &str, words: &str| {
        fs::write(dir.file(), text).expect("room");
        let refused = store.load().expect_err("it is no key of ours");
        assert!(matches!(refused, StoreError::Foreign { .. }) && refused.to_string().contains(words), "{refused}");
        assert_eq!(fs::read_to_string(dir.file()).expect("it is there"), text);
    };
    let changed = |pointer: &str, value: Value| {
        let mut changed = whole.clone();
        *changed.pointer_mut(pointer).expect("a member") = value;
        changed.to_string()
    };
    check("{\"mine\":1}", "no member");
    assert!(matches!(store.save(&key, &session), Err(StoreError::Foreign { .. })), "nor is it written over");
    check(&whole.to_string()[..300], "EOF");
    check(&changed("/latchkey/version", 2.into()), "version 2");
    check(&changed("/latchkey/account", "0x12".into()), "no address");
    check(&changed("/latchkey/key", Address::ZERO.to_string().into()), "and it says");
    // What would make the decoder panic, or run for hours.
    check(&changed("/crypto/kdfparams/dklen", 16.into()), "lengths");
    check(&changed("/crypto/cipherparams/iv", "00".into()), "lengths");
    check(&changed("/crypto/ciphertext", "00".into()), "lengths");
    check(&changed("/crypto/kdfparams/n", (1_u32 << 31).into()), "too much");
    check(&changed("/crypto/kdfparams/n", 0.into()), "too much");
}

#[test]
fn facts_of_another_key_are_not_kept() {
    let dir = Dir::new();
    let key = SessionKey::random().expect("randomness");
    let refused = dir.store("words").save(&key, &facts(Address::ZERO));
    assert!(matches!(refused, Err(StoreError::OtherKey { facts: Address::ZERO, .. })));
    assert!(!Path::new(&dir.file()).exists());
}

#[test]
fn memory_keeps_nothing() {
    let key = SessionKey::random().expect("randomness");
    let store = KeyStore::default();
    store.save(&key, &facts(key.address())).expect("nothing to do");
    assert!(store.load().expect("nothing to do").is_none());
}
