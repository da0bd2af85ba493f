//! Peers as worker processes: features, runtimes and memory of their own.
//!
//! A worker prints `ready NAME VERSION`, then answers each line `OPERATION COUNT` with the nanoseconds that COUNT
//! operations took in a row, or 0 when it has no such operation. Pipes and processes stay outside the measured time.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use crate::candidate::{About, Candidate, Kind, Operation, Sample};

/// Longest wait for a worker's next line: a cold start of Python on a busy machine takes seconds.
const ANSWER_DEADLINE: Duration = Duration::from_secs(30);

/// Lines of a worker that wait to be read; it prints one per question.
const LINES: usize = 4;

/// What a user would pick instead, and how its worker is started inside the folder of the peers.
struct Recipe {
    name: &'static str,
    folder: &'static str,
    program: &'static str,
    arguments: &'static [&'static str],
    /// There once the peer is installed.
    installed: &'static str,
}

const SHIPPED: &str = "target/release/alloy-as-shipped";
const TUNED: &str = "target/release/alloy-tuned";
const PYTHON: &str = ".cache/venv/bin/python";

const fn rust(name: &'static str, program: &'static str, arguments: &'static [&'static str]) -> Recipe {
    Recipe { name, folder: "alloy", program, arguments, installed: program }
}

const RECIPES: [Recipe; 7] = [
    rust(ALLOY, SHIPPED, &[]),
    rust(ALLOY_TABLES, TUNED, &["tables"]),
    rust("alloy Secp256k1Signer", TUNED, &["secp256k1-signer"]),
    rust(LIBSECP, TUNED, &["libsecp256k1"]),
    Recipe {
        name: VIEM,
        folder: "js",
        program: "node",
        arguments: &["worker.mjs", "viem"],
        installed: "node_modules/viem/package.json",
    },
    Recipe {
        name: "ethers",
        folder: "js",
        program: "node",
        arguments: &["worker.mjs", "ethers"],
        installed: "node_modules/ethers/package.json",
    },
    Recipe {
        name: "eth-account, coincurve",
        folder: "python",
        program: PYTHON,
        arguments: &["worker.py"],
        installed: PYTHON,
    },
];

/// alloy's default signer with the features that alloy itself asks for.
pub const ALLOY: &str = "alloy as shipped";
/// alloy's default signer with k256's tables switched on by the workspace.
pub const ALLOY_TABLES: &str = "alloy with tables";
/// libsecp256k1's own function, with nothing around it.
pub const LIBSECP: &str = "libsecp256k1 raw";
/// viem's local account.
pub const VIEM: &str = "viem";

/// A peer that is not measured, and why.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Skipped {
    /// Its name.
    pub candidate: &'static str,
    /// Why, and what to do about it.
    pub reason: String,
}

/// Starts every peer that is installed below `folder`.
pub fn start(folder: &Path) -> (Vec<Box<dyn Candidate>>, Vec<Skipped>) {
    let (mut peers, mut skipped) = (Vec::<Box<dyn Candidate>>::new(), Vec::new());
    for recipe in &RECIPES {
        match Peer::start(recipe, folder) {
            Ok(peer) => peers.push(Box::new(peer)),
            Err(reason) => skipped.push(Skipped { candidate: recipe.name, reason }),
        }
    }
    (peers, skipped)
}

/// Folder of the peers in the source tree that this was built from.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers")
}

struct Peer {
    about: About,
    child: Child,
    questions: ChildStdin,
    answers: Receiver<String>,
}

impl Peer {
    fn start(recipe: &Recipe, folder: &Path) -> Result<Self, String> {
        let folder = folder.join(recipe.folder);
        if !folder.join(recipe.installed).exists() {
            return Err(format!("not installed ({} is missing); run benches/peers/setup", recipe.installed));
        }
        // A runtime is looked up in the PATH, what setup has installed in the peer's folder.
        let own = folder.join(recipe.program);
        let program = if own.exists() { own } else { recipe.program.into() };
        let mut child = Command::new(program)
            .args(recipe.arguments)
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("cannot start {}: {error}", recipe.program))?;
        let (Some(questions), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("its pipes were not made".to_owned());
        };
        let (line, answers) = sync_channel(LINES);
        // Ends with the worker's stdout.
        std::thread::spawn(move || {
            let lines = BufReader::new(stdout).lines().map_while(Result::ok);
            lines.map(|text| line.send(text)).take_while(Result::is_ok).for_each(drop);
        });
        let about = About { name: recipe.name, version: String::new(), kind: Kind::Peer };
        let mut peer = Self { about, child, questions, answers };
        let greeting = peer.answer()?;
        peer.about.version = greeting.strip_prefix("ready ").ok_or_else(|| format!("it said {greeting:?}"))?.to_owned();
        Ok(peer)
    }

    fn answer(&mut self) -> Result<String, String> {
        self.answers.recv_timeout(ANSWER_DEADLINE).map_err(|_| "its worker ended, or was silent for 30 s".to_owned())
    }
}

impl Candidate for Peer {
    fn about(&self) -> &About {
        &self.about
    }

    fn sample(&mut self, operation: Operation, count: u64) -> Result<Option<Sample>, String> {
        writeln!(self.questions, "{} {count}", operation.word())
            .map_err(|error| format!("its worker ended: {error}"))?;
        let answer = self.answer()?;
        let ns = answer.parse().map_err(|_| format!("its worker said {answer:?}"))?;
        Ok((ns > 0).then(|| Sample { operations: count, took: Duration::from_nanos(ns) }))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Both fail only when the worker is gone already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
