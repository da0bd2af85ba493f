//! Five dollars a month for twelve months to one merchant, signed for once.
//!
//! The charging program runs once a month. Whoever steals its key can charge what it may charge: five dollars once a
//! month, to that merchant, twelve times. The chain's clock is moved ahead a month at a time.
//!
//! `cargo run -p latchkey --features devnet-server --example subscription`

mod ground;

use std::time::Duration;

use ground::{Deal, Ground, settle};
use latchkey::{FrequencyCap, Outcome, SessionKey};

const DAY_S: u32 = 24 * 3_600;
const MONTH_S: u32 = 30 * DAY_S;

fn main() -> ground::Result<()> {
    let ground = Ground::new(Duration::from_millis(100))?;
    let policy = ground
        .policy("Subscription", "subscribe()", 5, 60)
        .frequency(FrequencyCap::new(1, MONTH_S))
        .max_actions_per_tx(1)
        .lifetime(Duration::from_secs(u64::from(13 * MONTH_S)))
        .build()?;
    // A real program keeps its key in a store between its runs; see `latchkey::session`.
    let mut secret = [0; 32];
    getrandom::fill(&mut secret)?;
    let account = ground.grant(&policy, SessionKey::from_bytes(&secret)?.address())?;

    for month in 1..=13 {
        let mut chain = ground.resume(SessionKey::from_bytes(&secret)?, account)?;
        chain.act(Deal::Subscribe)?;
        for outcome in settle(&mut chain) {
            match outcome {
                Outcome::Confirmed { .. } => println!("month {month:>2}: paid, {} so far", chain.confirmed().months),
                Outcome::Rejected { reason, .. } => println!("month {month:>2}: refused by the account: {reason}"),
                _ => {}
            }
        }
        if month == 1 {
            chain.act(Deal::Subscribe)?;
            let again = chain.shutdown(Duration::from_secs(1)).status.actions;
            println!("          a second time in the same month: {} signed", again.acted - again.expired - 1);
        }
        ground.devnet.advance(Duration::from_secs(MONTH_S.into()));
        ground.devnet.mine();
    }
    Ok(())
}
