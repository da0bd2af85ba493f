//! Messages that viem hashed and signed, hashed and signed here: `chain/tests/vectors/build.mjs` makes them.

use alloy::primitives::{Address, B256, Bytes, U256};
use alloy::sol_types::{Eip712Domain, SolStruct};
use latchkey::SessionKey;
use latchkey::contracts::abi::{
    AllSessionsRevocation, Method, SessionBatch, SessionGrant, SessionRevocation, TokenCap,
};
use latchkey::session::domain;
use latchkey::signer::Signer;
use serde_json::Value;

#[test]
fn digests_and_signatures_are_those_of_viem() {
    let file: Value = serde_json::from_str(include_str!("../vectors/eip712.json")).expect("JSON");
    let secret: B256 = parse(&file["key"]);
    let key = SessionKey::from_bytes(&secret.0).expect("a valid scalar");
    assert_eq!(key.address(), parse::<Address>(&file["signer"]));
    let vectors = file["vectors"].as_array().expect("a list");
    assert!(vectors.len() >= 50, "{} vectors", vectors.len());
    for vector in vectors {
        let message = &vector["message"];
        match text(&vector["primaryType"]) {
            "SessionGrant" => check(vector, &key, &grant(message)),
            "SessionBatch" => check(vector, &key, &batch(message)),
            "SessionRevocation" => check(vector, &key, &revocation(message)),
            "AllSessionsRevocation" => check(vector, &key, &all_revocation(message)),
            other => panic!("no message of ours: {other}"),
        }
    }
}

fn check<M: SolStruct>(vector: &Value, key: &SessionKey, message: &M) {
    let verifying_contract = Some(parse(&vector["verifyingContract"]));
    let chain_id = vector["chainId"].as_u64().expect("a number");
    let domain = Eip712Domain { verifying_contract, ..domain(chain_id) };
    let digest = message.eip712_signing_hash(&domain);
    assert_eq!(message.eip712_hash_struct(), parse::<B256>(&vector["structHash"]), "{vector}");
    assert_eq!(digest, parse::<B256>(&vector["digest"]), "{vector}");
    // Both sign by RFC 6979, so that there is one signature.
    assert_eq!(Bytes::from(key.sign_hash(&digest).as_bytes()), parse::<Bytes>(&vector["signature"]), "{vector}");
}

fn grant(from: &Value) -> SessionGrant {
    let methods = list(&from["methods"]).iter().map(|method| Method {
        target: parse(&method["target"]),
        contractName: text(&method["contractName"]).to_owned(),
        signature: text(&method["signature"]).to_owned(),
    });
    let tokens = list(&from["tokens"]).iter().map(|cap| TokenCap {
        token: parse(&cap["token"]),
        symbol: text(&cap["symbol"]).to_owned(),
        decimals: parse(&cap["decimals"]),
        perTx: parse(&cap["perTx"]),
        total: parse::<U256>(&cap["total"]),
        totalText: text(&cap["totalText"]).to_owned(),
    });
    SessionGrant {
        account: parse(&from["account"]),
        sessionKey: parse(&from["sessionKey"]),
        app: text(&from["app"]).to_owned(),
        methods: methods.collect(),
        tokens: tokens.collect(),
        nativePerTx: parse(&from["nativePerTx"]),
        nativeTotal: parse(&from["nativeTotal"]),
        txLimit: parse(&from["txLimit"]),
        txPeriodSeconds: parse(&from["txPeriodSeconds"]),
        maxActionsPerTx: parse(&from["maxActionsPerTx"]),
        validAfter: parse(&from["validAfter"]),
        validUntil: parse(&from["validUntil"]),
        validUntilUtc: text(&from["validUntilUtc"]).to_owned(),
        grantNonce: parse(&from["grantNonce"]),
        grantBefore: parse(&from["grantBefore"]),
    }
}

fn batch(from: &Value) -> SessionBatch {
    SessionBatch {
        account: parse(&from["account"]),
        sessionKey: parse(&from["sessionKey"]),
        sequence: parse(&from["sequence"]),
        deadline: parse(&from["deadline"]),
        batch: parse(&from["batch"]),
    }
}

fn revocation(from: &Value) -> SessionRevocation {
    SessionRevocation {
        account: parse(&from["account"]),
        sessionKey: parse(&from["sessionKey"]),
        deadline: parse(&from["deadline"]),
    }
}

fn all_revocation(from: &Value) -> AllSessionsRevocation {
    AllSessionsRevocation {
        account: parse(&from["account"]),
        grantNonce: parse(&from["grantNonce"]),
        deadline: parse(&from["deadline"]),
    }
}

fn list(of: &Value) -> &[Value] {
    of.as_array().expect("a list")
}

fn text(of: &Value) -> &str {
    of.as_str().expect("text")
}

fn parse<T: std::str::FromStr<Err: std::fmt::Debug>>(of: &Value) -> T {
    text(of).parse().expect("a value of the field's type")
}
