//! What the end-to-end tests share: chains as processes, and the `latchkey` binary.

#![forbid(unsafe_code)]

mod binary;
mod node;

pub use binary::{Ran, finish, latchkey, run};
pub use node::{DEV_KEY, Node, anvil, devnet};

use std::path::PathBuf;

/// Root folder of the repository.
pub fn root() -> PathBuf {
    let mut path = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    path.pop();
    path
}

/// A folder for what one test writes; `name` keeps tests apart. Emptied here, kept afterwards for a look.
///
/// # Panics
///
/// When the folder cannot be made: no test can go on without it.
pub fn scratch(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("latchkey-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a scratch folder");
    folder
}

/// Whether a missing optional tool must fail rather than skip: true on a build server, where `CI=true`.
pub fn strict() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true")
}
