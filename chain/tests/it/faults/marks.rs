//! A contract that notes marks in order, and the rules of a game that is nothing else.
//!
//! Count and digest of all marks so far stand in its storage and in each event, so that a mark that is lost, doubled
//! or out of order shows in every later one.

use alloy::primitives::{Address, B256, Log, U256, address, bytes, keccak256};
use alloy::sol;
use alloy::sol_types::SolCall;
use latchkey::{Call, Model};

sol! {
    /// Notes a mark.
    function note(uint256 mark);
}

/// Where the contract stands.
pub(super) const MARKS: Address = address!("0x4d61726b73000000000000000000000000000001");

/// Canonical signature of its only method.
pub(super) const NOTE: &str = "note(uint256)";

/// Refuses a mark with bit 255, burns all gas for one with bit 254, and else logs count and digest under the mark.
///
/// ```text
/// mark := calldata[4..36];  if mark >> 255 { revert }  if mark >> 254 { loop {} }
/// slot[0] += 1;  slot[1] := keccak256(slot[1] ++ mark);  log1(slot[0] ++ slot[1], mark)
/// ```
pub(super) fn code() -> alloy::primitives::Bytes {
    bytes!(
        "600435" "8060ff1c603657" "8060fe1c603a57" "5f54600101" "805f55" "604052" "80602052" "6001545f52" "60405f20"
        "80600155" "606052" "60406040a1" "00" "5b5f5ffd" "5b603a56"
    )
}

/// What a mark does to the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It is noted.
    Plain,
    /// The contract refuses it.
    Reverts,
    /// It takes all gas that its call has.
    Burns,
    /// It takes all gas of its transaction, in which it travels alone because it carries a wei.
    BurnsAll,
}

/// One mark to be noted; no two are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) number: u64,
    pub(super) kind: Kind,
}

impl Mark {
    fn word(self) -> U256 {
        let flag = match self.kind {
            Kind::Plain => U256::ZERO,
            Kind::Reverts => U256::from(1) << 255,
            Kind::Burns | Kind::BurnsAll => U256::from(1) << 254,
        };
        flag | U256::from(self.number)
    }
}

/// Count and digest of the marks so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) count: u64,
    pub(super) digest: B256,
    /// Events that did not follow the one before: one was left out, or told twice.
    pub(super) holes: u64,
}

/// An event of the contract.
#[derive(Clone, Copy, Debug)]
pub(super) struct Noted {
    pub(super) mark: u64,
    pub(super) count: u64,
    pub(super) digest: B256,
}

impl Noted {
    pub(super) fn read(log: &Log) -> Option<Self> {
        let (count, digest) = log.data.data.split_at_checked(32)?;
        let mark = U256::from_be_bytes(log.topics().first()?.0);
        Some(Self {
            mark: mark.try_into().ok()?,
            count: U256::try_from_be_slice(count)?.try_into().ok()?,
            digest: B256::try_from(digest).ok()?,
        })
    }
}

/// The rules: every mark is noted, in order.
#[derive(Debug)]
pub(super) struct Marks;

impl Model for Marks {
    type State = Tally;
    type Action = Mark;
    type Event = Noted;
    type Reject = &'static str;

    fn initial(&self) -> Tally {
        Tally::default()
    }
    fn predict(&self, state: &mut Tally, mark: &Mark, _: u64) -> Result<(), &'static str> {
        state.count += 1;
        state.digest = keccak256([state.digest.as_slice(), &mark.word().to_be_bytes::<32>()].concat());
        Ok(())
    }
    fn encode(&self, mark: &Mark) -> Call {
        let call = Call::new(MARKS, noteCall::SELECTOR).arg(mark.word());
        if mark.kind == Kind::BurnsAll { call.value(1) } else { call }
    }
    fn decode(&self, log: &Log) -> Option<Noted> {
        (log.address == MARKS).then(|| Noted::read(log)).flatten()
    }
    fn apply(&self, state: &mut Tally, noted: &Noted) {
        let follows = noted.count == state.count + 1;
        *state = Tally { count: noted.count, digest: noted.digest, holes: state.holes + u64::from(!follows) };
    }
    fn checksum(&self, state: &Tally) -> u64 {
        state.digest.0.iter().fold(state.count, |sum, byte| sum.rotate_left(8) ^ u64::from(*byte))
    }
}
