//! The smallest rules: everybody counts for themselves.

use alloy::primitives::{Address, Log};
use alloy::sol_types::{SolCall, SolEvent};
use latchkey::{Call, Model};

alloy::sol! {
    function count();
    function counts(address who) returns (uint256);
    event Counted(address indexed who, uint256 value);
}

#[derive(Debug)]
pub(crate) struct Counter(pub(crate) Address);

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
