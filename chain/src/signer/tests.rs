//! Every path of signing against published vectors and an independent implementation.

use alloy::primitives::{B256, U256, hex, keccak256};
use k256::ecdsa::SigningKey;
use k256::elliptic_curve::Curve;
use proptest::prelude::*;
use sha2::{Digest, Sha256};

use super::nonce::NonceKey;
use super::*;
use crate::session::SessionKey;

/// Random hashes that every backend is held against; more with `LATCHKEY_SIGNATURES=100000`.
const SIGNATURES: u64 = 2_000;

const SECRET: [u8; 32] = hex!("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");

fn backends() -> Vec<Backend> {
    vec![
        Backend::K256,
        #[cfg(feature = "libsecp256k1")]
        Backend::Libsecp256k1,
    ]
}

fn key(secret: &[u8; 32], backend: Backend) -> SessionKey {
    SessionKey::from_bytes(secret).and_then(|key| key.with_backend(backend)).expect("a valid scalar and randomness")
}

/// The signature by the `ecdsa` and `rfc6979` crates.
fn reference(secret: &SigningKey, hash: &B256) -> Signature {
    let (signature, recovery) = secret.sign_prehash_recoverable(hash.as_slice());
    let (r, s) = signature.split_bytes();
    Signature::from_scalars_and_parity(B256::new(r.into()), B256::new(s.into()), recovery.is_y_odd())
}

/// Different bytes for each number.
fn hash(number: u64) -> B256 {
    keccak256(number.to_be_bytes())
}

#[track_caller]
fn check_vector(secret: [u8; 32], message: &[u8], k: [u8; 32], signature: Option<[u8; 64]>) {
    let hash = B256::new(Sha256::digest(message).into());
    let scalar = k256::SecretKey::from_slice(&secret).expect("a valid scalar").to_nonzero_scalar();
    assert_eq!(NonceKey::new(&scalar).nonces(&hash).next().to_bytes()[..], k, "the one-time scalar");
    for (backend, expected) in backends().into_iter().flat_map(|backend| signature.map(|bytes| (backend, bytes))) {
        let signed = key(&secret, backend).sign_hash(&hash);
        assert_eq!(signed.as_bytes()[..64], expected, "{backend:?}");
    }
}

#[test]
fn rfc_6979_vectors_of_secp256k1() {
    let one = B256::with_last_byte(1).0;
    check_vector(
        one,
        b"Satoshi Nakamoto",
        hex!("8F8A276C19F4149656B280621E358CCE24F5F52542772691EE69063B74F15D15"),
        Some(hex!(
            "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8
             2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5"
        )),
    );
    check_vector(
        one,
        b"All those moments will be lost in time, like tears in rain. Time to die...",
        hex!("38AA22D72376B4DBC472E06C3BA403EE0A394DA63FC58D88686C611ABA98D6B3"),
        Some(hex!(
            "8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b
             547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21"
        )),
    );
    check_vector(
        hex!("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140"),
        b"Satoshi Nakamoto",
        hex!("33A19B60E25FB6F4435AF53A3D42D493644827367E6453928554F43E49AA6F90"),
        None,
    );
    check_vector(
        hex!("f8b8af8ce3c7cca5e300d33939540c10d45ce001b8f252bfbc57ba0342904181"),
        b"Alan Turing",
        hex!("525A82B70E67874398067543FD84C83D30C175FDC45FDEEE082FE13B1D7CFDF1"),
        None,
    );
}

#[test]
fn the_published_ethereum_transaction() {
    // The worked example of web3's documentation, which every Ethereum library signs the same way.
    let hash = keccak256(hex!("e9808504e3b29200831e848094f0109fc8df283027b6285cc889f5aa624eac1f55843b9aca0080018080"));
    for backend in backends() {
        let signed =
            key(&hex!("4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"), backend).sign_hash(&hash);
        let expected = hex!(
            "c9cf86333bcb065d140032ecaab5d9281bde80f21b9687b3e94161de42d51895
             727a108a0b8d101465414033c3f705a9c7b826e596766046ee1183dbc8aeaa68"
        );
        assert_eq!((&signed.as_bytes()[..64], signed.v()), (&expected[..], false), "{backend:?}");
    }
}

#[test]
fn further_candidates_follow_rfc_6979() {
    let secret = k256::SecretKey::from_slice(&SECRET).expect("a valid scalar");
    let order = k256::Secp256k1::ORDER;
    for number in 0..50 {
        let hash = hash(number);
        let mut ours = NonceKey::new(&secret.to_nonzero_scalar()).nonces(&hash);
        let mut theirs = rfc6979::KGenerator::<Sha256, k256::U256>::new(&SECRET, hash.as_slice(), &[], &order);
        for _ in 0..4 {
            let mut expected = [0; 32];
            theirs.fill_next_k(&mut expected);
            assert_eq!(ours.next().to_bytes()[..], expected);
        }
    }
}

