//! The command line as its user meets it: bad input, messages, exit codes, Ctrl-C.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use latchkey_tests::{DEV_KEY, devnet, finish, latchkey, run, scratch};

/// Longest that a refusal may take, the start of the process on a busy machine included.
const REFUSAL_DEADLINE: Duration = Duration::from_secs(30);

/// A private key whose account nobody ever funded.
const POOR_KEY: &str = "00000000000000000000000000000000000000000000000000000000005eed01";

fn command(arguments: &str) -> Command {
    let mut command = Command::new(latchkey());
    command.args(arguments.split_whitespace()).env_remove("RUST_LOG").env_remove("LATCHKEY_PASSPHRASE");
    command
}

/// Runs a command line that must be refused with `code` and a message that holds all of `words`.
#[track_caller]
fn check(command: &mut Command, code: i32, words: &[&str]) {
    let ran = run(command, REFUSAL_DEADLINE);
    assert_eq!(ran.code, Some(code), "{command:?}\n{}", ran.stderr);
    for word in words {
        assert!(ran.stderr.contains(word), "{command:?}: no {word:?} in\n{}", ran.stderr);
    }
}

#[test]
fn usage_errors_are_2() {
    check(&mut command("play --no-such-flag"), 2, &["--no-such-flag", "--help"]);
    check(&mut command("dance"), 2, &["dance"]);
    check(&mut command("play --headless --seconds zero"), 2, &["--seconds"]);
    check(&mut command("play --headless --rpc http://127.0.0.1:1"), 2, &["--keystore", "--private-key-env"]);
}

#[test]
fn help_documents_the_exit_codes() {
    for arguments in ["--help", "play --help", "devnet --help"] {
        let ran = run(&mut command(arguments), REFUSAL_DEADLINE);
        assert_eq!(ran.code, Some(0), "{arguments}");
        assert!(ran.stdout.contains("Exit codes:") && ran.stdout.contains("130"), "{arguments}:\n{}", ran.stdout);
    }
}

#[test]
fn an_endpoint_that_is_not_there_is_3() {
    let arguments = "play --headless --seconds 1 --rpc http://127.0.0.1:1 --private-key-env KEY";
    check(command(arguments).env("KEY", DEV_KEY), 3, &["http://127.0.0.1:1", "--rpc"]);
}

#[test]
fn an_endpoint_that_is_no_address_is_3() {
    let arguments = "play --headless --seconds 1 --rpc nonsense --private-key-env KEY";
    check(command(arguments).env("KEY", DEV_KEY), 3, &["nonsense", "http"]);
}

#[test]
fn another_chain_than_expected_is_3() {
    check(&mut command("play --headless --seconds 1 --chain-id 1"), 3, &["31337", "--chain-id"]);
}

#[test]
fn an_owner_without_funds_is_4() {
    let chain = devnet(&["--block-time", "100"]);
    let arguments = format!("play --headless --seconds 1 --rpc {} --private-key-env KEY", chain.url);
    check(command(&arguments).env("KEY", POOR_KEY), 4, &["0x", "fund"]);
}

#[test]
fn a_key_that_is_not_there_is_4() {
    let arguments = "play --headless --rpc http://127.0.0.1:1 --private-key-env LATCHKEY_NOT_SET";
    check(&mut command(arguments), 4, &["LATCHKEY_NOT_SET"]);
    check(command(arguments).env("LATCHKEY_NOT_SET", "not a key"), 4, &["64 hex digits"]);
}

#[test]
fn a_keystore_that_is_not_there_is_6() {
    check(&mut command("play --headless --rpc http://127.0.0.1:1 --keystore /no/such/file"), 6, &["/no/such/file"]);
}

#[test]
fn a_port_in_use_is_6() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("some port is free");
    let port = taken.local_addr().expect("it is bound").port();
    check(&mut command(&format!("devnet --port {port}")), 6, &[&port.to_string(), "--port"]);
}

#[test]
fn a_report_that_cannot_be_written_is_6_before_the_run() {
    // Were it found out only afterwards, this would take the hour.
    check(&mut command("play --headless --seconds 3600 --report /no/such/folder/r.json"), 6, &["--report", "/no/such"]);
}

#[cfg(target_os = "linux")]
#[test]
fn no_display_is_6_and_names_headless() {
    check(command("play").env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY"), 6, &["--headless"]);
    check(command("play").env("DISPLAY", ":4242"), 6, &["--headless", ":4242"]);
}

/// Sends SIGINT, as a terminal does on Ctrl-C.
#[cfg(unix)]
fn interrupt(child: &Child) {
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(sent.expect("kill is there").success());
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_the_devnet_with_0() {
    let mut chain = devnet(&[]);
    interrupt(&chain.child);
    let ran = finish(&mut chain.child, Duration::from_secs(10)).expect("it ends by itself");
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_run_with_summary_and_report() {
    let report = scratch("ctrl-c").join("report.json");
    let mut child = command("play --headless --seconds 600 --report")
        .arg(&report)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary was built");
    // The first progress line: the session is granted and the bot plays.
    let mut stderr = BufReader::new(child.stderr.take().expect("stderr was asked to be piped"));
    let mut line = String::new();
    while !line.contains("acted") {
        line.clear();
        assert!(stderr.read_line(&mut line).expect("text") > 0, "it ended before it played");
    }
    let asked = Instant::now();
    interrupt(&child);
    let ran = finish(&mut child, Duration::from_secs(20)).expect("it ends by itself");
    let took = asked.elapsed();
    assert_eq!(ran.code, Some(130));
    assert!(took <= Duration::from_secs(2), "took {took:?}");
    assert!(ran.stdout.contains("actions") && ran.stdout.contains("latency"), "{}", ran.stdout);
    let mut rest = String::new();
    drop(std::io::Read::read_to_string(&mut stderr, &mut rest));
    let report: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&report).expect("the report is there")).expect("JSON");
    assert_eq!(report["interrupted"], true);
    let said = report["session_revoked"] == true || rest.contains("still live");
    assert!(said, "it revokes, or says until when the session lives:\n{rest}");
}
