//! The command line: what can be asked for, how it is answered, and how the process ends.

mod args;
mod bench;
mod crowd;
mod devnet;
mod display;
mod failure;
mod frames;
mod headless;
mod interrupt;
mod keep;
mod metrics;
mod owner;
mod pace;
mod progress;
mod report;
mod sessions;
mod window;

use std::process::ExitCode;

use clap::Parser;
use latchkey_game::onchain::setup::RunOptions;
use tracing_subscriber::EnvFilter;

use args::{BenchWhat, Cli, Command, PlayArgs};
use failure::Code;

/// Parses the command line, does what it says, and gives the exit code that `--help` documents.
pub(crate) fn run() -> ExitCode {
    let cli = Cli::parse();
    // A server says which requests it refuses; a player would not know what to do with that.
    let usual = if matches!(cli.command, Some(Command::Devnet(_))) { "warn,latchkey::devnet=info" } else { "warn" };
    log_to_stderr(usual);
    let result = match &cli.command {
        None => play(&cli.play),
        Some(Command::Play(args)) => play(args),
        Some(Command::Devnet(args)) => devnet::serve(args),
        Some(Command::Sessions(command)) => sessions::run(command),
        Some(Command::Bot(args)) => crowd::play(args),
        Some(Command::Bench(args)) => match &args.what {
            None => bench::measure(&args.signing),
            Some(BenchWhat::Frames(args)) => frames::run(args),
        },
    };
    result.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        failure::code(&error).into()
    })
}

fn play(args: &PlayArgs) -> anyhow::Result<ExitCode> {
    args.metrics.map(metrics::serve).transpose()?;
    if args.headless { headless::play(args) } else { window::play(args) }
}

/// What the arguments make of a run.
fn run_options(args: &PlayArgs) -> anyhow::Result<RunOptions> {
    Ok(RunOptions {
        rpc: args.rpc.clone(),
        chain_id: args.chain_id,
        owner: owner::load(&args.owner)?,
        block_time: args.block_time(),
        state: args.state.clone(),
        keep: keep::of(args)?,
        faults: !args.headless,
        gas_money: args.gas_money,
        sync_test: args.sync_test,
    })
}

/// Exit code of a run that reached its end, by itself or by Ctrl-C.
fn ended(interrupted: bool) -> ExitCode {
    if interrupted { Code::Interrupted.into() } else { ExitCode::SUCCESS }
}

/// Logs on stderr, as `RUST_LOG` asks or else as usual.
fn log_to_stderr(usual: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(usual));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}
