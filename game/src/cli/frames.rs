//! `latchkey bench frames`: what the chain costs a frame.

use std::process::ExitCode;
use std::time::Duration;

use latchkey_game::window::frames::{FrameOptions, measure};

use crate::cli::args::FrameArgs;
use crate::cli::{display, failure::Failure};

/// Measures in a window and prints the table.
///
/// # Errors
/// Without a display, or when the window is closed before the end.
pub(crate) fn run(args: &FrameArgs) -> anyhow::Result<ExitCode> {
    display::check()?;
    let length = Duration::from_secs(args.seconds.into());
    let options = FrameOptions { length, monsters: args.monsters.into(), pace: args.actions_per_second };
    println!("{}", measure(options).map_err(Failure::run)?);
    Ok(ExitCode::SUCCESS)
}
