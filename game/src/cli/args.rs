//! What the command line accepts.

mod values;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use alloy::primitives::Address;
use clap::{ArgGroup, Args, Parser, Subcommand};
use latchkey::devnet::CHAIN_ID;
use latchkey_benches::command::BenchArgs;

use values::{MAX_BLOCK_MS, MIN_BLOCK_MS, coin, pace, size};

pub(crate) use values::Pace;

/// Printed under `--help`; [`super::failure::Code`] is the other place that knows these numbers.
const EXIT_CODES: &str = "\
Exit codes:
    0  done; for `devnet` also when stopped by Ctrl-C
    1  unexpected error
    2  wrong usage
    3  the endpoint cannot be reached, or is another chain than expected
    4  the owner has no funds, or the chain refused what the owner sent
    5  the run failed: session lost, or the client's state differs from the chain's
    6  this machine: port in use, no display, a file that cannot be read or written
  130  a run ended by Ctrl-C, after its summary and report

Logs go to stderr; RUST_LOG=info (or debug, or latchkey=trace) shows more of them.";

/// Play Latchkey: an RPG whose every hit is a transaction, signed by a session key.
///
/// Without a subcommand this is `latchkey play`: the game window on a chain embedded in the process.
#[derive(Debug, Parser)]
#[command(name = "latchkey", version, after_help = EXIT_CODES, args_conflicts_with_subcommands = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) play: PlayArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Play in a window, or with `--headless` let a bot play without one.
    #[command(after_help = EXIT_CODES)]
    Play(Box<PlayArgs>),
    /// Serve the embedded chain over JSON-RPC (HTTP and WebSocket) on loopback.
    #[command(after_help = EXIT_CODES)]
    Devnet(DevnetArgs),
    /// List or revoke the sessions of an account, on any endpoint.
    #[command(subcommand, after_help = EXIT_CODES)]
    Sessions(SessionsCommand),
    /// Fill a chain's world with bots, each with an account and a session of its own.
    #[command(after_help = EXIT_CODES)]
    Bot(BotArgs),
    /// Measure how fast this machine signs, beside the alternatives. Wants a release build.
    #[command(after_help = EXIT_CODES)]
    Bench(BenchCommand),
}

/// The owner's key; never on the command line itself, where every process on the machine could read it.
#[derive(Args, Clone, Debug)]
#[command(group(ArgGroup::new("owner").args(["keystore", "private_key_env"])))]
pub(crate) struct OwnerArgs {
    /// Owner key for `--rpc`: an encrypted JSON keystore. The passphrase is asked for, or read from
    /// LATCHKEY_PASSPHRASE.
    #[arg(long, value_name = "FILE", requires = "rpc")]
    pub(crate) keystore: Option<PathBuf>,
    /// Owner key for `--rpc`: the name of the environment variable that holds the private key in hex.
    #[arg(long, value_name = "VAR", requires = "rpc")]
    pub(crate) private_key_env: Option<String>,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct PlayArgs {
    /// Let a bot play without a window and print a summary.
    #[arg(long)]
    pub(crate) headless: bool,
    /// End the run after this many seconds (headless default: 60; a window stays open until it is closed).
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=MAX_SECONDS))]
    seconds: Option<u32>,
    /// Write the run's figures to this file as JSON.
    #[arg(long, value_name = "FILE", requires = "headless")]
    pub(crate) report: Option<PathBuf>,
    /// Play on the chain behind this JSON-RPC endpoint (http, https, ws or wss) instead of the embedded one.
    #[arg(long, value_name = "URL", requires = "owner")]
    pub(crate) rpc: Option<String>,
    /// Refuse to play unless the chain has this id.
    #[arg(long, value_name = "N")]
    pub(crate) chain_id: Option<u64>,
    #[command(flatten)]
    pub(crate) owner: OwnerArgs,
    /// Time between blocks of the embedded chain, in milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 1000, conflicts_with = "rpc",
          value_parser = clap::value_parser!(u32).range(MIN_BLOCK_MS..=MAX_BLOCK_MS))]
    block_time: u32,
    /// Load the embedded chain from this file and save it there, so that progress outlives the run.
    #[arg(long, value_name = "FILE", conflicts_with = "rpc")]
    pub(crate) state: Option<PathBuf>,
    /// Keep the session in this folder, encrypted, until it is revoked: a run that was cut off is gone on with, and
    /// what it had in flight is resolved [default with --state: FILE.session].
    #[arg(long, value_name = "DIR")]
    pub(crate) keep: Option<PathBuf>,
    /// Revoke a kept session and grant a new one instead of going on with it.
    #[arg(long)]
    pub(crate) fresh: bool,
    /// Native coin that the session key receives for network fees, for example 0.2 [default: 0.05, and 5 on the
    /// embedded chain].
    #[arg(long, value_name = "COIN", value_parser = coin)]
    pub(crate) gas_money: Option<u128>,
    /// How many actions the bot attempts per second.
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=60))]
    pub(crate) actions_per_second: u32,
    /// Seed of the bot's choices; the same seed on the same chain makes the same choices.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// In the window: confirm the session and let the bot play.
    #[arg(long, conflicts_with = "headless")]
    pub(crate) autoplay: bool,
    /// In the window: let the bot go through every screen and write a picture of each into this folder.
    #[arg(long, value_name = "DIR", conflicts_with = "headless")]
    pub(crate) screenshot: Option<PathBuf>,
    /// In the window: keep the words that are on screen in this file, for a screen reader or a test.
    #[arg(long, value_name = "FILE", conflicts_with = "headless")]
    pub(crate) words: Option<PathBuf>,
    /// Serve the engine's counters and latencies for Prometheus at http://ADDRESS/metrics, for example 127.0.0.1:9100.
    /// Anyone who reaches the address can read them.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) metrics: Option<SocketAddr>,
    /// Size of the window when it opens, for example 1920x1080 [default: 1280x720].
    #[arg(long, value_name = "WxH", conflicts_with = "headless", value_parser = size)]
    pub(crate) size: Option<(u32, u32)>,
    /// Derive every state again at each step, and panic at a difference. For tests.
    #[arg(long, hide = true)]
    pub(crate) sync_test: bool,
    /// Print neither progress nor summary; errors are still printed.
    #[arg(long)]
    pub(crate) quiet: bool,
}

