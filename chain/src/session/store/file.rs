//! An encrypted key file: a Web3 keystore of version 3 (scrypt, AES-128-CTR) with what belongs to the key beside it.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use alloy::signers::k256::elliptic_curve::rand_core::OsRng;
use eth_keystore::{EthKeystore, KdfparamsType, KeystoreError};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::facts::Form;
use super::{SessionKey, StoreError, StoredSession};

/// Member of the keystore's JSON that holds the facts; other tools pass over it.
const FACTS: &str = "latchkey";

/// Largest file that is read, in bytes; ours have less than a thousand.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// Most that opening a file may cost: 256 MiB and about a second of scrypt, thirty times what ours do.
const SCRYPT_COST_MAX: u64 = 1 << 21;

/// Lengths of the format, in bytes. The decoder takes them for granted, and files come from outside.
const KEY_BYTES: usize = 32;
const IV_BYTES: usize = 16;

pub(super) fn save(path: &Path, passphrase: &str, key: &SessionKey, session: &StoredSession) -> Result<(), StoreError> {
    if session.key != key.address() {
        return Err(StoreError::OtherKey { key: key.address(), facts: session.key });
    }
    if let Some(text) = read(path)? {
        // Somebody else's file is never replaced.
        facts(path, &text)?;
    }
    let io = |error: io::Error| StoreError::Io { path: path.to_owned(), reason: error.to_string() };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(io)?;
    // The encoder writes files that everybody may read; in a folder that only we may enter, nobody can.
    let private = Private::new(path).map_err(io)?;
    let secret = key.secret();
    eth_keystore::encrypt_key(&private.0, &mut OsRng, secret.as_slice(), passphrase, Some("encoded"))
        .map_err(|error| StoreError::Io { path: path.to_owned(), reason: error.to_string() })?;
    let encoded = fs::read_to_string(private.0.join("encoded")).map_err(io)?;
    let foreign = |error: serde_json::Error| foreign(path, error.to_string());
    let mut json: Map<String, Value> = serde_json::from_str(&encoded).map_err(foreign)?;
    json.insert(FACTS.to_owned(), serde_json::to_value(Form::from(session)).map_err(foreign)?);
    let text = serde_json::to_string_pretty(&json).map_err(foreign)?;
    replace(&private.0.join("whole"), path, folder, text.as_bytes()).map_err(io)
}

pub(super) fn load(path: &Path, passphrase: &str) -> Result<Option<(SessionKey, StoredSession)>, StoreError> {
    let Some(text) = read(path)? else { return Ok(None) };
    let session = facts(path, &text)?;
    let keystore: EthKeystore = serde_json::from_str(&text).map_err(|error| foreign(path, error.to_string()))?;
    if let Some(reason) = unfit(&keystore) {
        return Err(foreign(path, reason));
    }
    let secret = match eth_keystore::decrypt_key(path, passphrase) {
        Ok(secret) => Zeroizing::new(secret),
        Err(KeystoreError::MacMismatch) => return Err(StoreError::WrongPassphrase(path.to_owned())),
        Err(error) => return Err(foreign(path, error.to_string())),
    };
    let bytes: &[u8; KEY_BYTES] =
        secret.as_slice().try_into().map_err(|_| foreign(path, "its key has not 32 bytes".to_owned()))?;
    let key = SessionKey::from_bytes(bytes).map_err(|error| foreign(path, error.to_string()))?;
    if key.address() != session.key {
        return Err(foreign(path, format!("its key is {}, and it says {}", key.address(), session.key)));
    }
    Ok(Some((key, session)))
}

pub(super) fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(StoreError::Io { path: path.to_owned(), reason: error.to_string() })
        }
        _ => Ok(()),
    }
}

/// The file's text, or `None` where there is no file.
fn read(path: &Path) -> Result<Option<String>, StoreError> {
    let io = |error: io::Error| StoreError::Io { path: path.to_owned(), reason: error.to_string() };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io(error)),
    };
    let mode = exposed(&file.metadata().map_err(io)?);
    if let Some(mode) = mode {
        return Err(StoreError::Exposed { path: path.to_owned(), mode });
    }
    let mut text = String::new();
    let read = file.take(FILE_BYTES_MAX).read_to_string(&mut text);
    read.map_err(|error| foreign(path, error.to_string()))?;
    Ok(Some(text))
}

/// The permissions, when they let others in.
#[cfg(unix)]
fn exposed(facts: &fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let mode = facts.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

/// Elsewhere a user's own folders are closed to others by inheritance, and there are no bits to look at.
#[cfg(not(unix))]
fn exposed(_: &fs::Metadata) -> Option<u32> {
    None
}

fn facts(path: &Path, text: &str) -> Result<StoredSession, StoreError> {
    let json: Value = serde_json::from_str(text).map_err(|error| foreign(path, error.to_string()))?;
    let facts = json.get(FACTS).ok_or_else(|| foreign(path, format!("it has no member {FACTS:?}")))?;
    let form: Form = serde_json::from_value(facts.clone()).map_err(|error| foreign(path, error.to_string()))?;
    form.try_into().map_err(|reason| foreign(path, reason))
}

/// What the decoder would stumble over, or be kept busy with.
fn unfit(keystore: &EthKeystore) -> Option<String> {
    let crypto = &keystore.crypto;
    let (key_bytes, cost) = match crypto.kdfparams {
        KdfparamsType::Scrypt { dklen, n, p, r, .. } => (dklen, u64::from(n) * u64::from(r) * u64::from(p)),
        KdfparamsType::Pbkdf2 { .. } => return Some("it is not encrypted by scrypt".to_owned()),
    };
    let lengths = (usize::from(key_bytes), crypto.cipherparams.iv.len(), crypto.ciphertext.len());
    if lengths != (KEY_BYTES, IV_BYTES, KEY_BYTES) {
        return Some("its parts have not the lengths of a private key's".to_owned());
    }
    (cost == 0 || cost > SCRYPT_COST_MAX).then(|| "opening it would take too much memory and time".to_owned())
}

fn foreign(path: &Path, reason: String) -> StoreError {
    StoreError::Foreign { place: path.display().to_string(), reason }
}

/// Writes a new file beside the old one and puts it in its place at once; after a loss of power it is one or the other.
fn replace(new: &Path, path: &Path, folder: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(new, path)?;
    // Folders can be synchronised where they can be opened.
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .or_else(|error| if cfg!(unix) { Err(error) } else { Ok(()) })
}

/// A folder beside a file that only this user may enter, removed with the value.
struct Private(PathBuf);

impl Private {
    fn new(path: &Path) -> io::Result<Self> {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{}.new", std::process::id()));
        let folder = PathBuf::from(name);
        // One that a killed process of the same number left.
        let _ = fs::remove_dir_all(&folder);
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        // What is left in it is encrypted.
        let _ = fs::remove_dir_all(&self.0);
    }
}
