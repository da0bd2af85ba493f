//! A hundred dollars a week into one router, whatever the price: dollar-cost averaging without a custodian.
//!
//! `cargo run -p latchkey --features devnet-server --example dca [WEEKS]`

mod ground;

use std::time::Duration;

use ground::{DOLLAR, Deal, Ground, settle};
use latchkey::{FrequencyCap, Outcome, SessionKey};

const WEEK_S: u32 = 7 * 24 * 3_600;

fn main() -> ground::Result<()> {
    let weeks: u32 = std::env::args().nth(1).map_or(Ok(8), |text| text.parse())?;
    let ground = Ground::new(Duration::from_millis(100))?;
    let policy = ground
        .policy("Weekly purchase", "buy(uint256)", 100, 800)
        .frequency(FrequencyCap::new(1, WEEK_S))
        .max_actions_per_tx(1)
        .lifetime(Duration::from_secs(u64::from(52 * WEEK_S)))
        .build()?;
    // A real program keeps its key in a store between its runs; see `latchkey::session`.
    let mut secret = [0; 32];
    getrandom::fill(&mut secret)?;
    let account = ground.grant(&policy, SessionKey::from_bytes(&secret)?.address())?;

    let mut had = 0;
    for week in 1..=weeks {
        let mut chain = ground.resume(SessionKey::from_bytes(&secret)?, account)?;
        chain.act(Deal::Buy(100 * DOLLAR))?;
        for outcome in settle(&mut chain) {
            match outcome {
                Outcome::Confirmed { .. } => {
                    let shares = chain.confirmed().shares;
                    println!("week {week:>2}: 100 dollars at {:.0} a share", 100.0 / share(shares - had));
                    had = shares;
                }
                Outcome::Rejected { reason, .. } => println!("week {week:>2}: refused by the account: {reason}"),
                _ => {}
            }
        }
        ground.devnet.advance(Duration::from_secs(WEEK_S.into()));
        ground.devnet.mine();
    }
    println!("{:.3} shares", share(had));
    Ok(())
}

fn share(amount: u128) -> f64 {
    amount as f64 / 1e6
}
