//! `latchkey bench`: how fast this machine signs, and what the best of the alternatives is.

use std::process::ExitCode;

use latchkey_benches::command::{BenchArgs, run};

use crate::cli::failure::Failure;
use crate::cli::progress::Progress;

/// Measures, prints the table and writes the files that the arguments name.
///
/// # Errors
/// When a file cannot be written; where possible before anything is measured.
pub(crate) fn measure(args: &BenchArgs) -> anyhow::Result<ExitCode> {
    let mut progress = Progress::new(args.quiet);
    let report = run(args, |share, candidate| {
        progress.tick(|| format!("{:>3.0} %  {candidate}", (share * 100.0).min(100.0)));
    });
    progress.clear();
    print!("{}", report.map_err(Failure::machine)?);
    Ok(ExitCode::SUCCESS)
}
