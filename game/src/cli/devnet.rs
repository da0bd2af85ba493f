//! `latchkey devnet`: the embedded chain as a server for other tools.

use std::fmt::Write;
use std::process::ExitCode;

use latchkey::contracts::{gold, session_wallet_factory};
use latchkey::devnet::{DEV_ADDRESSES, DEV_KEYS, Devnet, DevnetError, Mining, Server};
use latchkey_game::onchain::setup::{embedded_chain, game_contracts};

use crate::cli::args::{DevnetArgs, Pace};
use crate::cli::failure::Failure;
use crate::cli::interrupt::Interrupt;

/// Serves until Ctrl-C, then saves the chain where it has a file.
///
/// # Errors
/// When the chain does not start, the port is taken, or the chain cannot be saved.
pub(crate) fn serve(args: &DevnetArgs) -> anyhow::Result<ExitCode> {
    let interrupt = Interrupt::install()?;
    let devnet = start(args).map_err(|error| Failure::machine(error.to_string()))?;
    let server = devnet.serve_to(args.port, &args.allow_origin).map_err(|error| {
        Failure::machine(format!(
            "cannot listen on 127.0.0.1:{}: {error}. Take another port with --port, or --port 0 for any free one.",
            args.port
        ))
    })?;
    print!("{}", banner(&server, args));
    interrupt.wait_forever();
    drop(server);
    devnet.close().map_err(|error| Failure::machine(error.to_string()))?;
    Ok(ExitCode::SUCCESS)
}

fn start(args: &DevnetArgs) -> Result<Devnet, DevnetError> {
    let builder = embedded_chain().chain_id(args.chain_id).accounts(args.accounts.into());
    let builder = match args.block_time {
        Pace::Every(block_time) => builder.block_time(block_time),
        Pace::OnDemand => builder.mining(Mining::OnDemand),
        Pace::Instant => builder.mining(Mining::Automine),
    };
    args.state.iter().fold(builder, |builder, file| builder.state(file)).spawn()
}

fn banner(server: &Server, args: &DevnetArgs) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let mut line = |line: String| {
        let _ = writeln!(text, "{line}");
    };
    line(
        "Latchkey devnet: a development chain. Everything on it is public; never send it anything of worth.".to_owned(),
    );
    line(String::new());
    line(format!("HTTP           {}", server.http_url()));
    line(format!("WebSocket      {}", server.ws_url()));
    line(format!("chain id       {}", args.chain_id));
    line(match args.block_time {
        Pace::Every(block_time) => format!("blocks         every {} ms", block_time.as_millis()),
        Pace::OnDemand => "blocks         when asked by evm_mine".to_owned(),
        Pace::Instant => "blocks         one per transaction".to_owned(),
    });
    line(match &args.state {
        Some(file) => format!("state          {}", file.display()),
        None => "state          gone at the end; keep it with --state FILE".to_owned(),
    });
    if !args.allow_origin.is_empty() {
        line(format!("open to        {}", args.allow_origin.join(", ")));
    }
    line(String::new());
    for artifact in game_contracts() {
        line(format!("{:<15}{}", artifact.name, artifact.address));
    }
    line(format!("{:<15}{}", "Gold", gold()));
    line(format!("{:<15}{}", "Wallet factory", session_wallet_factory()));
    line(String::new());
    if args.accounts > 0 {
        line("Accounts with 10000 coins each at the start, and their private keys, which everybody knows:".to_owned());
    }
    for (address, key) in DEV_ADDRESSES.iter().zip(DEV_KEYS).take(args.accounts.into()) {
        line(format!("{address}  {key}"));
    }
    line(String::new());
    line(format!("Play on it: OWNER=<private key> latchkey play --rpc {} --private-key-env OWNER", server.http_url()));
    line("Ctrl-C ends it.".to_owned());
    text
}
