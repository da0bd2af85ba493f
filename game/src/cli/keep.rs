//! Whether and where a run keeps its session.

use std::path::PathBuf;

use latchkey::Passphrase;
use latchkey_game::onchain::setup::Keep;

use crate::cli::args::PlayArgs;
use crate::cli::owner;

/// Passphrase of sessions on the embedded chain, whose keys and coin everybody has anyway.
const EMBEDDED_PASSPHRASE: &str = "latchkey embedded chain";

/// What the arguments say: a folder of its own, or one beside the embedded chain's file.
///
/// # Errors
/// When a passphrase is needed and cannot be had.
pub(crate) fn of(args: &PlayArgs) -> anyhow::Result<Option<Keep>> {
    let beside = args.state.as_ref().map(|file| {
        let mut name = file.clone().into_os_string();
        name.push(".session");
        PathBuf::from(name)
    });
    let Some(folder) = args.keep.clone().or(beside) else { return Ok(None) };
    let passphrase = match args.rpc {
        Some(_) => owner::passphrase(&format!("Passphrase of the session kept in {}", folder.display()))?,
        None => EMBEDDED_PASSPHRASE.to_owned(),
    };
    Ok(Some(Keep::new(folder, Passphrase::from(passphrase), args.fresh)))
}
