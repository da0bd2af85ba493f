//! Faults on: every fourth submission refused, answers lost, three seconds without the endpoint, a reorg of three
//! blocks. Watch it heal.
//!
//! `cargo run -p latchkey --features devnet-server --example lossy`

mod ground;

use std::time::{Duration, Instant};

use ground::{DOLLAR, Deal, Ground};
use latchkey::devnet::{Fault, FaultProxy, Rule};
use latchkey::{Chain, Endpoint, Outcome, SessionKey};

/// Purchases of one dollar each.
const PURCHASES: u64 = 60;

fn main() -> ground::Result<()> {
    let ground = Ground::new(Duration::from_millis(250))?;
    let policy = ground.policy("Lossy", "buy(uint256)", 8, PURCHASES.into()).build()?;
    let key = SessionKey::random()?;
    let account = ground.grant(&policy, key.address())?;

    let server = ground.devnet.serve(0)?;
    let proxy = FaultProxy::start(&server.http_url(), 0)?;
    let rules = ground.rules();
    let mut chain = Chain::builder(rules).endpoint(Endpoint::url(&proxy.ws_url())?).session(key, account).start()?;

    proxy.inject(Rule::new(Fault::Refuse).on("eth_sendRawTransaction").every(4))?;
    proxy.inject(Rule::new(Fault::LoseAnswer).on("eth_sendRawTransaction").every(5))?;
    println!("every fourth submission is refused, every fifth answer lost");

    let begun = Instant::now();
    let mut script = vec![
        (9, "a reorg of three blocks", Step::Reorg),
        (7, "the endpoint is back", Step::Restore),
        (4, "the endpoint is gone", Step::Cut),
    ];
    let mut acted = 0;
    while acted < PURCHASES || chain.status().actions.unresolved > 0 {
        if script.last().is_some_and(|(at, ..)| begun.elapsed() > Duration::from_secs(*at))
            && let Some((_, words, step)) = script.pop()
        {
            println!("{:>5.1} s  --- {words}", begun.elapsed().as_secs_f64());
            match step {
                Step::Cut => proxy.cut(),
                Step::Restore => proxy.restore(),
                Step::Reorg => drop(ground.devnet.request("anvil_reorg", serde_json::json!([3, []]))?),
            }
        }
        // One every fifth of a second.
        if acted < PURCHASES
            && begun.elapsed() > Duration::from_millis(200 * acted)
            && chain.act(Deal::Buy(DOLLAR)).is_ok()
        {
            acted += 1;
        }
        for outcome in chain.drain() {
            match outcome {
                Outcome::Phase(phase) => println!("{:>5.1} s  {phase:?}", begun.elapsed().as_secs_f64()),
                Outcome::Reopened { id, .. } => println!("{:>5.1} s  {id} reopened", begun.elapsed().as_secs_f64()),
                Outcome::Rejected { id, reason, .. } => println!("{id} refused: {reason}"),
                _ => {}
            }
        }
        std::thread::park_timeout(Duration::from_millis(16));
    }
    let actions = chain.status().actions;
    println!(
        "{} bought, {} confirmed, {} refused, {} expired",
        acted, actions.confirmed, actions.rejected, actions.expired
    );
    println!("requests that met a fault: {:?}", proxy.refusals());
    Ok(())
}

enum Step {
    Cut,
    Restore,
    Reorg,
}
