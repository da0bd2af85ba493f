//! The binary as it was built with these tests.
//!
//! That there is a test here at all makes `cargo test` build the binary, which the end-to-end tests in `tests/` run.

use std::process::Command;

#[test]
fn the_binary_says_its_version() {
    let said = Command::new(env!("CARGO_BIN_EXE_latchkey")).arg("--version").output().expect("it was built");
    assert!(said.status.success());
    let text = String::from_utf8_lossy(&said.stdout);
    assert_eq!(text.trim(), format!("latchkey {}", env!("CARGO_PKG_VERSION")));
}
