//! The limits inside a session, and their rendering for a human.

use std::time::Duration;

use alloy::primitives::utils::format_ether;
use alloy::primitives::{Address, keccak256};

use super::FrequencyCap;

/// Most rules of one session; three methods of one contract share a rule.
const MAX_RULES: usize = 8;

/// Methods that share one stored rule.
const METHODS_PER_RULE: usize = 3;

/// Window above which a policy is called long, in seconds: a day.
const LONG_WINDOW_S: u64 = 86_400;

/// Longest window that the contract takes, in seconds: 400 days.
const MAX_WINDOW_S: u64 = 400 * 86_400;

/// Total of native value above which a policy is called broad, in wei: one whole coin.
const HIGH_NATIVE_TOTAL: u128 = 1_000_000_000_000_000_000;

/// One contract method that the session key may call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedMethod {
    /// Contract.
    pub target: Address,
    /// Label of the contract. Shown to the player, but proven by nobody.
    pub contract_name: String,
    /// Canonical signature, `attack(uint256)`; the contract hashes it to the selector itself.
    pub signature: String,
}

impl AllowedMethod {
    /// First four bytes of the signature's hash.
    pub fn selector(&self) -> [u8; 4] {
        let hash = keccak256(self.signature.as_bytes());
        [hash[0], hash[1], hash[2], hash[3]]
    }
}

/// Why a policy cannot be granted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// It allows nothing.
    #[error("the policy allows no method; add at least one")]
    NoMethods,
    /// It needs more rules than a session can hold.
    #[error("{needed} rules are more than the {MAX_RULES} that a session can hold; allow fewer contracts")]
    TooManyRules {
        /// Rules that it needs.
        needed: usize,
    },
    /// The same method of the same contract stands in it twice.
    #[error("{signature} of {target} is listed twice")]
    Duplicate {
        /// Contract.
        target: Address,
        /// Method.
        signature: String,
    },
    /// A signature is not of the canonical form.
    #[error("{0:?} is not a canonical method signature such as attack(uint256)")]
    Signature(String),
    /// Limit or actions per transaction are zero, or the window is empty or too long.
    #[error("{0}")]
    Range(&'static str),
}

/// Everything that a session key may do. Absent means zero, never unlimited.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Policy {
    /// Name of the application. Shown to the player, but proven by nobody.
    pub app: String,
    /// Methods that may be called, and no others.
    pub methods: Vec<AllowedMethod>,
    /// Native value that one transaction may send along, in wei.
    pub native_per_tx: u128,
    /// Native value that the whole session may send along, in wei.
    pub native_total: u128,
    /// Frequency cap.
    pub frequency: FrequencyCap,
    /// Actions that one transaction may carry.
    pub max_actions_per_tx: u8,
    /// Time from the grant to the end of the session.
    pub lifetime: Duration,
    /// Native coin handed to the session key to pay for its transactions, in wei.
    pub gas_money: u128,
}

/// Builds a [`Policy`] step by step; start with [`Policy::builder`].
#[derive(Clone, Debug)]
pub struct PolicyBuilder(Policy);

impl Policy {
    /// A policy of application `app` that allows nothing yet, for two hours, at 5 transactions per second with
    /// 8 actions each.
    pub fn builder(app: impl Into<String>) -> PolicyBuilder {
        PolicyBuilder(Self {
            app: app.into(),
            methods: Vec::new(),
            native_per_tx: 0,
            native_total: 0,
            frequency: FrequencyCap::per_second(5),
            max_actions_per_tx: 8,
            lifetime: Duration::from_secs(2 * 3_600),
            gas_money: 0,
        })
    }

