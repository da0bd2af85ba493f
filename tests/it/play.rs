//! The bot plays through the real binary, on the embedded chain and on anvil, and its report holds.

use std::process::Command;
use std::time::Duration;

use latchkey_tests::{DEV_KEY, anvil, latchkey, run, scratch};
use serde_json::Value;

/// Longest that a run of some seconds may take with start, grant and revocation.
const DEADLINE: Duration = Duration::from_secs(90);

/// Plays headless with further arguments and gives the report.
#[track_caller]
fn play(name: &str, arguments: &[&str]) -> Value {
    let path = scratch(name).join("report.json");
    let mut command = Command::new(latchkey());
    command.args(["play", "--headless", "--sync-test", "--report"]).arg(&path).args(arguments);
    let ran = run(command.env("KEY", DEV_KEY).env_remove("RUST_LOG"), DEADLINE);
    assert_eq!(ran.code, Some(0), "{}\n{}", ran.stdout, ran.stderr);
    let text = std::fs::read(&path).expect("the report is there");
    serde_json::from_slice(&text).expect("the report is JSON")
}

/// What every good run has in common.
#[track_caller]
fn check(report: &Value, confirmed_min: u64) {
    let number =
        |path: &str| report.pointer(path).and_then(Value::as_u64).unwrap_or_else(|| panic!("{path}: {report}"));
    for path in ["/actions/unresolved", "/transactions/reverted", "/transactions/rate_limited"] {
        assert_eq!(number(path), 0, "{path}: {report}");
    }
    let confirmed = number("/actions/confirmed");
    assert!(confirmed >= confirmed_min, "only {confirmed} actions confirmed: {report}");
    let ends = ["confirmed", "rejected", "expired", "unresolved"];
    let sum: u64 = ends.iter().map(|end| number(&format!("/actions/{end}"))).sum();
    assert_eq!(sum, number("/actions/acted"), "every action has one end: {report}");
    assert_eq!(number("/transactions/sent"), number("/transactions/confirmed"), "{report}");
    assert!(number("/chain/blocks") > 0 && number("/gas/total") > 0 && number("/rpc_requests") > 0, "{report}");
    assert_eq!(number("/session/max_actions_per_tx"), 8);
    for (path, total) in [("/spent/native_total", "0.05"), ("/spent/gold_total", "100")] {
        assert_eq!(report.pointer(path).and_then(Value::as_str), Some(total), "{path}: {report}");
    }
    for path in ["/act_to_confirmed_ms/p50", "/act_to_confirmed_ms/p99", "/act_to_confirmed_ms/max", "/act_call_us/p99"]
    {
        assert!(report.pointer(path).and_then(Value::as_f64).is_some_and(|value| value > 0.0), "{path}: {report}");
    }
    assert!(report["chain"]["client"].as_str().is_some_and(|client| !client.is_empty()), "{report}");
    assert_eq!(report["state_matches_chain"], true, "{report}");
    assert_eq!(report["session_revoked"], true, "{report}");
}

#[test]
fn the_embedded_chain() {
    let report = play("embedded", &["--seconds", "6", "--block-time", "200"]);
    check(&report, 20);
    assert_eq!(report["chain"]["block_time_ms"], 200);
}

#[test]
fn anvil_with_contracts_to_deploy_and_then_found() {
    let Some(chain) = anvil(&["--block-time", "1"]) else { return };
    let endpoint = ["--rpc", &chain.url, "--chain-id", "31337", "--private-key-env", "KEY"];
    for _ in 0..2 {
        check(&play("anvil", &[&["--seconds", "8"], &endpoint[..]].concat()), 16);
    }
}