/// Longest run that can be asked for, in seconds: a session lives two hours.
const MAX_SECONDS: i64 = 7_000;
/// Most bots of one process: each runs three threads.
const MAX_PLAYERS: i64 = 32;
/// Length of a headless run unless `--seconds` says otherwise, in seconds.
const HEADLESS_SECONDS: u32 = 60;

impl PlayArgs {
    /// Length of a headless run.
    pub(crate) fn headless_length(&self) -> Duration {
        Duration::from_secs(self.seconds.unwrap_or(HEADLESS_SECONDS).into())
    }

    /// Length of a run in a window; none when it stays open until it is closed.
    pub(crate) fn window_length(&self) -> Option<Duration> {
        self.seconds.map(|seconds| Duration::from_secs(seconds.into()))
    }

    /// Block time of the embedded chain.
    pub(crate) fn block_time(&self) -> Duration {
        Duration::from_millis(self.block_time.into())
    }
}

#[derive(Args, Clone, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct BenchCommand {
    #[command(subcommand)]
    pub(crate) what: Option<BenchWhat>,
    #[command(flatten)]
    pub(crate) signing: BenchArgs,
}

/// What else is measured.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum BenchWhat {
    /// How long frames take in a window with the chain at work and with it at rest, by turns.
    Frames(FrameArgs),
}

#[derive(Args, Clone, Debug)]
pub(crate) struct FrameArgs {
    /// Length of the measurement, in seconds.
    #[arg(long, value_name = "N", default_value_t = 120, value_parser = clap::value_parser!(u32).range(15..=3_600))]
    pub(crate) seconds: u32,
    /// Monsters in view.
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u8).range(1..=100))]
    pub(crate) monsters: u8,
    /// Actions that the bot attempts per second.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub(crate) actions_per_second: u32,
}

/// What is done with the sessions of an account.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum SessionsCommand {
    /// Every stored session with its whole policy and what is spent of it.
    List(AccountArgs),
    /// End one session for good.
    Revoke {
        /// Address of the session key, as `list` shows it.
        #[arg(value_name = "KEY")]
        key: Address,
        #[command(flatten)]
        account: AccountArgs,
    },
    /// End every session of the account at once.
    RevokeAll(AccountArgs),
}