    /// The policy in words, one line per limit.
    pub fn describe(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut contracts: Vec<(Address, &str)> = Vec::new();
        for method in &self.methods {
            if !contracts.iter().any(|(target, _)| *target == method.target) {
                contracts.push((method.target, &method.contract_name));
            }
        }
        for (target, name) in contracts {
            let methods: Vec<_> =
                self.methods.iter().filter(|m| m.target == target).map(|m| m.signature.as_str()).collect();
            lines.push(format!("May call {} on {name} ({target})", methods.join(", ")));
        }
        lines.push(format!("{}, each with up to {} actions", capitalised(self.frequency), self.max_actions_per_tx));
        lines.push(match (self.native_per_tx, self.native_total) {
            (0, _) | (_, 0) => "May send no native coin to the game".to_owned(),
            (per_tx, total) => {
                format!("May send at most {} native coin per transaction and {} in total", ether(per_tx), ether(total))
            }
        });
        lines.push("May move no tokens".to_owned());
        lines.push(format!("Ends after {}; you can revoke it at any time", duration(self.lifetime)));
        lines
    }

    /// One line with the most that the session could ever cost.
    pub fn largest_loss(&self) -> String {
        let spent = if self.native_per_tx == 0 { 0 } else { self.native_total };
        format!(
            "The most this session could ever cost: {} native coin ({} sent to the game, {} for network fees)",
            ether(spent.saturating_add(self.gas_money)),
            ether(spent),
            ether(self.gas_money)
        )
    }

    /// What is broad about the policy; empty for a tight one.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.lifetime.as_secs() > LONG_WINDOW_S {
            warnings.push(format!("The session lasts {}: longer than a day.", duration(self.lifetime)));
        }
        if self.native_per_tx > 0 && self.native_total > HIGH_NATIVE_TOTAL {
            warnings.push(format!("The session may send {} native coin in all.", ether(self.native_total)));
        }
        if self.methods.len() > 2 * METHODS_PER_RULE {
            warnings.push(format!("The session may call {} different methods.", self.methods.len()));
        }
        warnings
    }

    fn check(&self) -> Result<(), PolicyError> {
        if self.methods.is_empty() {
            return Err(PolicyError::NoMethods);
        }
        let mut per_target: Vec<(Address, usize)> = Vec::new();
        for (at, method) in self.methods.iter().enumerate() {
            if !is_canonical(&method.signature) {
                return Err(PolicyError::Signature(method.signature.clone()));
            }
            let twin = |m: &AllowedMethod| m.target == method.target && m.selector() == method.selector();
            if self.methods[..at].iter().any(twin) {
                let (target, signature) = (method.target, method.signature.clone());
                return Err(PolicyError::Duplicate { target, signature });
            }
            match per_target.iter_mut().find(|(target, _)| *target == method.target) {
                Some((_, count)) => *count += 1,
                None => per_target.push((method.target, 1)),
            }
        }
        let needed = per_target.iter().map(|(_, count)| count.div_ceil(METHODS_PER_RULE)).sum();
        if needed > MAX_RULES {
            return Err(PolicyError::TooManyRules { needed });
        }
        match self.lifetime.as_secs() {
            0 => return Err(PolicyError::Range("the session would end when it begins; give it a lifetime")),
            MAX_WINDOW_S.. => return Err(PolicyError::Range("a session may last at most 400 days")),
            _ => {}
        }
        if self.frequency.limit() == 0 || self.max_actions_per_tx == 0 {
            return Err(PolicyError::Range("a cap of zero transactions or actions allows nothing"));
        }
        Ok(())
    }
}

impl PolicyBuilder {
    /// Allows one method of one contract, by its canonical signature.
    #[must_use]
    pub fn method(mut self, target: Address, contract_name: &str, signature: &str) -> Self {
        let (contract_name, signature) = (contract_name.to_owned(), signature.to_owned());
        self.0.methods.push(AllowedMethod { target, contract_name, signature });
        self
    }

    /// Native value that one transaction may send along, in wei; default 0.
    #[must_use]
    pub fn native_per_tx(mut self, wei: u128) -> Self {
        self.0.native_per_tx = wei;
        self
    }

