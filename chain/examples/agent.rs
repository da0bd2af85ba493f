//! An autonomous program with a budget: it may buy shares for ten dollars in all, and is refused everything else.
//!
//! Nobody has to trust the program. What it wants is checked twice: at the engine's door, where a refusal costs
//! nothing, and by the account's contract, which a thief of the key would meet as well.
//!
//! `cargo run -p latchkey --features devnet-server --example agent`

mod ground;

use std::time::Duration;

use alloy::primitives::Address;
use ground::{DOLLAR, Deal, Ground, settle};
use latchkey::Outcome;

fn main() -> ground::Result<()> {
    let ground = Ground::new(Duration::from_millis(100))?;
    let policy = ground.policy("Agent", "buy(uint256)", 4, 10).max_actions_per_tx(1).build()?;
    let mut chain = ground.start(&policy)?;

    let wishes = [
        ("buy for 3 dollars", Deal::Buy(3 * DOLLAR)),
        ("send 3 dollars to a stranger", Deal::Transfer(Address::repeat_byte(0xbb), 3 * DOLLAR)),
        ("subscribe to something", Deal::Subscribe),
        ("buy for 5 dollars at once", Deal::Buy(5 * DOLLAR)),
        ("buy for 4 dollars", Deal::Buy(4 * DOLLAR)),
        ("buy for 4 dollars more", Deal::Buy(4 * DOLLAR)),
        ("buy for the last 3 dollars", Deal::Buy(3 * DOLLAR)),
    ];
    for (wish, deal) in wishes {
        if let Err(refused) = chain.act(deal) {
            println!("{wish}: refused at the door: {refused}");
            continue;
        }
        for outcome in settle(&mut chain) {
            match outcome {
                Outcome::Confirmed { .. } => println!("{wish}: done"),
                Outcome::Rejected { reason, .. } => println!("{wish}: refused by the account: {reason}"),
                _ => {}
            }
        }
    }
    println!("{:.4} shares bought", chain.confirmed().shares as f64 / DOLLAR as f64);
    Ok(())
}
