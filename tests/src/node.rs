//! Chains as processes of their own, on free ports, gone when the value is.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

/// Longest that a chain may take until it listens: a loaded two-core machine needs a few seconds.
const START_DEADLINE: Duration = Duration::from_secs(30);

/// Lines of a chain's output that are kept until somebody reads them.
const LINES_KEPT: usize = 1_024;

/// A running chain; killed on drop.
#[derive(Debug)]
pub struct Node {
    /// The process.
    pub child: Child,
    /// Address of its JSON-RPC over HTTP.
    pub url: String,
}

impl Node {
    /// Starts `command` and waits for the first line of its stdout in which `url` finds the address.
    fn start(mut child: Child, url: impl Fn(&str) -> Option<String>) -> Self {
        let stdout = child.stdout.take().expect("stdout was asked to be piped");
        let (line, lines) = sync_channel(LINES_KEPT);
        // Reads to the end, so that the chain never blocks on a full pipe; ends with the process.
        std::thread::spawn(move || {
            for text in BufReader::new(stdout).lines().map_while(Result::ok) {
                drop(line.try_send(text));
            }
        });
        let mut node = Self { child, url: String::new() };
        let deadline = Instant::now() + START_DEADLINE;
        loop {
            match lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(text) => {
                    if let Some(url) = url(&text) {
                        node.url = url;
                        return node;
                    }
                }
                Err(RecvTimeoutError::Timeout) => panic!("the chain did not listen within {START_DEADLINE:?}"),
                Err(RecvTimeoutError::Disconnected) => panic!("the chain ended before it listened"),
            }
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // Both fail only when the process is gone already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Private key, in hex, of the first funded account: the one that every development chain publishes.
pub const DEV_KEY: &str = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

/// Starts `anvil` from the PATH on a free port, with further arguments.
///
/// None, with the reason printed, when there is no anvil; with `CI=true` that is a failure instead.
///
/// # Panics
/// When anvil is missing on a build server, or does not listen within 30 seconds.
pub fn anvil(arguments: &[&str]) -> Option<Node> {
    let child = Command::new("anvil")
        .args(["--port", "0"])
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    match child {
        Ok(child) => Some(Node::start(child, |line| Some(format!("http://{}", line.strip_prefix("Listening on ")?)))),
        Err(error) => {
            assert!(!crate::strict(), "anvil is needed when CI=true: {error}");
            println!("skipped: no anvil on the PATH ({error})");
            None
        }
    }
}

/// Starts `latchkey devnet` on a free port, with further arguments.
///
/// # Panics
/// When it does not listen within 30 seconds.
pub fn devnet(arguments: &[&str]) -> Node {
    let child = Command::new(crate::latchkey())
        .args(["devnet", "--port", "0"])
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary was built");
    Node::start(child, |line| {
        let word = line.split_whitespace().find(|word| word.starts_with("http://"))?;
        Some(word.trim_end_matches('/').to_owned())
    })
}
