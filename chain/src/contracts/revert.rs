//! What a revert says, in words.

use std::fmt::Debug;

use alloy::sol_types::{Panic, Revert, SolError, SolInterface};

use super::abi::{GameRouter, Gold, SessionWallet, SessionWalletFactory};

/// Longest text taken from revert data, in characters: a target decides what it says, and nobody
/// reads more of it in a log line.
const MAX_TEXT: usize = 200;

/// Names the error in a call's revert data, for example `RateLimited(nextAllowedAt: 17)`.
///
/// Knows the errors of the project's contracts, `Error(string)` and `Panic(uint256)`; `None` for
/// anything else. The wallet passes a target's revert on unchanged, so that target and wallet are
/// told apart by the name alone. A hostile target may say anything: only show the text.
pub fn decode_revert(data: &[u8]) -> Option<String> {
    if let Ok(error) = SessionWallet::SessionWalletErrors::abi_decode(data) {
        return Some(in_words(&error));
    }
    if let Ok(error) = SessionWalletFactory::SessionWalletFactoryErrors::abi_decode(data) {
        return Some(in_words(&error));
    }
    if let Ok(error) = GameRouter::GameRouterErrors::abi_decode(data) {
        return Some(in_words(&error));
    }
    if let Ok(error) = Gold::GoldErrors::abi_decode(data) {
        return Some(in_words(&error));
    }
    if let Ok(revert) = Revert::abi_decode(data) {
        return Some(clip(&revert.reason));
    }
    Panic::abi_decode(data).ok().map(|panic| format!("Panic(code: {})", panic.code))
}

/// Whether the wallet refused a transaction for its rate: it may be sent again later, as it is.
pub fn is_rate_limited(data: &[u8]) -> bool {
    rate_limited_until(data).is_some()
}

/// Whether the wallet refused to make a call that would get less gas than it is due: the batch needs a higher limit.
pub fn is_out_of_gas(data: &[u8]) -> bool {
    SessionWallet::InsufficientGas::abi_decode(data).is_ok()
}

/// First second (Unix) at which the wallet takes the transaction it just refused for its rate.
pub fn rate_limited_until(data: &[u8]) -> Option<u64> {
    let error = SessionWallet::RateLimited::abi_decode(data).ok()?;
    error.nextAllowedAt.try_into().ok()
}

/// `RateLimited(RateLimited { nextAllowedAt: 17 })`, as the bindings print themselves, cut down to
/// `RateLimited(nextAllowedAt: 17)`. No error of ours holds a struct or a string.
fn in_words(error: &impl Debug) -> String {
    let text = format!("{error:?}");
    let name = text.split('(').next().unwrap_or_default();
    match text.split_once(" { ").zip(text.rsplit_once(" }")) {
        Some(((_, fields), (_, tail))) => {
            let fields = &fields[..fields.len() - tail.len() - " }".len()];
            format!("{name}({fields})")
        }
        None => name.to_owned(),
    }
}

fn clip(text: &str) -> String {
    let visible = text.chars().filter(|c| !c.is_control());
    visible.take(MAX_TEXT).collect()
}

#[cfg(test)]
mod tests {
    use alloy::primitives::{U256, address};

    use super::*;

    #[track_caller]
    fn check(error: &impl SolError, expected: &str) {
        assert_eq!(decode_revert(&error.abi_encode()).as_deref(), Some(expected));
    }

    #[test]
    fn errors_are_named_with_their_fields() {
        let rate = SessionWallet::RateLimited { nextAllowedAt: U256::from(17) };
        check(&rate, "RateLimited(nextAllowedAt: 17)");
        check(&SessionWallet::MalformedBatch {}, "MalformedBatch");
        let native = SessionWallet::NativePerTx { cap: U256::from(5), asked: U256::from(6) };
        check(&native, "NativePerTx(cap: 5, asked: 6)");
        let unknown = SessionWallet::SessionUnknown { key: address!("0x00000000000000000000000000000000000000AA") };
        check(&unknown, "SessionUnknown(key: 0x00000000000000000000000000000000000000aa)");
        let down = GameRouter::MonsterDown { id: U256::from(3), respawnAt: U256::from(40) };
        check(&down, "MonsterDown(id: 3, respawnAt: 40)");
        check(&Gold::NotRouter {}, "NotRouter");
        let token = address!("0x00000000000000000000000000000000000000AA");
        let total = SessionWallet::TokenTotal { token, cap: U256::from(5), asked: U256::from(6) };
        check(&total, "TokenTotal(token: 0x00000000000000000000000000000000000000aa, cap: 5, asked: 6)");
        let owner = SessionWalletFactory::OwnerForbidden { owner: token };
        check(&owner, "OwnerForbidden(owner: 0x00000000000000000000000000000000000000aa)");
    }

    #[test]
    fn plain_reverts_are_read_and_clipped() {
        check(&Revert::from("no".to_owned()), "no");
        let long = Revert::from(format!("{}\u{7}", "x".repeat(1000)));
        check(&long, &"x".repeat(MAX_TEXT));
    }

    #[test]
    fn unknown_data_has_no_name() {
        for data in [&[][..], &[1, 2, 3], &[0xde, 0xad, 0xbe, 0xef, 0]] {
            assert_eq!(decode_revert(data), None);
        }
    }

    #[test]
    fn only_the_wallets_own_word_is_a_want_of_gas() {
        assert!(is_out_of_gas(&SessionWallet::InsufficientGas {}.abi_encode()));
        assert!(!is_out_of_gas(&SessionWallet::MalformedBatch {}.abi_encode()));
        assert!(!is_out_of_gas(&[]));
    }

    #[test]
    fn only_the_rate_limit_is_a_rate_limit() {
        let limited = SessionWallet::RateLimited { nextAllowedAt: U256::from(17) };
        assert_eq!(rate_limited_until(&limited.abi_encode()), Some(17));
        assert!(!is_rate_limited(&SessionWallet::NotOwner {}.abi_encode()));
        assert!(!is_rate_limited(&limited.abi_encode()[..20]));
    }
}