#[derive(Args, Clone, Debug)]
pub(crate) struct AccountArgs {
    /// JSON-RPC endpoint (http, https, ws or wss) of the chain.
    #[arg(long, value_name = "URL", required = true, requires = "owner")]
    pub(crate) rpc: String,
    /// Refuse unless the chain has this id.
    #[arg(long, value_name = "N")]
    pub(crate) chain_id: Option<u64>,
    #[command(flatten)]
    pub(crate) owner: OwnerArgs,
    /// The owner's account is the clone that the factory made, not the owner's own address.
    #[arg(long)]
    pub(crate) clone: bool,
    /// Print JSON: amounts in the smallest unit, times in Unix seconds.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct BotArgs {
    /// How many bots play.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=MAX_PLAYERS))]
    pub(crate) players: u8,
    /// End after this many seconds [default: when stopped by Ctrl-C].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=MAX_SECONDS))]
    pub(crate) seconds: Option<u32>,
    /// Play on the chain behind this JSON-RPC endpoint instead of an embedded one. The owner pays for every bot.
    #[arg(long, value_name = "URL", requires = "owner")]
    pub(crate) rpc: Option<String>,
    /// Refuse to play unless the chain has this id.
    #[arg(long, value_name = "N")]
    pub(crate) chain_id: Option<u64>,
    #[command(flatten)]
    pub(crate) owner: OwnerArgs,
    /// Time between blocks of the embedded chain, in milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 1000, conflicts_with = "rpc",
          value_parser = clap::value_parser!(u32).range(MIN_BLOCK_MS..=MAX_BLOCK_MS))]
    pub(crate) block_time: u32,
    /// Serve the embedded chain on this port of 127.0.0.1, so that others can play among the bots; 0 takes a free one.
    #[arg(long, value_name = "P", conflicts_with = "rpc")]
    pub(crate) port: Option<u16>,
    /// How many actions each bot attempts per second.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=60))]
    pub(crate) actions_per_second: u32,
    /// Native coin that each session key receives for network fees, for example 0.02 [default: 0.05, and 5 on the
    /// embedded chain].
    #[arg(long, value_name = "COIN", value_parser = coin)]
    pub(crate) gas_money: Option<u128>,
    /// Seed of the bots' choices.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Derive every state again at each step, and panic at a difference. For tests.
    #[arg(long, hide = true)]
    pub(crate) sync_test: bool,
    /// Print neither progress nor summary; errors are still printed.
    #[arg(long)]
    pub(crate) quiet: bool,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct DevnetArgs {
    /// Port on 127.0.0.1; 0 takes a free one and prints it.
    #[arg(long, value_name = "P", default_value_t = 8545)]
    pub(crate) port: u16,
    /// Time between blocks, in milliseconds from 10 to 12000; or `on-demand` (when asked by evm_mine), or `instant` (a
    /// block per transaction).
    #[arg(long, value_name = "MS", default_value = "1000", value_parser = pace)]
    pub(crate) block_time: Pace,
    /// How many of the ten development accounts have coin.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u8).range(0..=10))]
    pub(crate) accounts: u8,
    /// Load the chain from this file, where there is one, and save it there every half minute and at the end.
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,
    /// Id of the chain.
    #[arg(long, value_name = "N", default_value_t = CHAIN_ID)]
    pub(crate) chain_id: u64,
    /// Answer browsers on behalf of this site, for example http://localhost:3000, or `*` for every site. May be
    /// given several times. Any page of such a site can use the chain.
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) allow_origin: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Cli, clap::error::ErrorKind> {
        Cli::try_parse_from(line.split_whitespace()).map_err(|error| error.kind())
    }

    #[test]
    fn definition_is_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn play_is_the_default() {
        let cli = parse("latchkey --headless --seconds 3").unwrap();
        assert!(cli.command.is_none());
        assert_eq!(cli.play.headless_length(), Duration::from_secs(3));
        assert_eq!(parse("latchkey").unwrap().play.window_length(), None);
    }

    #[test]
    fn an_endpoint_needs_an_owner_key() {
        use clap::error::ErrorKind::{ArgumentConflict, MissingRequiredArgument};
        let url = "--rpc http://127.0.0.1:1";
        assert_eq!(parse(&format!("latchkey play {url}")).unwrap_err(), MissingRequiredArgument);
        assert_eq!(parse("latchkey play --private-key-env KEY").unwrap_err(), MissingRequiredArgument);
        assert_eq!(
            parse(&format!("latchkey play {url} --private-key-env K --keystore f")).unwrap_err(),
            ArgumentConflict,
        );
        assert!(parse(&format!("latchkey play {url} --private-key-env KEY")).is_ok());
    }

    #[test]
    fn sessions_need_an_endpoint_and_an_owner() {
        use clap::error::ErrorKind::{MissingRequiredArgument, ValueValidation};
        let full = "--rpc http://127.0.0.1:1 --private-key-env K";
        assert_eq!(parse("latchkey sessions list").unwrap_err(), MissingRequiredArgument);
        assert_eq!(parse("latchkey sessions list --rpc http://127.0.0.1:1").unwrap_err(), MissingRequiredArgument);
        assert_eq!(parse(&format!("latchkey sessions revoke nobody {full}")).unwrap_err(), ValueValidation);
        for what in ["list --json", "revoke-all", "revoke 0x00000000000000000000000000000000000000aa"] {
            assert!(parse(&format!("latchkey sessions {what} {full}")).is_ok(), "{what}");
        }
    }

    #[test]
    fn values_out_of_range_are_refused() {
        use clap::error::ErrorKind::ValueValidation;
        for line in ["latchkey play --seconds 0", "latchkey devnet --block-time 1", "latchkey devnet --port 70000"] {
            assert_eq!(parse(line).unwrap_err(), ValueValidation, "{line}");
        }
    }
}