    /// Native value that the whole session may send along, in wei; default 0.
    #[must_use]
    pub fn native_total(mut self, wei: u128) -> Self {
        self.0.native_total = wei;
        self
    }

    /// Frequency cap; default 5 transactions per second.
    #[must_use]
    pub fn frequency(mut self, cap: FrequencyCap) -> Self {
        self.0.frequency = cap;
        self
    }

    /// Actions that one transaction may carry; default 8.
    #[must_use]
    pub fn max_actions_per_tx(mut self, count: u8) -> Self {
        self.0.max_actions_per_tx = count;
        self
    }

    /// Time from the grant to the end of the session, in whole seconds; default two hours.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.0.lifetime = lifetime;
        self
    }

    /// Native coin handed to the session key for its fees, in wei; default 0.
    #[must_use]
    pub fn gas_money(mut self, wei: u128) -> Self {
        self.0.gas_money = wei;
        self
    }

    /// The finished policy.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] for what the contract would refuse anyway.
    pub fn build(self) -> Result<Policy, PolicyError> {
        self.0.check().map(|()| self.0)
    }
}

/// `name(type,type)`: no blanks, no parameter names, brackets closed at the end.
fn is_canonical(signature: &str) -> bool {
    let Some((name, rest)) = signature.split_once('(') else { return false };
    let named = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    named && rest.ends_with(')') && signature.bytes().all(|b| b.is_ascii_graphic())
}

fn ether(wei: u128) -> String {
    let text = format_ether(wei);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
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

    const GAME: Address = Address::repeat_byte(0x42);

    fn builder() -> PolicyBuilder {
        Policy::builder("demo").method(GAME, "GameRouter", "attack(uint256)")
    }

    #[test]
    fn a_policy_reads_as_its_limits() {
        let policy = builder()
            .method(GAME, "GameRouter", "pickup(uint256)")
            .native_per_tx(10_000_000_000_000_000)
            .native_total(50_000_000_000_000_000)
            .gas_money(1_000_000_000_000_000_000)
            .build()
            .expect("a sound policy");
        let text = policy.describe().join("\n");
        for part in [
            "attack(uint256), pickup(uint256) on GameRouter",
            "At most 5 transactions per second, each with up to 8 actions",
            "0.01 native coin per transaction and 0.05 in total",
            "Ends after 2 hours",
        ] {
            assert!(text.contains(part), "{part:?} is missing in:\n{text}");
        }
        assert!(policy.largest_loss().contains("1.05 native coin"), "{}", policy.largest_loss());
        assert!(policy.warnings().is_empty());
    }

    #[test]
    fn what_the_contract_would_refuse_is_refused_here() {
        let check = |builder: PolicyBuilder, expected: PolicyError| {
            assert_eq!(builder.build(), Err(expected));
        };
        check(Policy::builder("demo"), PolicyError::NoMethods);
        let signature = "attack(uint256)".to_owned();
        check(builder().method(GAME, "x", "attack(uint256)"), PolicyError::Duplicate { target: GAME, signature });
        for bad in ["attack", "attack(uint256", "attack(uint256 id)", "(uint256)", "9(uint256)"] {
            check(builder().method(GAME, "x", bad), PolicyError::Signature(bad.to_owned()));
        }
        let many = (0..=MAX_RULES)
            .fold(builder(), |builder, at| builder.method(Address::with_last_byte(at as u8), "x", "f()"));
        check(many, PolicyError::TooManyRules { needed: MAX_RULES + 2 });
        assert!(builder().lifetime(Duration::ZERO).build().is_err());
        assert!(builder().max_actions_per_tx(0).build().is_err());
    }

    #[test]
    fn broad_policies_are_warned_about() {
        let broad = builder()
            .lifetime(Duration::from_secs(8 * 86_400))
            .native_per_tx(1)
            .native_total(2 * HIGH_NATIVE_TOTAL)
            .build()
            .expect("broad but sound");
        assert_eq!(broad.warnings().len(), 2);
    }
}
