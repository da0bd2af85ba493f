//! The contract that every client calls: it logs the number that it is given, and nothing else.

use alloy::primitives::{Bytes, hex};

alloy::sol! {
    /// An action with its number.
    function act(uint256 number) external;
}

/// Creation code, assembled by hand.
///
/// It returns `PUSH1 4 CALLDATALOAD PUSH0 PUSH0 LOG1 STOP`: a log whose only topic is the first argument. A fixed
/// contract keeps the figures comparable while the game changes, and its logs tell which action ran how often.
pub(crate) const CREATION: Bytes = Bytes::from_static(&hex!("66 6004355f5fa100 5f 52 6007 6019 f3"));
