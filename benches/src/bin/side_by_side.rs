//! `latchkey bench` without the game: builds in a minute or two.

#![forbid(unsafe_code)]

use std::io::{IsTerminal, Write, stderr};
use std::process::ExitCode;

use clap::Parser;
use latchkey_benches::command::{BenchArgs, run};

/// How fast this machine signs, and what the best of the alternatives is.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(flatten)]
    bench: BenchArgs,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let live = stderr().is_terminal() && !cli.bench.quiet;
    let result = run(&cli.bench, |share, name| {
        if live {
            // What cannot be shown is not worth failing a run for.
            drop(write!(stderr(), "\r{:>3.0} %  {name:<44}\r", (share * 100.0).min(100.0)));
        }
    });
    if live {
        eprint!("\r{:52}\r", "");
    }
    match result {
        Ok(report) => {
            print!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(6)
        }
    }
}
