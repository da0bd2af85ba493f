//! `latchkey devnet`: the embedded chain as a server for other tools.

use std::fmt::Write;
use std::process::ExitCode;

use latchkey::contracts::gold;
use latchkey::devnet::{CHAIN_ID, DEV_ADDRESSES, DEV_KEYS, Server};
use latchkey_game::onchain::setup::{embedded_chain, game_contracts};

use crate::cli::args::DevnetArgs;
use crate::cli::failure::Failure;
use crate::cli::interrupt::Interrupt;

/// Serves until Ctrl-C.
///
/// # Errors
/// When the chain does not start or the port is taken.
pub(crate) fn serve(args: &DevnetArgs) -> anyhow::Result<ExitCode> {
    let interrupt = Interrupt::install()?;
    let devnet = embedded_chain(args.block_time())?;
    let server = devnet.serve(args.port).map_err(|error| {
        Failure::machine(format!(
            "cannot listen on 127.0.0.1:{}: {error}. Take another port with --port, or --port 0 for any free one.",
            args.port
        ))
    })?;
    print!("{}", banner(&server, args));
    interrupt.wait_forever();
    Ok(ExitCode::SUCCESS)
}

fn banner(server: &Server, args: &DevnetArgs) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let mut line = |line: String| {
        let _ = writeln!(text, "{line}");
    };
    line("Latchkey devnet: a development chain, everything on it is public and gone at the end.".to_owned());
    line(String::new());
    line(format!("HTTP           {}", server.http_url()));
    line(format!("WebSocket      {}", server.ws_url()));
    line(format!("chain id       {CHAIN_ID}"));
    line(format!("block time     {} ms", args.block_time().as_millis()));
    line(String::new());
    for artifact in game_contracts() {
        line(format!("{:<15}{}", artifact.name, artifact.address));
    }
    line(format!("{:<15}{}", "Gold", gold()));
    line(String::new());
    line("Accounts with 10000 coins each, and their private keys, which everybody knows:".to_owned());
    for (address, key) in DEV_ADDRESSES.iter().zip(DEV_KEYS) {
        line(format!("{address}  {key}"));
    }
    line(String::new());
    line(format!("Play on it: OWNER=<private key> latchkey play --rpc {} --private-key-env OWNER", server.http_url()));
    line("Ctrl-C ends it.".to_owned());
    text
}
