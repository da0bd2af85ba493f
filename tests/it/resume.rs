//! A run that is killed mid-fight and started again: it goes on with its session, and nothing in flight is lost.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use latchkey::{Endpoint, Owner};
use latchkey_tests::{DEV_KEY, devnet, latchkey, run, scratch};

/// Longest that a run of some seconds may take with start, grant and revocation.
const DEADLINE: Duration = Duration::from_secs(90);

#[test]
fn a_killed_run_is_gone_on_with() {
    let chain = devnet(&["--block-time", "200"]);
    let folder = scratch("resume");
    let keep = folder.join("kept");
    let play = |seconds: &str| {
        let mut command = Command::new(latchkey());
        command
            .args(["play", "--headless", "--sync-test", "--seconds", seconds, "--rpc", &chain.url])
            .args(["--private-key-env", "KEY", "--gas-money", "1", "--keep"])
            .arg(&keep)
            .env("KEY", DEV_KEY)
            .env("LATCHKEY_PASSPHRASE", "of a test")
            .env_remove("RUST_LOG");
        command
    };
    let owner = Owner::connect(&Endpoint::url(&chain.url).expect("a URL"), DEV_KEY.parse().expect("a key"));
    let owner = owner.expect("the devnet answers");
    let keys = || -> Vec<String> {
        owner.sessions().expect("an answer").iter().map(|session| session.key.to_string()).collect()
    };

    let mut killed = play("600").stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the binary was built");
    let mut lines = BufReader::new(killed.stderr.take().expect("stderr was asked to be piped"));
    let mut line = String::new();
    // The first progress line: the bot plays.
    while !line.contains("acted") {
        line.clear();
        assert!(lines.read_line(&mut line).expect("text") > 0, "it ended before it played");
    }
    killed.kill().expect("it runs");
    killed.wait().expect("it is ours");
    let left = keys();
    assert_eq!(left.len(), 1, "its session lives on");

    let text = std::fs::read_to_string(keep.join("session-key.json")).expect("the key is kept");
    assert!(text.contains("crypto") || text.contains("Crypto"), "encrypted: {text}");
    let wrong = run(play("3").env("LATCHKEY_PASSPHRASE", "another"), DEADLINE);
    assert_eq!(wrong.code, Some(6), "{}", wrong.stderr);
    assert!(wrong.stderr.contains("passphrase"), "{}", wrong.stderr);

    let ran = run(&mut play("3"), DEADLINE);
    assert_eq!(ran.code, Some(0), "{}\n{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("session of an earlier run") && ran.stderr.contains(&left[0]), "{}", ran.stderr);
    for part in ["0 unresolved", "equal to the chain's", "revoked"] {
        assert!(ran.stdout.contains(part), "no {part:?} in\n{}", ran.stdout);
    }
    assert!(keys().is_empty() && !keep.join("session-key.json").exists(), "over and forgotten");

    let ran = run(&mut play("2"), DEADLINE);
    assert_eq!(ran.code, Some(0), "{}\n{}", ran.stdout, ran.stderr);
    assert!(!ran.stderr.contains("session of an earlier run"), "a new one: {}", ran.stderr);
}
