//! The owner's key, from a keystore or from the environment; never from the command line itself,
//! where every process on the machine could read it.

use std::io::IsTerminal;
use std::path::Path;

use alloy::signers::local::PrivateKeySigner;

use crate::cli::args::OwnerArgs;
use crate::cli::failure::Failure;

/// Environment variable with the keystore's passphrase, for runs without a terminal.
const PASSPHRASE_VAR: &str = "LATCHKEY_PASSPHRASE";

/// The key that the arguments name, or none for the embedded chain's own funded account.
///
/// # Errors
/// When the variable is unset or holds no key, or the keystore cannot be read or opened. The message
/// never holds any part of a key or passphrase.
pub(crate) fn load(args: &OwnerArgs) -> anyhow::Result<Option<PrivateKeySigner>> {
    match (&args.keystore, &args.private_key_env) {
        (Some(file), _) => from_keystore(file).map(Some),
        (None, Some(variable)) => from_environment(variable).map(Some),
        (None, None) => Ok(None),
    }
}

fn from_environment(variable: &str) -> anyhow::Result<PrivateKeySigner> {
    let text = std::env::var(variable).map_err(|_| {
        Failure::owner(format!(
            "the environment variable {variable} is not set. Put the owner's private key (64 hex digits) into it, \
             or use --keystore FILE.",
        ))
    })?;
    // The parser's own error would quote what it was given.
    text.trim().parse().map_err(|_| {
        Failure::owner(format!("{variable} does not hold a private key. It must be 64 hex digits, with or without 0x."))
    })
}

fn from_keystore(file: &Path) -> anyhow::Result<PrivateKeySigner> {
    if let Err(error) = std::fs::File::open(file) {
        return Err(Failure::machine(format!(
            "cannot read the keystore {}: {error}. Check the path given with --keystore.",
            file.display()
        )));
    }
    let passphrase = passphrase(&format!("Passphrase of {}", file.display()))?;
    PrivateKeySigner::decrypt_keystore(file, passphrase).map_err(|error| {
        Failure::owner(format!(
            "cannot open the keystore {}: {error}. Check the passphrase, and that the file is a version 3 JSON keystore.",
            file.display()
        ))
    })
}

/// The passphrase from the environment, or asked for without echo.
///
/// # Errors
/// When neither is possible.
pub(crate) fn passphrase(prompt: &str) -> anyhow::Result<String> {
    if let Ok(passphrase) = std::env::var(PASSPHRASE_VAR) {
        return Ok(passphrase);
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::owner(format!(
            "a passphrase is needed and there is no terminal to ask on. Set {PASSPHRASE_VAR}."
        )));
    }
    rpassword::prompt_password(format!("{prompt}: ")).map_err(|error| {
        Failure::machine(format!("cannot read the passphrase: {error}. Set {PASSPHRASE_VAR} instead."))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_hold_no_part_of_a_key() {
        // PATH is set everywhere and is no key.
        let path = std::env::var("PATH").unwrap();
        let error = from_environment("PATH").unwrap_err().to_string();
        assert!(error.contains("64 hex digits") && !error.contains(&path), "{error}");
    }

    #[test]
    fn an_unset_variable_is_named() {
        let error = from_environment("LATCHKEY_NO_SUCH_VARIABLE").unwrap_err().to_string();
        assert!(error.contains("LATCHKEY_NO_SUCH_VARIABLE") && error.contains("--keystore"), "{error}");
    }
}
