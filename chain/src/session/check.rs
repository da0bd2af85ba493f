//! What the contract would refuse, said before anything is signed.

use alloy::primitives::Address;

use super::token_methods::{is_counted, is_uncounted};
use super::{AllowedMethod, Policy, TokenCap};
use crate::contracts::{ENTRY_POINTS, session_wallet, session_wallet_factory};

/// Most rules of one session; three methods of one contract share a rule.
const MAX_RULES: usize = 8;

/// Methods that share one stored rule.
const METHODS_PER_RULE: usize = 3;

/// Most capped tokens of one session.
pub const MAX_TOKENS: usize = 4;

/// Longest window that the contract takes, in seconds: 400 days.
const MAX_WINDOW_S: u64 = 400 * 86_400;

/// Addresses up to this one are precompiles on some chain.
const LAST_PRECOMPILE: u64 = 0xffff;

/// Bits that the contract keeps of the native cap per transaction, in wei.
const NATIVE_PER_TX_BITS: u32 = 80;

/// Bits that the contract keeps of the native cap in total, in wei.
const NATIVE_TOTAL_BITS: u32 = 88;

/// Bits that the contract keeps of each cap of a token, once the zeros that both share at the end are gone.
const TOKEN_CAP_BITS: u32 = 45;

/// Most decimals of a token that the contract renders.
const MAX_DECIMALS: u8 = 36;

/// Longest symbol that the contract compares, in bytes.
const MAX_SYMBOL: usize = 32;

/// Why a policy cannot be granted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
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
    /// The method moves or approves tokens and nothing would count them.
    #[error("{signature} of {target} moves tokens that no cap counts; {advice}")]
    TokenMethod {
        /// Contract.
        target: Address,
        /// Method.
        signature: String,
        /// What to do instead.
        advice: &'static str,
    },
    /// No session may call this contract, or spend it as a token.
    #[error("{0} is a precompile or part of the wallet itself; no session may touch it")]
    Target(Address),
    /// More tokens than a session can hold.
    #[error("{0} capped tokens are more than the {MAX_TOKENS} that a session can hold")]
    TooManyTokens(usize),
    /// A token is capped twice.
    #[error("token {0} is capped twice")]
    DuplicateToken(Address),
    /// A number is outside of what the contract can keep.
    #[error("{0}")]
    Range(&'static str),
}

pub(super) fn check(policy: &Policy) -> Result<(), PolicyError> {
    check_methods(policy)?;
    check_tokens(&policy.tokens)?;
    match policy.lifetime.as_secs() {
        0 => return Err(PolicyError::Range("the session would end when it begins; give it a lifetime")),
        lifetime if lifetime > MAX_WINDOW_S => return Err(PolicyError::Range("a session may last at most 400 days")),
        _ => {}
    }
    if policy.frequency.limit() == 0 || policy.max_actions_per_tx == 0 {
        return Err(PolicyError::Range("a cap of zero transactions or actions allows nothing"));
    }
    if policy.native_per_tx >> NATIVE_PER_TX_BITS != 0 || policy.native_total >> NATIVE_TOTAL_BITS != 0 {
        return Err(PolicyError::Range("a native cap must be below 2^80 wei per transaction and 2^88 in total"));
    }
    Ok(())
}

