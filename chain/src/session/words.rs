//! A policy in words.

use std::time::Duration;

use alloy::primitives::Address;

use super::token::decimal;
use super::token_methods::Counted;
use super::{FrequencyCap, Policy, TokenCap};

/// Window above which a policy is called long, in seconds: a week.
const LONG_WINDOW_S: u64 = 7 * 86_400;

/// Total of native value above which a policy is called broad, in wei: one whole coin.
const HIGH_NATIVE_TOTAL: u128 = 1_000_000_000_000_000_000;

/// Methods above which a policy is called broad: more than a player reads.
const MANY_METHODS: usize = 6;

/// Average transactions per second above which a policy is called fast: no hand plays so quickly.
const FAST_TX_PER_SECOND: f64 = 20.0;

/// Decimals of the native coin.
const NATIVE_DECIMALS: u8 = 18;

impl Policy {
    /// The policy in words, one line per limit.
    pub fn describe(&self) -> Vec<String> {
        let methods = self.methods.iter().map(|m| (m.target, Some(&*m.contract_name), m.signature.clone()));
        let mut lines = method_lines(methods.collect());
        lines.push(rate_line(self.frequency, self.max_actions_per_tx));
        lines.push(native_line(self.native_per_tx, self.native_total));
        lines.extend(self.tokens.iter().map(token_line));
        lines.push(match self.tokens.is_empty() {
            true => "May transfer and approve no tokens".to_owned(),
            false => "May transfer and approve no other tokens".to_owned(),
        });
        lines.push(format!("Ends after {}; you can revoke it at any time", duration(self.lifetime)));
        lines
    }

    /// One line with the most that the session could ever cost: native value, network fees and each capped token.
    pub fn largest_loss(&self) -> String {
        let sent = if self.native_per_tx == 0 { 0 } else { self.native_total };
        let tokens = self.tokens.iter().filter(|cap| cap.per_tx > 0 && cap.total > 0);
        let tokens: String = tokens.map(|cap| format!(" and {}", cap.text(cap.total))).collect();
        format!(
            "The most this session could ever cost: {} native coin ({} sent to the game, {} for network fees){tokens}",
            native(sent.saturating_add(self.gas_money)),
            native(sent),
            native(self.gas_money),
        )
    }

    /// What is broad about the policy; empty for a tight one.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.lifetime.as_secs() > LONG_WINDOW_S {
            warnings.push(format!("The session lasts {}: longer than a week.", duration(self.lifetime)));
        }
        if self.native_per_tx > 0 && self.native_total > HIGH_NATIVE_TOTAL {
            warnings.push(format!("The session may send {} native coin in all.", native(self.native_total)));
        }
        if self.native_total > 0 && self.native_per_tx >= self.native_total {
            warnings.push("One transaction may spend all the native coin of the session.".to_owned());
        }
        for cap in &self.tokens {
            if cap.total > 0 && cap.per_tx >= cap.total {
                warnings.push(format!("One transaction may spend all {} of the session.", cap.text(cap.total)));
            }
            let mut own = self.methods.iter().filter(|method| method.target == cap.token);
            if own.any(|method| Counted::of(method.selector()) == Some(Counted::Transfer)) {
                warnings.push(format!("The session may send {} to any address.", cap.symbol));
            }
        }
        if self.methods.len() > MANY_METHODS {
            warnings.push(format!("The session may call {} different methods.", self.methods.len()));
        }
        if self.frequency.per_second_average() > FAST_TX_PER_SECOND {
            warnings.push(format!("The session may send {}.", self.frequency));
        }
        warnings
    }
}

pub(super) fn method_lines(methods: Vec<(Address, Option<&str>, String)>) -> Vec<String> {
    let mut contracts: Vec<(Address, Option<&str>, Vec<String>)> = Vec::new();
    for (target, name, words) in methods {
        match contracts.iter_mut().find(|(known, ..)| *known == target) {
            Some((_, _, all)) => all.push(words),
            None => contracts.push((target, name, vec![words])),
        }
    }
    let line = |(target, name, words): (Address, Option<&str>, Vec<String>)| match name {
        Some(name) => format!("May call {} on {name} ({target})", words.join(", ")),
        None => format!("May call {} on {target}", words.join(", ")),
    };
    contracts.into_iter().map(line).collect()
}

pub(super) fn rate_line(frequency: FrequencyCap, max_actions: u8) -> String {
    format!("{}, each with up to {max_actions} actions", capitalised(frequency))
}

