//! What a session has spent of its caps, as the contract tells.

use alloy::primitives::utils::format_ether;
use alloy::primitives::{Address, U256};
use latchkey::contracts::gold;
use latchkey::{Owner, OwnerError};

/// Spent and most of native coin and of Gold, each in 1e-18.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Native coin spent.
    pub native: U256,
    /// Native coin that the session may spend.
    pub native_total: U256,
    /// Gold spent.
    pub gold: U256,
    /// Gold that the session may spend.
    pub gold_total: U256,
}

impl Spent {
    /// Reads it for the session of `key`; `None` when that is no longer live.
    pub(super) fn read(owner: &Owner, key: Address) -> Result<Option<Self>, OwnerError> {
        let Some(session) = owner.sessions()?.into_iter().find(|session| session.key == key) else { return Ok(None) };
        let cap = session.tokens.iter().find(|cap| cap.token == gold());
        let (gold, gold_total) = cap.map_or_else(Default::default, |cap| (cap.spent, cap.total));
        Ok(Some(Self { native: session.nativeSpent, native_total: session.nativeTotal, gold, gold_total }))
    }
}

/// An amount in whole units, without trailing zeros.
pub fn whole(amount: U256) -> String {
    let text = format_ether(amount);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_in_whole_units() {
        let check = |amount: u128, expected: &str| assert_eq!(whole(U256::from(amount)), expected);
        check(0, "0");
        check(1_500_000_000_000_000, "0.0015");
        check(100_000_000_000_000_000_000, "100");
    }
}
