//! One session that trades forty times a second on blocks of 100 ms, and can lose ten dollars at most.
//!
//! Two pools drift apart; each trade buys in the cheap one and sells in the dear one. The account's contract holds the
//! session to forty transactions a second, whoever has the key.
//!
//! `cargo run -p latchkey --features devnet-server --example arbitrage [SECONDS]`

mod ground;

use std::time::{Duration, Instant};

use ground::{DOLLAR, Deal, Ground, settle};
use latchkey::{ActError, FrequencyCap};

/// Transactions a second.
const RATE: u16 = 40;

fn main() -> ground::Result<()> {
    let seconds = std::env::args().nth(1).map_or(Ok(10), |text| text.parse())?;
    let ground = Ground::new(Duration::from_millis(100))?;
    let policy = ground
        .policy("Arbitrage", "trade(uint256)", 2, 10)
        .frequency(FrequencyCap::per_second(RATE))
        .max_actions_per_tx(1)
        .build()?;
    let mut chain = ground.start(&policy)?;

    let (begun, mut said) = (Instant::now(), 0);
    while begun.elapsed() < Duration::from_secs(seconds) {
        // As many as the engine takes; it signs each as soon as the cap allows.
        while !matches!(chain.act(Deal::Trade(10 * DOLLAR)), Err(ActError::Full(_))) {}
        chain.drain();
        if begun.elapsed().as_secs() > said {
            said = begun.elapsed().as_secs();
            let (done, profit) = (chain.status().actions.confirmed, chain.confirmed().profit);
            println!(
                "{said:>3} s   {:>5.1} trades a second   {:.2} dollars made",
                done as f64 / said as f64,
                cents(profit)
            );
        }
        std::thread::park_timeout(Duration::from_millis(5));
    }
    settle(&mut chain);
    let profit = chain.confirmed().profit;
    let status = chain.shutdown(Duration::from_secs(2)).status;
    println!(
        "{} confirmed, {} found no gap, {} refused by frequency; {:.2} dollars made",
        status.actions.confirmed,
        status.actions.rejected,
        status.transactions.rate_limited,
        cents(profit)
    );
    Ok(())
}

fn cents(amount: u128) -> f64 {
    amount as f64 / DOLLAR as f64
}
