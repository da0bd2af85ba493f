//! What the owner does from the command line: look at sessions, end them, fill a dungeon with bots.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use latchkey::session::FrequencyCap;
use latchkey::{Endpoint, Owner, Policy, SessionKey};
use latchkey_tests::{DEV_KEY, Ran, devnet, finish, latchkey, run};
use serde_json::Value;

/// Longest that a command may take, blocks included.
const DEADLINE: Duration = Duration::from_secs(60);

/// Runs a command line with the first development account as the owner.
fn ask(arguments: &str) -> Ran {
    let mut command = Command::new(latchkey());
    command.args(arguments.split_whitespace()).env("KEY", DEV_KEY).env_remove("RUST_LOG");
    run(&mut command, DEADLINE)
}

#[track_caller]
fn json(ran: &Ran) -> Value {
    assert_eq!(ran.code, Some(0), "{}\n{}", ran.stdout, ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error} in\n{}", ran.stdout))
}

#[test]
fn sessions_are_listed_and_end_when_they_are_revoked() {
    let chain = devnet(&["--block-time", "100"]);
    let at = format!("--rpc {} --chain-id 31337 --private-key-env KEY", chain.url);
    assert_eq!(json(&ask(&format!("sessions list --json {at}")))["sessions"], Value::Array(Vec::new()));

    let owner = Owner::connect(&Endpoint::url(&chain.url).expect("a URL"), DEV_KEY.parse().expect("a key"));
    let owner = owner.expect("the devnet answers");
    let keys: Vec<String> = (1..4_u16)
        .map(|coins| {
            let policy = Policy::builder("owner's test")
                .method(latchkey::contracts::game_router(), "GameRouter", "attack(uint256)")
                .native_per_tx(coins.into())
                .native_total(1_000)
                .frequency(FrequencyCap::per_second(5))
                .build()
                .expect("a sound policy");
            let key = SessionKey::random().expect("randomness").address();
            owner.grant(&policy, key).expect("the owner's grant");
            key.to_string()
        })
        .collect();

    let told = json(&ask(&format!("sessions list --json {at}")));
    assert_eq!(told["account"], owner.address().to_string());
    let listed = told["sessions"].as_array().expect("a list");
    assert_eq!(listed.len(), keys.len());
    let second = listed.iter().find(|session| session["key"] == keys[1].as_str()).expect("the second");
    assert_eq!((&second["native_per_tx"], &second["native_total"]), (&"2".into(), &"1000".into()));
    assert_eq!((&second["tx_limit"], &second["tx_period_s"]), (&5.into(), &1.into()));
    let words = ask(&format!("sessions list {at}")).stdout;
    for part in [keys[2].as_str(), "attack(uint256)", "Valid from", "3 sessions"] {
        assert!(words.contains(part), "no {part:?} in\n{words}");
    }

    let told = json(&ask(&format!("sessions revoke {} --json {at}", keys[1])));
    assert_eq!((&told["revoked"][0], &told["left"]), (&keys[1].as_str().into(), &2.into()));
    let again = ask(&format!("sessions revoke {} {at}", keys[1]));
    assert_eq!(again.code, Some(4), "{}", again.stderr);
    assert!(again.stderr.contains("no session of key") && again.stderr.contains("sessions list"), "{}", again.stderr);
    let told = json(&ask(&format!("sessions revoke-all --json {at}")));
    assert_eq!((told["revoked"].as_array().map(Vec::len), &told["left"]), (Some(2), &0.into()));
    assert!(owner.sessions().expect("an answer").is_empty());
}

#[test]
fn sessions_say_what_is_wrong() {
    let check = |arguments: &str, code: i32, word: &str| {
        let ran = ask(arguments);
        assert_eq!(ran.code, Some(code), "{arguments}\n{}", ran.stderr);
        assert!(ran.stderr.contains(word), "{arguments}: no {word:?} in\n{}", ran.stderr);
    };
    check("sessions list --rpc http://127.0.0.1:1 --private-key-env KEY", 3, "--rpc");
    check("sessions list --rpc http://127.0.0.1:1 --private-key-env NO_SUCH_VARIABLE", 4, "NO_SUCH_VARIABLE");
    check("sessions list --rpc http://127.0.0.1:1 --keystore /no/such/file", 6, "/no/such/file");
    let chain = devnet(&["--block-time", "100"]);
    check(&format!("sessions revoke-all --rpc {} --chain-id 1 --private-key-env KEY", chain.url), 3, "31337");
}

#[test]
fn bots_collide_and_end_in_the_same_world() {
    let ran = ask("bot --players 3 --seconds 8 --block-time 200 --actions-per-second 8");
    assert_eq!(ran.code, Some(0), "{}\n{}", ran.stdout, ran.stderr);
    for part in ["3 of 3 revoked", "3 of 3 equal to the chain's", "0 unresolved"] {
        assert!(ran.stdout.contains(part), "no {part:?} in\n{}", ran.stdout);
    }
    assert!(!ran.stdout.contains(" 0 confirmed"), "{}", ran.stdout);
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_the_bots_with_everything_revoked() {
    let chain = devnet(&["--block-time", "100"]);
    let arguments = format!("bot --players 2 --rpc {} --private-key-env KEY --gas-money 1", chain.url);
    let mut child = Command::new(latchkey())
        .args(arguments.split_whitespace())
        .env("KEY", DEV_KEY)
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary was built");
    // Until transactions come in, nobody plays; the first ones are payments and grants.
    let owner = Owner::connect(&Endpoint::url(&chain.url).expect("a URL"), DEV_KEY.parse().expect("a key"));
    let owner = owner.expect("the devnet answers");
    let end = Instant::now() + DEADLINE;
    let monsters = || {
        let call = latchkey::contracts::abi::GameRouter::monstersCall {};
        owner.view(latchkey::contracts::game_router(), &call).expect("an answer")
    };
    let fresh = monsters();
    while monsters() == fresh {
        assert!(Instant::now() < end, "nobody plays");
        std::thread::yield_now();
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill is there").success());
    let ran = finish(&mut child, DEADLINE).expect("it ends by itself");
    assert_eq!(ran.code, Some(130), "{}\n{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("2 of 2 revoked"), "{}", ran.stdout);
}
