//! The `latchkey` binary: the demo RPG, its headless bot, and the embedded chain as a server.

#![forbid(unsafe_code)]

mod cli;

fn main() -> std::process::ExitCode {
    cli::run()
}
