//! The least that embeds Latchkey: a counter contract on the embedded chain, one grant, eight actions.

use alloy::primitives::{Address, Log, hex};
use alloy::sol_types::{SolCall, SolEvent};
use latchkey::contracts::{artifacts::SESSION_WALLET, create2};
use latchkey::devnet::{Devnet, dev_accounts};
use latchkey::{Call, Chain, Endpoint, Model, Owner, Policy, SessionKey};

alloy::sol! {
    function count();
    event Counted(address indexed who, uint256 value);
}

#[derive(Debug)]
struct Counter(Address);
impl Model for Counter {
    type State = u64;
    type Action = ();
    type Event = u64;
    type Reject = std::convert::Infallible;

    fn initial(&self) -> u64 {
        0
    }
    fn predict(&self, counted: &mut u64, (): &(), _at: u64) -> Result<(), Self::Reject> {
        *counted += 1;
        Ok(())
    }
    fn encode(&self, (): &()) -> Call {
        Call::new(self.0, countCall::SELECTOR)
    }
    fn decode(&self, log: &Log) -> Option<u64> {
        Counted::decode_log(log).ok()?.value.try_into().ok()
    }
    fn apply(&self, counted: &mut u64, value: &u64) {
        *counted = *value;
    }
    fn checksum(&self, counted: &u64) -> u64 {
        *counted
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let code = hex::decode(include_str!("ground/counter.hex").trim())?;
    let counter = create2::address(&code);
    let devnet = Devnet::builder().create2(SESSION_WALLET.creation.clone()).create2(code).spawn()?;
    let endpoint = Endpoint::connection("embedded chain", devnet.connection());
    let policy = Policy::builder("Counter").method(counter, "Counter", "count()").gas_money(10_u128.pow(17)).build()?;
    let (owner, key) = (Owner::connect(&endpoint, dev_accounts()[0].clone())?, SessionKey::random()?);
    let grant = owner.grant(&policy, key.address())?; // The player's one signature.
    let mut chain = Chain::builder(Counter(counter)).endpoint(endpoint).session(key, grant.account).start()?;
    (0..8).try_for_each(|_| chain.act(()).map(drop))?;
    while chain.status().actions.unresolved > 0 {
        println!("predicted {}, confirmed {}", chain.predicted(), chain.confirmed());
        std::thread::park_timeout(std::time::Duration::from_millis(250));
        chain.drain().iter().for_each(|outcome| println!("{outcome:?}"));
    }
    println!("predicted {}, confirmed {}", chain.predicted(), chain.confirmed());
    Ok(())
}
