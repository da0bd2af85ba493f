//! The committed build of the contracts, and where it stands on every chain.

use std::sync::LazyLock;

use alloy::primitives::{Address, Bytes, address, hex};

use super::create2;

/// First three bytes of the code of a delegated account; its delegate's address follows (EIP-7702).
pub const DELEGATION_PREFIX: [u8; 3] = [0xef, 0x01, 0x00];

/// EntryPoints 0.6 to 0.9 of ERC-4337, at the same addresses on every chain. No session may call them: an account's
/// deposit could be withdrawn there.
pub const ENTRY_POINTS: [Address; 4] = [
    address!("5FF137D4b0FDCD49DcA30c7CF57E578a026d2789"),
    address!("0000000071727De22E5E9d8BAf0edAc6f37da032"),
    address!("4337084D9E255Ff0702461CF8895CE9E3b5Ff108"),
    address!("433709009B8330FDa32311DF1C2AFA402eD8D009"),
];

/// One contract as `chain/contracts/build.mjs` built it.
#[derive(Debug)]
pub struct Artifact {
    /// Name of the contract in Solidity.
    pub name: &'static str,
    /// Code that creates the contract; takes no constructor arguments.
    pub creation: Bytes,
    /// Code found at [`Artifact::address`] once the contract is deployed.
    pub runtime: Bytes,
    /// Where the contract stands: through the deployment proxy, or for [`GOLD`] by the router.
    pub address: Address,
}

/// The wallet that accounts delegate to.
pub static SESSION_WALLET: LazyLock<Artifact> = LazyLock::new(|| {
    let json = include_str!("../../contracts/artifacts/SessionWallet.json");
    through_proxy("SessionWallet", json)
});

/// The game. Its constructor creates [`GOLD`].
pub static GAME_ROUTER: LazyLock<Artifact> = LazyLock::new(|| {
    let json = include_str!("../../contracts/artifacts/GameRouter.json");
    through_proxy("GameRouter", json)
});

/// The token that loot mints. Deployed by [`GAME_ROUTER`], never on its own.
pub static GOLD: LazyLock<Artifact> = LazyLock::new(|| {
    let json = include_str!("../../contracts/artifacts/Gold.json");
    // A contract's first creation has nonce 1.
    let address = GAME_ROUTER.address.create(1);
    Artifact { name: "Gold", creation: code(json, "bytecode"), runtime: code(json, "deployedBytecode"), address }
});

/// Address of `SessionWallet` on every chain.
pub fn session_wallet() -> Address {
    SESSION_WALLET.address
}

/// Address of `SessionWalletFactory` on every chain: the wallet's first creation.
pub fn session_wallet_factory() -> Address {
    session_wallet().create(1)
}

/// Address of `GameRouter` on every chain.
pub fn game_router() -> Address {
    GAME_ROUTER.address
}

/// Address of `Gold` on every chain: the router's first creation.
pub fn gold() -> Address {
    GOLD.address
}

fn through_proxy(name: &'static str, json: &str) -> Artifact {
    let creation = code(json, "bytecode");
    let address = create2::address(&creation);
    Artifact { name, creation, runtime: code(json, "deployedBytecode"), address }
}

/// Reads one hex field. The artifacts are this package's own, in the one form that `build.mjs`
/// writes, so a JSON parser would be a dependency for nothing.
///
/// # Panics
///
/// When the committed artifact does not have the field; a unit test reads them all.
fn code(json: &str, field: &str) -> Bytes {
    let opening = format!("\n  \"{field}\": \"0x");
    let start = json.find(&opening).expect("artifact has the field") + opening.len();
    let length = json[start..].find('"').expect("artifact's field ends");
    hex::decode(&json[start..start + length]).expect("artifact's field is hex").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As deployed through the proxy on a real node, and `gold()` read from the router there.
    #[test]
    fn addresses_are_those_of_a_real_deployment() {
        assert_eq!(session_wallet(), address!("0xB32534cc3A4d17B7792CFe4B52B129CD55cFC03B"));
        assert_eq!(game_router(), address!("0x9b96f44AD149D425307B73d3a3c3729107efb93D"));
        assert_eq!(gold(), address!("0xDe8B929FbFa6566Dd44b19EAf6f21cB58Fcb28bF"));
    }

    /// The build fills immutables in: each runtime names the address that it depends on.
    #[test]
    fn runtime_holds_its_immutable() {
        let holds = |artifact: &Artifact, address: Address| {
            let found = artifact.runtime.windows(20).any(|window| window == address.as_slice());
            assert!(found, "{} does not name {address}", artifact.name);
        };
        holds(&SESSION_WALLET, session_wallet());
        holds(&GAME_ROUTER, gold());
        holds(&GOLD, game_router());
    }

    #[test]
    fn codes_are_whole() {
        for artifact in [&*SESSION_WALLET, &*GAME_ROUTER, &*GOLD] {
            assert!(artifact.creation.len() > artifact.runtime.len());
            // EIP-170.
            assert!(artifact.runtime.len() <= 24_576);
        }
    }
}
