//! The command line of the side-by-side bench, shared by `latchkey bench` and the binary `side-by-side`.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::machine::Machine;
use crate::report::Report;
use crate::{hop, ours, page, peer, rounds};

/// Printed before anything is measured with a build whose figures mean nothing.
const NOT_OPTIMISED: &str = "\
warning: this build is not fully optimised, and its figures say little. Measure with
    cargo run --release -- bench
or, without building the game, with
    cargo run --release --package latchkey-benches --bin side-by-side";

/// What is measured, and where the figures go.
#[derive(clap::Args, Clone, Debug)]
pub struct BenchArgs {
    /// Time to measure, in seconds; more gives steadier medians.
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub seconds: u32,
    /// Write the figures to this file as JSON.
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Write the figures to this file as one HTML page with charts, which needs nothing from the network.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Folder of the peers, as benches/peers/setup leaves it [default: that of the source tree].
    #[arg(long, value_name = "DIR")]
    pub peers: Option<PathBuf>,
    /// Measure the library alone.
    #[arg(long, conflicts_with = "peers")]
    pub no_peers: bool,
    /// Print neither warning nor progress; the table is still printed.
    #[arg(long)]
    pub quiet: bool,
}

/// A file that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}: {error}. Give --{option} a path in a folder that exists and is writable.", path.display())]
pub struct Unwritable {
    option: &'static str,
    path: PathBuf,
    error: io::Error,
}

/// A file for figures, opened before they are measured so that no minute is measured for nothing.
struct Target {
    option: &'static str,
    path: PathBuf,
    file: File,
}

impl Target {
    fn open(option: &'static str, path: Option<&Path>) -> Result<Option<Self>, Unwritable> {
        let Some(path) = path.map(Path::to_owned) else { return Ok(None) };
        match OpenOptions::new().write(true).create(true).truncate(false).open(&path) {
            Ok(file) => Ok(Some(Self { option, path, file })),
            Err(error) => Err(Unwritable { option, path, error }),
        }
    }

    fn write(mut self, text: &str) -> Result<(), Unwritable> {
        let written = self.file.set_len(0).and_then(|()| self.file.write_all(text.as_bytes()));
        written.map_err(|error| Unwritable { option: self.option, path: self.path, error })
    }
}

/// Measures and writes the files. `progress` is told the share that is done, 0 to 1, and the candidate whose turn it is.
///
/// # Errors
///
/// [`Unwritable`], where possible before anything is measured.
pub fn run(args: &BenchArgs, progress: impl FnMut(f64, &str)) -> Result<Report, Unwritable> {
    let json = Target::open("report", args.report.as_deref())?;
    let html = Target::open("html", args.html.as_deref())?;
    if !args.quiet && !Machine::here().optimised() {
        eprintln!("{NOT_OPTIMISED}");
    }
    let (mut candidates, mut skipped) = (ours::candidates(), Vec::new());
    if !args.no_peers {
        let folder = args.peers.clone().unwrap_or_else(peer::folder);
        let (peers, missing) = peer::start(&folder);
        candidates.extend(peers);
        skipped.extend(missing);
    }
    let budget = Duration::from_secs(args.seconds.into());
    let series = rounds::run(candidates, budget, &mut skipped, progress);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let report = Report::new(&series, hop::measure(), skipped, latchkey::session::format_utc(now));
    if let Some(target) = json {
        // Figures and text always serialise.
        target.write(&(serde_json::to_string_pretty(&report).unwrap_or_default() + "\n"))?;
    }
    if let Some(target) = html {
        target.write(&page::html(&report))?;
    }
    Ok(report)
}
