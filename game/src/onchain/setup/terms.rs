//! The demo's policy, by what the player chooses of it.

use std::time::Duration;

use latchkey::contracts::{game_router, gold};
use latchkey::session::TokenCap;
use latchkey::{FrequencyCap, Policy};

use super::SetupError;
use crate::rules::balance;
use crate::view::offer::Choice;

/// Actions that the demo's session may put into one transaction.
pub const ACTIONS_PER_TRANSACTION: u8 = 8;
/// Most native coin that one transaction of the session may spend, in wei: 0.01. It is less where a session spends so
/// little that a fifth of it is less.
pub const NATIVE_PER_TRANSACTION: u128 = 10_000_000_000_000_000;
/// Wei in a hundredth of the native coin, in which a session's total is chosen.
const NATIVE_CENT: u128 = 10_000_000_000_000_000;
/// Most Gold that one transaction of the session may spend, whole: five Tithes, or half of what the session may spend.
pub const GOLD_PER_TRANSACTION: u32 = 10;

/// Methods of the game contract that the session may call.
const METHODS: [&str; 3] = ["attack(uint256)", "useSkill(uint8,uint256)", "pickup(uint256)"];

/// Native coin that a session with this choice may spend, in wei.
pub(super) fn native_total(choice: Choice) -> u128 {
    u128::from(choice.native_cents) * NATIVE_CENT
}

pub(super) fn policy(choice: Choice, block_time: Duration, gas_money: u128) -> Result<Policy, SetupError> {
    let native_total = native_total(choice);
    let builder = METHODS
        .into_iter()
        .fold(Policy::builder("Latchkey"), |builder, method| builder.method(game_router(), "GameRouter", method))
        .native_per_tx(NATIVE_PER_TRANSACTION.min(native_total / 5))
        .native_total(native_total)
        .token_cap(gold_cap(choice.gold))
        .frequency(FrequencyCap::per_second(choice.transactions_per_s).fitted(block_time))
        .max_actions_per_tx(ACTIONS_PER_TRANSACTION)
        .lifetime(Duration::from_secs(u64::from(choice.minutes) * 60))
        .gas_money(gas_money);
    builder.build().map_err(|error| SetupError::Refused { action: "take the policy", reason: error.to_string() })
}

/// A policy of the demo, for the names of contracts, methods and tokens, which the chain does not keep.
///
/// # Errors
/// [`SetupError::Refused`] only if the demo's own policy were unsound.
pub fn known_policy() -> Result<Policy, SetupError> {
    policy(Choice::default(), Duration::from_secs(1), 0)
}

/// No method of the token itself may be called; the game burns what a Tithe costs, and the contract counts that.
fn gold_cap(total: u32) -> TokenCap {
    let [per_tx, total] =
        [GOLD_PER_TRANSACTION.min(total / 2), total].map(|whole| u128::from(whole) * balance::GOLD_UNIT);
    TokenCap { token: gold(), symbol: "GOLD".to_owned(), decimals: 18, per_tx, total }
}

#[cfg(test)]
mod tests {
    use super::super::GAS_MONEY;
    use super::*;
    use crate::bot::{SMITES_MAX, TITHES_MAX};
    use crate::rules::Skill;

    #[test]
    fn the_demo_policy_is_tight_and_fitted_to_the_chain() {
        let fast = policy(Choice::default(), Duration::from_secs(1), GAS_MONEY).expect("a sound policy");
        assert_eq!((fast.frequency.limit(), fast.frequency.period_s()), (5, 1));
        assert!(fast.warnings().is_empty(), "{:?}", fast.warnings());
        assert_eq!(fast.methods.len(), METHODS.len());
        assert!(fast.largest_loss().contains("100 GOLD"), "{}", fast.largest_loss());
        let slow = policy(Choice::default(), Duration::from_secs(12), GAS_MONEY).expect("a sound policy");
        assert_eq!((slow.frequency.limit(), slow.frequency.period_s()), (125, 25));
    }

    #[test]
    fn every_choice_makes_a_sound_policy_that_says_what_it_allows() {
        let check = |choice: Choice| {
            let policy = policy(choice, Duration::from_secs(2), GAS_MONEY).expect("a sound policy");
            assert_eq!(policy.native_total, native_total(choice));
            assert_eq!(policy.lifetime.as_secs(), u64::from(choice.minutes) * 60);
            assert!(policy.native_total == 0 || policy.native_per_tx * 5 <= policy.native_total, "{choice:?}");
            let gold = format!("{} GOLD", choice.gold);
            assert_eq!(policy.largest_loss().ends_with(&gold), choice.gold > 0, "{choice:?}");
            assert_eq!(policy.frequency.per_second_average(), f64::from(choice.transactions_per_s), "{choice:?}");
        };
        for minutes in Choice::MINUTES {
            check(Choice { minutes, ..Choice::default() });
        }
        for native_cents in Choice::NATIVE_CENTS {
            check(Choice { native_cents, ..Choice::default() });
        }
        for gold in Choice::GOLD {
            check(Choice { gold, ..Choice::default() });
        }
        for transactions_per_s in Choice::TRANSACTIONS_PER_S {
            check(Choice { transactions_per_s, ..Choice::default() });
        }
    }

    #[test]
    fn what_the_bot_pays_fits_the_policy() {
        assert!(u128::from(SMITES_MAX) * Skill::Smite.wei() <= native_total(Choice::default()));
        assert!(TITHES_MAX * u32::from(Skill::Tithe.balance().gold) <= Choice::default().gold);
        let full = u128::from(ACTIONS_PER_TRANSACTION) * Skill::Smite.wei();
        assert!(full <= NATIVE_PER_TRANSACTION, "a transaction full of Smites stays within its cap");
        assert!(u32::from(Skill::Tithe.balance().gold) <= GOLD_PER_TRANSACTION, "its cooldown outlasts a transaction");
    }
}
