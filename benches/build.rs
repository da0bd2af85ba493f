//! Tells the crate what it is built with: a figure means nothing without it.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    println!("cargo::rustc-env=LATCHKEY_OPT_LEVEL={}", variable("OPT_LEVEL"));
    println!("cargo::rustc-env=LATCHKEY_TARGET={}", variable("TARGET"));
    let version = Command::new(variable("RUSTC")).arg("--version").output().ok();
    let version = version.and_then(|output| String::from_utf8(output.stdout).ok()).unwrap_or_default();
    println!("cargo::rustc-env=LATCHKEY_RUSTC={}", version.trim());
}
