//! What the benches on a whole chain share: the smallest model, its contract's address, a session's limits, a table.

mod table;

use std::time::Duration;

use alloy::primitives::{Address, Log, U256};
use latchkey::{Call, FrequencyCap, Model, Policy};

pub(crate) use table::{Goal, Table};

/// A game's frame at 60 Hz.
pub(crate) const FRAME: Duration = Duration::from_nanos(1_000_000_000 / 60);

/// The contract; its code is the bench's.
pub(crate) const CONTRACT: Address = Address::repeat_byte(0x51);

/// One coin, in wei.
pub(crate) const COIN: u128 = 1_000_000_000_000_000_000;

/// The contract's only method, and its selector.
const METHOD: &str = "tell(uint256)";
const SELECTOR: [u8; 4] = [0x55, 0xde, 0xb8, 0xfc];

/// Numbered actions; the state is how many have happened, by the contract's logs.
#[derive(Debug)]
pub(crate) struct Numbers;

impl Model for Numbers {
    type State = u64;
    type Action = u64;
    type Event = ();
    type Reject = &'static str;

    fn initial(&self) -> u64 {
        0
    }
    fn predict(&self, happened: &mut u64, _: &u64, _: u64) -> Result<(), &'static str> {
        *happened += 1;
        Ok(())
    }
    fn encode(&self, number: &u64) -> Call {
        Call::new(CONTRACT, SELECTOR).arg(U256::from(*number))
    }
    fn decode(&self, log: &Log) -> Option<()> {
        (log.address == CONTRACT).then_some(())
    }
    fn apply(&self, happened: &mut u64, (): &()) {
        *happened += 1;
    }
    fn checksum(&self, happened: &u64) -> u64 {
        *happened
    }
}

/// Up to eight actions in a transaction, as often as `cap` allows, for a day.
pub(crate) fn policy(cap: FrequencyCap) -> Policy {
    Policy::builder("benches")
        .method(CONTRACT, "Numbers", METHOD)
        .frequency(cap)
        .max_actions_per_tx(8)
        .lifetime(Duration::from_secs(86_400))
        .gas_money(100 * COIN)
        .build()
        .expect("a sound policy")
}