fn check_methods(policy: &Policy) -> Result<(), PolicyError> {
    if policy.methods.is_empty() {
        return Err(PolicyError::NoMethods);
    }
    let mut per_target: Vec<(Address, usize)> = Vec::new();
    for (at, method) in policy.methods.iter().enumerate() {
        check_method(method, &policy.tokens)?;
        let twin = |m: &AllowedMethod| m.target == method.target && m.selector() == method.selector();
        if policy.methods[..at].iter().any(twin) {
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
    Ok(())
}

fn check_method(method: &AllowedMethod, tokens: &[TokenCap]) -> Result<(), PolicyError> {
    let selector = method.selector();
    if !is_canonical(&method.signature) || selector == [0; 4] {
        return Err(PolicyError::Signature(method.signature.clone()));
    }
    if is_forbidden(method.target) {
        return Err(PolicyError::Target(method.target));
    }
    let refused = |advice| {
        let (target, signature) = (method.target, method.signature.clone());
        Err(PolicyError::TokenMethod { target, signature, advice })
    };
    if is_uncounted(selector) {
        return refused("let the game's own contract move them");
    }
    if is_counted(selector) && tokens.iter().all(|cap| cap.token != method.target) {
        return refused("give that token a cap");
    }
    Ok(())
}

fn check_tokens(tokens: &[TokenCap]) -> Result<(), PolicyError> {
    if tokens.len() > MAX_TOKENS {
        return Err(PolicyError::TooManyTokens(tokens.len()));
    }
    for (at, cap) in tokens.iter().enumerate() {
        if is_forbidden(cap.token) {
            return Err(PolicyError::Target(cap.token));
        }
        if tokens[..at].iter().any(|earlier| earlier.token == cap.token) {
            return Err(PolicyError::DuplicateToken(cap.token));
        }
        let symbol = cap.symbol.as_bytes();
        if symbol.is_empty() || symbol.len() > MAX_SYMBOL || !symbol.iter().all(u8::is_ascii_graphic) {
            return Err(PolicyError::Range("a token's symbol must be 1 to 32 visible ASCII characters"));
        }
        if cap.decimals > MAX_DECIMALS {
            return Err(PolicyError::Range("a token may have at most 36 decimals"));
        }
        if !fits(cap.per_tx, cap.total) {
            return Err(PolicyError::Range(
                "a token's caps may have at most 13 digits before the zeros at the end that both share; round them",
            ));
        }
    }
    Ok(())
}

/// True when the contract can keep both caps of a token without rounding.
fn fits(mut per_tx: u128, mut total: u128) -> bool {
    while (per_tx | total) != 0 && per_tx.is_multiple_of(10) && total.is_multiple_of(10) {
        (per_tx, total) = (per_tx / 10, total / 10);
    }
    (per_tx | total) >> TOKEN_CAP_BITS == 0
}

/// The account is not known yet; its own address is refused by the contract.
fn is_forbidden(target: Address) -> bool {
    let low = target.as_slice()[..12].iter().all(|byte| *byte == 0);
    let precompile =
        low && u64::from_be_bytes(target.as_slice()[12..].try_into().unwrap_or_default()) <= LAST_PRECOMPILE;
    precompile || target == session_wallet() || target == session_wallet_factory() || ENTRY_POINTS.contains(&target)
}

/// `name(types)` in the characters that the contract takes: letters, digits and `_ $ ( ) , [ ]`.
fn is_canonical(signature: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_$(),[]".contains(c);
    let Some((name, types)) = signature.split_once('(') else { return false };
    let named = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '$')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$');
    named && types.ends_with(')') && types.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::PolicyBuilder;
    use std::time::Duration;

    const GAME: Address = Address::repeat_byte(0x42);
    const TOKEN: Address = Address::repeat_byte(0x43);

    fn builder() -> PolicyBuilder {
        Policy::builder("demo").method(GAME, "GameRouter", "attack(uint256)")
    }

    fn cap(token: Address, per_tx: u128) -> TokenCap {
        TokenCap { token, symbol: "GOLD".to_owned(), decimals: 18, per_tx, total: 1 << 40 }
    }

    #[track_caller]
    fn refused(builder: PolicyBuilder, expected: PolicyError) {
        assert_eq!(builder.build(), Err(expected));
    }

    #[track_caller]
    fn out_of_range(builder: PolicyBuilder) {
        assert!(matches!(builder.build(), Err(PolicyError::Range(_))));
    }

    #[test]
    fn methods_are_checked() {
        refused(Policy::builder("demo"), PolicyError::NoMethods);
        let signature = "attack(uint256)".to_owned();
        refused(builder().method(GAME, "x", "attack(uint256)"), PolicyError::Duplicate { target: GAME, signature });
        for bad in ["attack", "attack(uint256", "attack(uint256 id)", "(uint256)", "9(uint256)", "f(ü)"] {
            refused(builder().method(GAME, "x", bad), PolicyError::Signature(bad.to_owned()));
        }
        let many = (0..=MAX_RULES)
            .fold(builder(), |builder, at| builder.method(Address::repeat_byte(at as u8 + 1), "x", "f()"));
        refused(many, PolicyError::TooManyRules { needed: MAX_RULES + 2 });
        let wallet = [Address::ZERO, Address::with_last_byte(9), session_wallet(), session_wallet_factory()];
        for target in wallet.into_iter().chain(ENTRY_POINTS) {
            refused(builder().method(target, "x", "f()"), PolicyError::Target(target));
        }
    }

    #[test]
    fn token_methods_need_a_cap_that_counts_them() {
        let refused = |builder: PolicyBuilder| matches!(builder.build(), Err(PolicyError::TokenMethod { .. }));
        let transfer = |builder: PolicyBuilder| builder.method(TOKEN, "Gold", "transfer(address,uint256)");
        assert!(refused(transfer(builder())));
        assert!(transfer(builder()).token_cap(cap(TOKEN, 1)).build().is_ok());
        assert!(refused(transfer(builder()).token_cap(cap(GAME, 1))), "another token's cap counts nothing");
        let burn = builder().method(TOKEN, "Gold", "burn(uint256)").token_cap(cap(TOKEN, 1));
        assert!(refused(burn));
    }

    #[test]
    fn tokens_are_checked() {
        let capped = |count: u8| (1..=count).fold(builder(), |all, at| all.token_cap(cap(Address::repeat_byte(at), 1)));
        assert!(capped(4).build().is_ok());
        refused(capped(5), PolicyError::TooManyTokens(5));
        refused(
            capped(1).token_cap(cap(Address::repeat_byte(1), 2)),
            PolicyError::DuplicateToken(Address::repeat_byte(1)),
        );
        refused(builder().token_cap(cap(Address::ZERO, 1)), PolicyError::Target(Address::ZERO));
        assert!(builder().token_cap(cap(TOKEN, (1 << 45) - 1)).build().is_ok());
        out_of_range(builder().token_cap(cap(TOKEN, 1 << 45)));
        let whole = 10u128.pow(18);
        assert!(
            builder().token_cap(TokenCap { total: whole * 1_000_000_000, ..cap(TOKEN, whole / 2) }).build().is_ok()
        );
        out_of_range(builder().token_cap(TokenCap { total: whole * 1_000_000_000, ..cap(TOKEN, 1) }));
        out_of_range(builder().token_cap(TokenCap { decimals: 37, ..cap(TOKEN, 1) }));
        for symbol in ["", "GO LD", "GÖLD", &"G".repeat(33)] {
            out_of_range(builder().token_cap(TokenCap { symbol: symbol.to_owned(), ..cap(TOKEN, 1) }));
        }
    }

    #[test]
    fn numbers_are_checked() {
        out_of_range(builder().lifetime(Duration::ZERO));
        out_of_range(builder().lifetime(Duration::from_secs(MAX_WINDOW_S + 1)));
        out_of_range(builder().max_actions_per_tx(0));
        out_of_range(builder().native_per_tx(1 << 80));
        out_of_range(builder().native_total(1 << 88));
        assert!(builder().native_per_tx((1 << 80) - 1).native_total((1 << 88) - 1).build().is_ok());
    }
}
