//! The engine beside plain loops over alloy and viem: the same chain, the same contract, the same pace.
//!
//! Each client has a fresh anvil and sends numbered actions to the same contract, which logs their numbers. What
//! became of each is read from the chain afterwards, not from what the client says. Between client and anvil stands
//! a proxy that counts requests and, when asked to, answers every tenth with 429.

#![forbid(unsafe_code)]

mod chain;
mod clients;
mod proxy;
mod report;
mod tally;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Parser;

use chain::Chain;
use clients::{Client, Course};
use proxy::Proxy;
use report::{Line, table};

/// Blocks that are waited for after a client has ended, so that what it left in the pool is mined.
const AFTERMATH_BLOCKS: u64 = 3;

/// Time between blocks, in seconds, as anvil is told.
const BLOCK_TIME_S: &str = "1";

/// The engine beside plain loops over alloy and viem, on one-second blocks.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// Time for which each client sends actions, in seconds.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// Actions that are due per second.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=200))]
    rate: u32,
    /// Answer one request in so many with 429 in the second part; 0 leaves that part out.
    #[arg(long, default_value_t = 10)]
    fault_every: u64,
    /// Write the figures to this file as JSON.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut lines = Vec::new();
    for fault_every in [0, args.fault_every] {
        if fault_every == 0 && !lines.is_empty() {
            break;
        }
        for client in Client::ALL {
            match runtime.block_on(race(&args, client, fault_every)) {
                Ok(line) => {
                    eprintln!("{line}");
                    lines.push(line);
                }
                Err(error) => eprintln!("skipped: {}: {error:#}", client.name()),
            }
        }
    }
    print!("{}", table(&lines));
    if let Some(path) = &args.report {
        let text = serde_json::to_string_pretty(&lines)? + "\n";
        std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

async fn race(args: &Args, client: Client, fault_every: u64) -> anyhow::Result<Line> {
    let chain = Chain::start(BLOCK_TIME_S).await?;
    let proxy = Proxy::start(chain.url()).await?;
    let course = Course {
        direct: chain.url().to_owned(),
        proxied: proxy.url(),
        tally: chain.tally(),
        pause: Duration::from_secs(1) / args.rate,
        length: Duration::from_secs(args.seconds),
    };
    let runner = client.prepare(&course).await?;
    proxy.begin(fault_every);
    let begun = Instant::now();
    let told = runner.run(&course).await?;
    let took = begun.elapsed().max(course.length);
    let requests = proxy.end();
    chain.wait_blocks(AFTERMATH_BLOCKS).await?;
    let counts = chain.counts().await?;
    Ok(Line::new(client.name(), fault_every, took, requests, &told, &counts))
}