#[test]
fn every_backend_signs_random_hashes_as_the_reference_does() {
    let count = std::env::var("LATCHKEY_SIGNATURES").ok().map_or(SIGNATURES, |n| n.parse().expect("a number"));
    for key_number in 0..4 {
        let secret = hash(u64::MAX - key_number).0;
        let slow = SigningKey::from_slice(&secret).expect("a valid scalar");
        let keys: Vec<_> = backends().into_iter().map(|backend| key(&secret, backend)).collect();
        let (mut hashes, mut all) = (Vec::new(), Vec::new());
        for number in (key_number..count).step_by(4) {
            let hash = hash(number);
            let expected = reference(&slow, &hash);
            assert!(expected.normalize_s().is_none(), "s is low");
            for key in &keys {
                assert_eq!(key.sign_hash(&hash), expected, "{:?}, hash {number}", key.backend());
            }
            hashes.push(hash);
            all.push(expected);
        }
        for key in &keys {
            let mut batch = Vec::new();
            key.sign_batch(&hashes, &mut batch);
            assert!(batch == all, "{:?} signs differently in bulk", key.backend());
        }
    }
}

#[test]
fn hashes_at_the_edges_of_the_group_order() {
    let order = U256::from_be_slice(&hex!("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"));
    let slow = SigningKey::from_slice(&SECRET).expect("a valid scalar");
    for number in [U256::ZERO, U256::ONE, order - U256::ONE, order, order + U256::ONE, U256::MAX] {
        let hash = B256::from(number);
        for backend in backends() {
            let mut batch = Vec::new();
            let key = key(&SECRET, backend);
            key.sign_batch(&[hash; 5], &mut batch);
            assert_eq!(batch, [reference(&slow, &hash); 5], "{backend:?}, {number:#x}");
            assert_eq!(batch[0].recover_address_from_prehash(&hash).ok(), Some(key.address()));
        }
    }
}

#[test]
fn presignatures_are_valid_bounded_and_used_once() {
    let hash = hash(1);
    for backend in backends() {
        let key = key(&SECRET, backend).presigned(3);
        let address = key.address();
        assert_eq!((key.prepare(), key.prepare(), key.prepare(), key.prepare()), (true, true, false, false));
        assert_eq!(key.ready(), 3);
        let signed: Vec<_> = (0..4).map(|_| key.sign_hash(&hash)).collect();
        assert_eq!(key.ready(), 0);
        for (at, signature) in signed.iter().enumerate() {
            assert!(signature.normalize_s().is_none(), "s is low");
            assert_eq!(signature.recover_address_from_prehash(&hash).ok(), Some(address));
            assert!(!signed[..at].iter().any(|other| other.r() == signature.r()), "a one-time scalar came twice");
        }
        let slow = SigningKey::from_slice(&SECRET).expect("a valid scalar");
        assert_eq!(signed[3], reference(&slow, &hash), "without a presignature, deterministic");
        let shown = format!("{key:?}").to_lowercase();
        assert!(shown.len() < 100 && !shown.contains("ac0974be"), "{shown}");
    }
}

#[test]
fn presignatures_are_bounded_whatever_was_asked_for() {
    let key = key(&SECRET, Backend::K256).presigned(usize::MAX);
    while key.prepare() {}
    assert_eq!(key.ready(), PRESIGNATURES_MAX);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_batch_is_the_single_signatures_in_order(hashes in proptest::collection::vec(any::<[u8; 32]>(), 0..150)) {
        let hashes: Vec<B256> = hashes.into_iter().map(B256::new).collect();
        let slow = SigningKey::from_slice(&SECRET).expect("a valid scalar");
        let expected: Vec<_> = hashes.iter().map(|hash| reference(&slow, hash)).collect();
        for backend in backends() {
            let key = key(&SECRET, backend);
            let mut signed = vec![expected.first().copied().unwrap_or_else(Signature::test_signature)];
            key.sign_batch(&hashes, &mut signed);
            prop_assert_eq!(&signed[1..], &expected[..], "appended, {:?}", backend);
        }
    }

    #[test]
    fn a_presigned_batch_verifies_however_many_are_ready(ready in 0usize..8, count in 0usize..12) {
        let key = key(&SECRET, Backend::default()).presigned(ready);
        while key.prepare() {}
        let hashes: Vec<B256> = (0..count as u64).map(hash).collect();
        let mut signed = Vec::new();
        key.sign_batch(&hashes, &mut signed);
        prop_assert_eq!(signed.len(), count);
        prop_assert_eq!(key.ready(), ready.saturating_sub(count));
        for (signature, hash) in signed.iter().zip(&hashes) {
            prop_assert_eq!(signature.recover_address_from_prehash(hash).ok(), Some(key.address()));
        }
    }
}
