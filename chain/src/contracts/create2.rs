//! The deterministic deployment proxy: one address, and so one address for what it deploys, on
//! every chain. Source: <https://github.com/Arachnid/deterministic-deployment-proxy>.

use alloy::primitives::{Address, B256, Bytes, U256, address, bytes};

/// Where the proxy stands.
pub const PROXY: Address = address!("0x4e59b44847b379578588920cA78FbF26c0B4956C");

/// The proxy's code, for chains that put it at genesis.
pub const PROXY_RUNTIME: Bytes = bytes!(
    "0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3"
);

/// Signed transaction that creates the proxy where it is missing.
///
/// Its signature is made up, so nobody holds the key of its sender, [`PROXY_DEPLOYER`]; it has no
/// chain id and pays 100 gwei per gas. Chains that refuse unprotected transactions refuse it.
pub const PROXY_DEPLOYMENT: Bytes = bytes!(
    "0xf8a58085174876e800830186a08080b853604580600e600039806000f350fe7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf31ba02222222222222222222222222222222222222222222222222222222222222222a02222222222222222222222222222222222222222222222222222222222222222"
);

/// Sender of [`PROXY_DEPLOYMENT`]: needs [`PROXY_DEPLOYMENT_COST`] before it can be sent.
pub const PROXY_DEPLOYER: Address = address!("0x3fab184622dc19b6109349b94811493bf2a45362");

/// What [`PROXY_DEPLOYMENT`] may cost at most, in wei: 100,000 gas at 100 gwei.
pub const PROXY_DEPLOYMENT_COST: U256 = U256::from_limbs([10_000_000_000_000_000, 0, 0, 0]);

/// Salt of everything that this project deploys.
pub const SALT: B256 = B256::ZERO;

/// Address that `creation` gets through the proxy with [`SALT`].
pub fn address(creation: &[u8]) -> Address {
    PROXY.create2_from_code(SALT, creation)
}

/// Input of the transaction to [`PROXY`] that deploys `creation` with [`SALT`].
pub fn deployment_input(creation: &[u8]) -> Bytes {
    [SALT.as_slice(), creation].concat().into()
}

#[cfg(test)]
mod tests {
    use alloy::consensus::{Transaction, TxEnvelope, transaction::SignerRecoverable};
    use alloy::eips::Decodable2718;

    use super::*;

    #[test]
    fn deployment_transaction_makes_this_very_proxy() {
        let tx = TxEnvelope::decode_2718_exact(&PROXY_DEPLOYMENT).expect("decodes");
        let sender = tx.recover_signer().expect("recovers");
        assert_eq!(sender, PROXY_DEPLOYER);
        assert_eq!(sender.create(tx.nonce()), PROXY);
        assert!(tx.input().ends_with(&PROXY_RUNTIME));
        let cost = U256::from(tx.gas_limit()) * U256::from(tx.max_fee_per_gas());
        assert_eq!(cost, PROXY_DEPLOYMENT_COST);
    }
}
