//! The `latchkey` binary as a process: built when absent, run with a deadline.

use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Path of the binary of this build, in the folder that holds the test executable's `deps`.
///
/// `cargo test --workspace` builds it on the way. A run of this package alone does not: cargo is asked to when the
/// binary is absent, and an old one is taken as it is.
///
/// # Panics
/// When cargo cannot build it.
pub fn latchkey() -> PathBuf {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        let mut folder = std::env::current_exe().expect("a test knows its own path");
        folder.pop();
        if folder.ends_with("deps") {
            folder.pop();
        }
        let path = folder.join(format!("latchkey{}", std::env::consts::EXE_SUFFIX));
        if !path.exists() {
            let mut cargo = Command::new(env!("CARGO"));
            cargo.args(["build", "--package", "latchkey-game", "--bin", "latchkey"]).current_dir(crate::root());
            if folder.ends_with("release") {
                cargo.arg("--release");
            }
            if let Some(target) = folder.parent() {
                cargo.arg("--target-dir").arg(target);
            }
            let built = cargo.status().expect("cargo started this test, so it can be started");
            assert!(built.success() && path.exists(), "cargo could not build {}", path.display());
        }
        path
    })
    .clone()
}

/// What a finished process left behind.
#[derive(Debug)]
pub struct Ran {
    /// Its exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// Everything that it printed to stdout.
    pub stdout: String,
    /// Everything that it printed to stderr.
    pub stderr: String,
}

/// Runs a prepared command without stdin to its end.
///
/// # Panics
/// When it cannot be started, or still runs at the deadline; it is killed then.
pub fn run(command: &mut Command, deadline: Duration) -> Ran {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    finish(&mut child, deadline).unwrap_or_else(|| panic!("{command:?} still ran after {deadline:?}"))
}

/// Waits for a child whose stdout and stderr are piped; none, and it is killed, when the deadline passes.
pub fn finish(child: &mut Child, deadline: Duration) -> Option<Ran> {
    let stdout = collect(child.stdout.take());
    let stderr = collect(child.stderr.take());
    let status = wait(child, deadline)?;
    Some(Ran {
        code: status.code(),
        stdout: stdout.join().unwrap_or_default(),
        stderr: stderr.join().unwrap_or_default(),
    })
}

fn collect(stream: Option<impl std::io::Read + Send + 'static>) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut text = String::new();
        if let Some(mut stream) = stream {
            drop(stream.read_to_string(&mut text));
        }
        text
    })
}

fn wait(child: &mut Child, deadline: Duration) -> Option<ExitStatus> {
    let end = Instant::now() + deadline;
    loop {
        if let Some(status) = child.try_wait().expect("the child is ours to wait for") {
            return Some(status);
        }
        if Instant::now() >= end {
            drop(child.kill());
            drop(child.wait());
            return None;
        }
        std::thread::park_timeout(Duration::from_millis(10));
    }
}
