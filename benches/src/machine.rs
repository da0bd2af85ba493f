//! Where the figures were measured.

use std::process::Command;

use serde::Serialize;

/// Machine, compiler and source of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    /// Name of the processor, as the system tells it.
    pub processor: String,
    /// Hardware threads that this process may use.
    pub threads: usize,
    /// Target triple of the build.
    pub target: &'static str,
    /// Compiler of the build.
    pub compiler: &'static str,
    /// Optimisation level of the build; only 3 is worth a comparison.
    pub opt_level: &'static str,
    /// Commit of the source tree, with a plus when it has been changed; empty outside one.
    pub commit: String,
}

impl Machine {
    /// This one.
    pub fn here() -> Self {
        Self {
            processor: processor().unwrap_or_else(|| "unknown processor".to_owned()),
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            target: env!("LATCHKEY_TARGET"),
            compiler: env!("LATCHKEY_RUSTC"),
            opt_level: env!("LATCHKEY_OPT_LEVEL"),
            commit: commit().unwrap_or_default(),
        }
    }

    /// Whether the build is one whose figures mean something.
    pub fn optimised(&self) -> bool {
        self.opt_level == "3"
    }
}

fn processor() -> Option<String> {
    if let Ok(text) = std::fs::read_to_string("/proc/cpuinfo") {
        let line = text.lines().find(|line| line.starts_with("model name"))?;
        return Some(line.split_once(':')?.1.trim().to_owned());
    }
    output("sysctl", &["-n", "machdep.cpu.brand_string"]).or_else(|| std::env::var("PROCESSOR_IDENTIFIER").ok())
}

fn commit() -> Option<String> {
    let tree = env!("CARGO_MANIFEST_DIR");
    let commit = output("git", &["-C", tree, "rev-parse", "--short", "HEAD"])?;
    let changed = output("git", &["-C", tree, "status", "--porcelain", "--untracked-files=no"]).is_some();
    Some(if changed { commit + "+" } else { commit })
}

/// What a program prints, trimmed; none when it fails or prints nothing.
fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}
