//! The two forms of an account: a delegated key, and a clone of the wallet made for an owner.

use alloy::primitives::{Address, B256, hex};

use super::{DELEGATION_PREFIX, session_wallet, session_wallet_factory};

/// Code of a clone before and after the wallet's address (ERC-1167); the owner's address follows as its argument.
const BEFORE_WALLET: [u8; 10] = hex!("363d3d373d3d3d363d73");
const AFTER_WALLET: [u8; 15] = hex!("5af43d82803e903d91602b57fd5bf3");

/// Code that creates a clone: pushes the length of what follows it, copies that and returns it.
const CREATION: [u8; 10] = hex!("6100413d81600a3d39f3");

/// Code of the clone that the factory makes for `owner`.
pub fn clone_code(owner: Address) -> Vec<u8> {
    [&BEFORE_WALLET[..], session_wallet().as_slice(), &AFTER_WALLET, owner.as_slice()].concat()
}

/// Where the factory makes the clone for `owner`, on every chain. Computed here, so that no endpoint can name another.
pub fn clone_address(owner: Address) -> Address {
    session_wallet_factory().create2_from_code(B256::ZERO, [&CREATION[..], &clone_code(owner)].concat())
}

/// Whether code read from an account is the session wallet's, in either form.
pub fn runs_session_wallet(code: &[u8]) -> bool {
    let delegated = [&DELEGATION_PREFIX[..], session_wallet().as_slice()].concat();
    let owner = code.last_chunk().map(|owner: &[u8; 20]| Address::from(*owner));
    code == delegated || owner.is_some_and(|owner| code == clone_code(owner))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_wallets_own_code_is_its_code() {
        let owner = Address::repeat_byte(7);
        let delegated = |to: Address| [&DELEGATION_PREFIX[..], to.as_slice()].concat();
        assert!(runs_session_wallet(&clone_code(owner)));
        assert!(runs_session_wallet(&delegated(session_wallet())));
        let mut other = clone_code(owner);
        other[10] ^= 1;
        for code in [vec![], other, delegated(owner), session_wallet().to_vec(), clone_code(owner)[1..].to_vec()] {
            assert!(!runs_session_wallet(&code));
        }
        // The creation code says how long the clone is.
        assert_eq!(usize::from(u16::from_be_bytes([CREATION[1], CREATION[2]])), clone_code(owner).len());
    }
}
