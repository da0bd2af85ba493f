//! A run in a window, and how it ended.

use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::time::Instant;

use latchkey_game::autoplay::Autoplay;
use latchkey_game::onchain::Ending;
use latchkey_game::onchain::setup::prepare;
use latchkey_game::settings::file::SettingsFile;
use latchkey_game::window::{self, WindowOptions};

use crate::cli::args::PlayArgs;
use crate::cli::failure::Failure;
use crate::cli::report::{RunEnd, RunReport};
use crate::cli::{display, ended, interrupt, run_options};

/// Opens the window and plays until it is closed, by the player, by `--seconds` or by Ctrl-C.
///
/// # Errors
/// Without a display, when the pictures cannot be kept, or when the run failed.
pub(crate) fn play(args: &PlayArgs) -> anyhow::Result<ExitCode> {
    display::check()?;
    let run = run_options(args)?;
    if let Some(folder) = &args.screenshot {
        picture_folder(folder)?;
    }
    // Before the window opens: what fails here has an exit code.
    let prepared = prepare(&run)?;
    let stop = interrupt::flag()?;
    let autoplay = Autoplay {
        play: args.autoplay,
        seed: args.seed,
        actions_per_second: args.actions_per_second,
        length: args.window_length(),
        pictures: args.screenshot.clone(),
    };

    let begun = Instant::now();
    // What plays by itself looks the same everywhere.
    let by_hand = !args.autoplay && args.screenshot.is_none();
    let settings = if by_hand { SettingsFile::of_this_user() } else { None };
    let size = args.size.unwrap_or(window::SIZE);
    let options = WindowOptions { run, autoplay, size, settings, words: args.words.clone(), stop: stop.clone() };
    let endings = window::play(options, prepared)?;
    let interrupted = stop.load(Ordering::Relaxed);

    for ending in &endings {
        tell(ending, begun.elapsed().as_secs_f64(), interrupted, args.quiet);
    }
    match endings.into_iter().find_map(|ending| ending.failure) {
        Some(reason) => Err(Failure::run(reason)),
        None => Ok(ended(interrupted)),
    }
}

/// The summary of one of the window's runs.
fn tell(ending: &Ending, seconds: f64, interrupted: bool, quiet: bool) {
    if let (Some(figures), Some(world), false) = (&ending.report, &ending.world, quiet) {
        let (revoked, spent) = (ending.still_live.is_none(), ending.spent.clone());
        let end = RunEnd { seconds, interrupted, refused: 0, spent, revoked };
        let block_time = ending.block_time.unwrap_or_default();
        println!("{}", RunReport::new(figures, block_time, world, ending.differences.clone(), end));
    }
    if let Some(live) = &ending.still_live {
        eprintln!("warning: {live}");
    }
}

fn picture_folder(folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).map_err(|error| {
        Failure::machine(format!(
            "cannot keep pictures in {}: {error}. Give --screenshot a folder that can be written.",
            folder.display()
        ))
    })
}
