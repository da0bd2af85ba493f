//! Other people's clients, by the scripts in `tests/clients`: Foundry's cast and viem.

use std::{
    path::PathBuf,
    process::Command,
    sync::mpsc::{RecvTimeoutError, sync_channel},
    time::Duration,
};

use latchkey::devnet::Devnet;

use crate::support::strict;

/// Longest run of one script.
const DEADLINE: Duration = Duration::from_secs(120);

/// Blocks come often, so that the scripts wait for little.
const BLOCK_TIME: Duration = Duration::from_millis(100);

fn folder() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", "tests", "clients"].iter().collect()
}

/// Whether everything is there that a script needs; else says what is missing, which on a build server is a failure.
fn ready(tools: &[&str], installed: bool) -> bool {
    let missing = tools.iter().find(|tool| Command::new(tool).arg("--version").output().is_err());
    let missing = missing.map(|tool| format!("no {tool} on the PATH"));
    let missing = missing.or_else(|| (!installed).then(|| "run npm ci in tests/clients".to_owned()));
    if let Some(missing) = &missing {
        assert!(!strict(), "needed when CI=true: {missing}");
        println!("skipped: {missing}");
    }
    missing.is_none()
}

/// Runs a script against a devnet of its own.
fn run(program: &str, script: &str) {
    let devnet = Devnet::builder().block_time(BLOCK_TIME).spawn().expect("a devnet");
    let server = devnet.serve(0).expect("a free port");
    let mut command = Command::new(program);
    command.current_dir(folder()).args([script, &server.http_url(), &server.ws_url()]);
    let (ended, end) = sync_channel(1);
    std::thread::spawn(move || drop(ended.send(command.output())));
    let output = match end.recv_timeout(DEADLINE) {
        Ok(output) => output.expect("it starts"),
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => panic!("{script} still runs"),
    };
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{script} ended with {}\n{out}\n{err}", output.status);
    println!("{out}");
}

#[test]
fn cast_speaks_to_it() {
    if ready(&["bash", "jq", "cast"], true) {
        run("bash", "cast.sh");
    }
}

#[test]
fn viem_speaks_to_it() {
    if ready(&["node"], folder().join("node_modules/viem").exists()) {
        run("node", "viem.mjs");
    }
}
