//! What a wallet or a session key signs: EIP-712 digests equal to the contract's.

use alloy::primitives::B256;
use alloy::sol_types::{Eip712Domain, SolStruct, eip712_domain};

use crate::contracts::session_wallet;

/// The domain of every message: the wallet's implementation on one chain.
///
/// The implementation and not the account is the verifying contract, because wallets refuse to sign for a contract
/// that is one of their own accounts; every message names its account instead.
pub fn domain(chain_id: u64) -> Eip712Domain {
    eip712_domain! {
        name: "Latchkey",
        version: "1",
        chain_id: chain_id,
        verifying_contract: session_wallet(),
    }
}

/// The hash that is signed for `message` on chain `chain_id` (EIP-712).
pub fn digest<M: SolStruct>(message: &M, chain_id: u64) -> B256 {
    message.eip712_signing_hash(&domain(chain_id))
}
