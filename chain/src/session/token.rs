//! What a session may spend of one token.

use alloy::primitives::Address;

/// A cap on one ERC-20 token: most per transaction and most in all.
///
/// The contract asks the token for its symbol and decimals and refuses a grant that says otherwise, and it counts
/// what leaves the account whichever method makes it leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenCap {
    /// ERC-20 contract.
    pub token: Address,
    /// What the token's `symbol()` says.
    pub symbol: String,
    /// What the token's `decimals()` says.
    pub decimals: u8,
    /// Most that one transaction may spend, in the token's smallest unit. The contract never rounds: both caps may
    /// have at most 13 digits before the zeros at the end that they share.
    pub per_tx: u128,
    /// Most that the session may spend, in the token's smallest unit.
    pub total: u128,
}

impl TokenCap {
    /// An amount of this token as the grant shows it, `0.5 USDC`; `amount` is in the smallest unit.
    pub fn text(&self, amount: u128) -> String {
        format!("{} {}", decimal(amount, self.decimals), self.symbol)
    }
}

/// `amount` of units of which 10^`decimals` make a whole: no trailing zeros, no separators, `0.5` and not `.5`.
///
/// The session wallet renders the same text from the same numbers and refuses a grant that shows another.
pub(super) fn decimal(amount: u128, decimals: u8) -> String {
    let decimals = usize::from(decimals);
    let digits = format!("{amount:0>width$}", width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    match fraction.trim_end_matches('0') {
        "" => whole.to_owned(),
        fraction => format!("{whole}.{fraction}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_read_as_decimal_numbers() {
        let check = |amount, decimals, expected: &str| assert_eq!(decimal(amount, decimals), expected);
        check(0, 0, "0");
        check(0, 18, "0");
        check(7, 0, "7");
        check(1_000, 0, "1000");
        check(500_000, 6, "0.5");
        check(1, 18, "0.000000000000000001");
        check(100_000_000_000_000_000_000, 18, "100");
        check(1_234_500, 3, "1234.5");
        check(u128::MAX, 38, "3.40282366920938463463374607431768211455");
        check(1, 255, &format!("0.{}1", "0".repeat(254)));
    }

    proptest! {
        /// The text is the number: read back, it is the amount again.
        #[test]
        fn a_decimal_loses_nothing(amount: u128, decimals in 0u8..60) {
            let text = decimal(amount, decimals);
            let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
            prop_assert!(!fraction.ends_with('0') && !text.ends_with('.'), "{}", text);
            prop_assert!(whole == "0" || !whole.starts_with('0'), "{}", text);
            let digits = format!("{whole}{fraction:0<width$}", width = usize::from(decimals));
            prop_assert_eq!(digits.parse::<u128>().ok(), Some(amount));
        }
    }
}
