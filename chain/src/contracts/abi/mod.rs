//! Functions, events, errors and structs of the contracts.

#![allow(missing_docs, reason = "the macro's own items, such as call structs, carry no documentation")]

mod game;
mod typed;
mod wallet;

pub use game::{GameRouter, Gold};
pub use typed::{AllSessionsRevocation, SessionBatch, SessionRevocation};
pub use wallet::{
    Method, MethodView, PackedUserOperation, SessionGrant, SessionView, SessionWallet, SessionWalletFactory, TokenCap,
    TokenView,
};

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use alloy::json_abi::JsonAbi;
    use alloy::primitives::B256;

    use super::*;

    type Selectors = BTreeSet<[u8; 4]>;

    fn artifact(json: &str) -> JsonAbi {
        let artifact: serde_json::Value = serde_json::from_str(json).expect("parses");
        serde_json::from_value(artifact["abi"].clone()).expect("has an ABI")
    }

    /// These bindings are written by hand; the artifacts come from the compiler.
    #[test]
    fn wallet_is_bound_as_it_was_compiled() {
        let abi = artifact(include_str!("../../../contracts/artifacts/SessionWallet.json"));
        let mut functions: Selectors = abi.functions().map(|f| f.selector().0).collect();
        // ERC-165, which no client of ours asks for.
        assert!(functions.remove(&[0x01, 0xff, 0xc9, 0xa7]));
        let bound = SessionWallet::SessionWalletCalls::SELECTORS;
        assert_eq!(functions, bound.iter().copied().collect::<Selectors>());

        let errors: Selectors = abi.errors().map(|e| e.selector().0).collect();
        let bound = SessionWallet::SessionWalletErrors::SELECTORS;
        assert_eq!(errors, bound.iter().copied().collect::<Selectors>());

        let events: BTreeSet<B256> = abi.events().map(|e| e.selector()).collect();
        let bound = SessionWallet::SessionWalletEvents::SELECTORS;
        assert_eq!(events, bound.iter().map(B256::from).collect());
    }

    #[test]
    fn factory_is_bound_as_it_was_compiled() {
        let abi = artifact(include_str!("../../../contracts/artifacts/SessionWalletFactory.json"));
        let functions: Selectors = abi.functions().map(|f| f.selector().0).collect();
        let bound = SessionWalletFactory::SessionWalletFactoryCalls::SELECTORS;
        assert_eq!(functions, bound.iter().copied().collect::<Selectors>());

        // The library that makes the clones has one of its own besides.
        let errors: Selectors = abi.errors().map(|e| e.selector().0).collect();
        let bound = SessionWalletFactory::SessionWalletFactoryErrors::SELECTORS;
        assert!(bound.iter().all(|selector| errors.contains(selector)));

        let events: BTreeSet<B256> = abi.events().map(|e| e.selector()).collect();
        let bound = SessionWalletFactory::SessionWalletFactoryEvents::SELECTORS;
        assert_eq!(events, bound.iter().map(B256::from).collect());
    }

    #[test]
    fn game_is_bound_as_it_was_compiled() {
        let abi = artifact(include_str!("../../../contracts/artifacts/GameRouter.json"));
        let functions: Selectors = abi.functions().map(|f| f.selector().0).collect();
        let bound = GameRouter::GameRouterCalls::SELECTORS;
        assert_eq!(functions, bound.iter().copied().collect::<Selectors>());

        let errors: Selectors = abi.errors().map(|e| e.selector().0).collect();
        let bound = GameRouter::GameRouterErrors::SELECTORS;
        assert_eq!(errors, bound.iter().copied().collect::<Selectors>());

        let events: BTreeSet<B256> = abi.events().map(|e| e.selector()).collect();
        let bound = GameRouter::GameRouterEvents::SELECTORS;
        assert_eq!(events, bound.iter().map(B256::from).collect());
    }

    /// The part of the token that is bound, among all that the library brings.
    #[test]
    fn token_has_what_is_bound() {
        let abi = artifact(include_str!("../../../contracts/artifacts/Gold.json"));
        let functions: Selectors = abi.functions().map(|f| f.selector().0).collect();
        let errors: Selectors = abi.errors().map(|e| e.selector().0).collect();
        assert!(Gold::GoldCalls::SELECTORS.iter().all(|s| functions.contains(s)));
        assert!(Gold::GoldErrors::SELECTORS.iter().all(|s| errors.contains(s)));
    }
}
