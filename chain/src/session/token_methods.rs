//! Methods of the token standards that move or approve what an account holds.

use super::policy::selector;

/// `transfer(address,uint256)`
const TRANSFER: [u8; 4] = [0xa9, 0x05, 0x9c, 0xbb];

/// `approve(address,uint256)`
const APPROVE: [u8; 4] = [0x09, 0x5e, 0xa7, 0xb3];

/// Methods of ERC-20, ERC-721, ERC-777, ERC-1155, ERC-1363 and their relatives that move or approve tokens in a way
/// that no cap measures. The session wallet refuses them on every contract.
const UNCOUNTED: [&str; 24] = [
    "transferFrom(address,address,uint256)",
    "safeTransferFrom(address,address,uint256)",
    "safeTransferFrom(address,address,uint256,bytes)",
    "safeTransferFrom(address,address,uint256,uint256,bytes)",
    "safeBatchTransferFrom(address,address,uint256[],uint256[],bytes)",
    "send(address,uint256,bytes)",
    "transfer(address,uint256,bytes)",
    "transferAndCall(address,uint256,bytes)",
    "transferAndCall(address,uint256)",
    "transferFromAndCall(address,address,uint256)",
    "transfer(address,uint256,uint256)",
    "push(address,uint256)",
    "pull(address,uint256)",
    "move(address,address,uint256)",
    "burn(uint256)",
    "increaseAllowance(address,uint256)",
    "increaseApproval(address,uint256)",
    "setApprovalForAll(address,bool)",
    "approve(address,address,uint160,uint48)",
    "approve(address,uint256,uint256)",
    "approveAndCall(address,uint256,bytes)",
    "approveAndCall(address,uint256)",
    "setOperator(address,bool)",
    "authorizeOperator(address)",
];

/// An ERC-20 method whose amount the session wallet reads and counts. Only a capped token's may be granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counted {
    /// `transfer(address,uint256)`: whoever holds the session key chooses who gets the tokens.
    Transfer,
    /// `approve(address,uint256)`, of spenders that the session may call anyway.
    Approve,
}

impl Counted {
    pub(super) fn of(wanted: [u8; 4]) -> Option<Self> {
        match wanted {
            TRANSFER => Some(Self::Transfer),
            APPROVE => Some(Self::Approve),
            _ => None,
        }
    }
}

/// Whether the session wallet reads an amount out of this method's arguments when a capped token is called.
pub(crate) fn is_counted(wanted: [u8; 4]) -> bool {
    Counted::of(wanted).is_some()
}

/// Whether the session wallet refuses this method on every contract.
pub(super) fn is_uncounted(wanted: [u8; 4]) -> bool {
    UNCOUNTED.iter().any(|signature| selector(signature) == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_are_those_of_their_methods() {
        assert_eq!(selector("transfer(address,uint256)"), TRANSFER);
        assert_eq!(selector("approve(address,uint256)"), APPROVE);
    }
}