pub(super) fn native_line(per_tx: u128, total: u128) -> String {
    if per_tx == 0 || total == 0 {
        return "May send no native coin to the game".to_owned();
    }
    format!("May send at most {} native coin per transaction and {} in total", native(per_tx), native(total))
}

pub(super) fn token_line(cap: &TokenCap) -> String {
    if cap.per_tx == 0 || cap.total == 0 {
        return format!("May spend no {} ({})", cap.symbol, cap.token);
    }
    format!(
        "May spend at most {} per transaction and {} in total ({})",
        cap.text(cap.per_tx),
        cap.text(cap.total),
        cap.token
    )
}

pub(super) fn native(wei: u128) -> String {
    decimal(wei, NATIVE_DECIMALS)
}

fn capitalised(text: impl ToString) -> String {
    let text = text.to_string();
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn duration(span: Duration) -> String {
    let seconds = span.as_secs();
    let parts = [(seconds / 86_400, "day"), (seconds / 3_600 % 24, "hour"), (seconds / 60 % 60, "minute")];
    let words: Vec<_> = parts
        .into_iter()
        .chain([(seconds % 60, "second")])
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count} {unit}{}", if count == 1 { "" } else { "s" }))
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::PolicyBuilder;

    const GAME: Address = Address::repeat_byte(0x42);
    const TOKEN: Address = Address::repeat_byte(0x43);
    const WHOLE: u128 = 1_000_000_000_000_000_000;

    fn builder() -> PolicyBuilder {
        Policy::builder("demo").method(GAME, "GameRouter", "attack(uint256)")
    }

    fn gold(per_tx: u128, total: u128) -> TokenCap {
        TokenCap { token: TOKEN, symbol: "GOLD".to_owned(), decimals: 18, per_tx, total }
    }

    #[test]
    fn a_policy_reads_as_its_limits() {
        let policy = builder()
            .method(GAME, "GameRouter", "pickup(uint256)")
            .native_per_tx(WHOLE / 100)
            .native_total(WHOLE / 20)
            .token_cap(gold(10 * WHOLE, 100 * WHOLE))
            .gas_money(WHOLE)
            .build()
            .expect("a sound policy");
        let text = policy.describe().join("\n");
        for part in [
            "attack(uint256), pickup(uint256) on GameRouter",
            "At most 5 transactions per second, each with up to 8 actions",
            "0.01 native coin per transaction and 0.05 in total",
            "May spend at most 10 GOLD per transaction and 100 GOLD in total",
            "no other tokens",
            "Ends after 2 hours",
        ] {
            assert!(text.contains(part), "{part:?} is missing in:\n{text}");
        }
        let loss = policy.largest_loss();
        assert!(loss.contains("1.05 native coin") && loss.ends_with("and 100 GOLD"), "{loss}");
        assert!(policy.warnings().is_empty(), "{:?}", policy.warnings());
    }

    #[test]
    fn what_cannot_be_spent_is_no_loss() {
        let policy = builder().native_total(WHOLE).token_cap(gold(0, 100 * WHOLE)).build().expect("a sound policy");
        let loss = policy.largest_loss();
        assert!(loss.contains(": 0 native coin") && !loss.contains("GOLD"), "{loss}");
        assert!(policy.describe().iter().any(|line| line.contains("May spend no GOLD")));
    }

    #[test]
    fn broad_policies_are_warned_about() {
        let check = |builder: PolicyBuilder, expected: &str| {
            let warnings = builder.build().expect("broad but sound").warnings();
            assert!(warnings.len() == 1 && warnings[0].contains(expected), "{expected}: {warnings:?}");
        };
        check(builder().lifetime(Duration::from_secs(8 * 86_400)), "longer than a week");
        check(builder().native_per_tx(1).native_total(2 * HIGH_NATIVE_TOTAL), "2 native coin in all");
        check(builder().native_per_tx(5).native_total(5), "all the native coin");
        check(builder().token_cap(gold(7, 7)), "One transaction may spend all");
        check(builder().token_cap(gold(1, 7)).method(TOKEN, "Gold", "transfer(address,uint256)"), "any address");
        check(builder().frequency(FrequencyCap::per_second(100)), "100 transactions per second");
        let many = (0..MANY_METHODS).fold(builder(), |all, at| all.method(GAME, "x", &format!("f{at}()")));
        check(many, "7 different methods");
    }
}
