//! The owner's ways to begin a session, and what the client is told of its caps.

use std::time::{Duration, Instant};

use alloy::primitives::{Address, Bytes, Log, U256, address, keccak256};
use alloy::signers::local::PrivateKeySigner;
use alloy::sol_types::{SolEvent, SolStruct};
use latchkey::contracts::abi::{SessionWallet, SessionWalletFactory};
use latchkey::contracts::{Artifact, clone_address, clone_code, create2, game_router, gold, session_wallet_factory};
use latchkey::session::describe_session;
use latchkey::{
    AccountForm, Call, Chain, FrequencyCap, KeyStore, Model, Outcome, Owner, OwnerError, Policy, SessionKey,
    StartError, StoredSession, TokenCap,
};
use serde_json::{Value, json};

use crate::differential::puppet_code;
use crate::support::{ETHER, Node, Watcher, monster, owner, policy};

const DEADLINE: Duration = Duration::from_secs(20);

fn node() -> Node {
    Node::every(Duration::from_millis(100))
}

/// An owner who has never had a coin.
fn penniless(node: &Node) -> Owner {
    Owner::connect(&node.endpoint(), PrivateKeySigner::random()).expect("the chain answers")
}

fn key() -> SessionKey {
    SessionKey::random().expect("randomness")
}

fn code(node: &Node, of: Address) -> Value {
    node.request("eth_getCode", json!([of, "latest"])).expect("an answer")
}

/// Drains until `done` says so.
fn until<M: Model>(chain: &mut Chain<M>, done: impl Fn(&Chain<M>) -> bool) {
    let begun = Instant::now();
    while !done(chain) {
        assert!(begun.elapsed() < DEADLINE, "{:?}", chain.status());
        chain.drain();
        std::thread::yield_now();
    }
}

#[test]
fn a_clone_is_made_granted_played_and_revoked() {
    let node = node();
    let (owner, key) = (owner(&node), key());
    let session_key = key.address();
    let policy = policy(FrequencyCap::per_second(20));
    let grant = owner.grant_clone(&policy, session_key).expect("a plain transaction");
    assert_eq!(grant.account, clone_address(owner.address()));
    assert_eq!(code(&node, grant.account), json!(Bytes::from(clone_code(owner.address()))));
    assert_eq!(code(&node, owner.address()), json!("0x"), "the owner's own address stays as it was");

    let builder = Chain::builder(Watcher).endpoint(node.endpoint()).session(key, grant.account);
    let mut chain = builder.start().expect("a granted session starts");
    chain.act(0).expect("room");
    until(&mut chain, |chain| chain.status().actions.confirmed == 1);
    assert_eq!(chain.confirmed()[0], monster(&owner, 0));

    // A second grant finds the clone.
    let second = owner.grant_clone(&policy, SessionKey::random().expect("randomness").address()).expect("a grant");
    assert_eq!(second.account, grant.account);
    assert_eq!(owner.sessions_in(AccountForm::Clone).expect("a view").len(), 2);
    assert!(owner.sessions().expect("a view").is_empty(), "the other account has none");
    owner.revoke_in(AccountForm::Clone, session_key).expect("the owner may");
    assert_eq!(owner.sessions_in(AccountForm::Clone).expect("a view").len(), 1);
    owner.revoke_all_in(AccountForm::Clone).expect("the owner may");
    assert!(owner.sessions_in(AccountForm::Clone).expect("a view").is_empty());
}

#[test]
fn a_signed_grant_needs_no_coin_and_is_proven_by_the_contract() {
    let node = node();
    let sponsor = owner(&node);
    for form in [AccountForm::Delegated, AccountForm::Clone] {
        let (owner, key) = (penniless(&node), key());
        let policy = policy(FrequencyCap::per_second(5));
        let signed = owner.sign_grant(form, &policy, key.address()).expect("a signature");
        let grant = sponsor.submit_grant(&signed, ETHER).expect("the contract knows the owner's signature");
        assert_eq!(grant.account, owner.account(form), "{form:?}");
        assert_eq!(owner.sessions_in(form).expect("a view").len(), 1, "{form:?}");

        let filter = json!([{ "address": grant.account, "fromBlock": format!("0x{:x}", grant.block) }]);
        let logs = node.request("eth_getLogs", filter).expect("an answer");
        let logs: Vec<alloy::rpc::types::Log> = serde_json::from_value(logs).expect("logs");
        let told = logs.iter().find_map(|log| SessionWallet::SessionGranted::decode_log(&log.inner).ok());
        assert_eq!(told.expect("an event").grantHash, signed.grant.eip712_hash_struct(), "{form:?}");

        // Word for word the same, with another cap.
        let mut forged = signed;
        forged.grant.nativeTotal += U256::from(1);
        forged.delegation = None;
        let refused = sponsor.submit_grant(&forged, 0).expect_err("not what was signed");
        assert!(refused.to_string().contains("SignatureWrong"), "{form:?}: {refused}");
    }
}

#[test]
fn a_contract_is_no_account_and_nobody_starts_without_a_session() {
    let node = node();
    let start = |account| Chain::builder(Watcher).endpoint(node.endpoint()).session(key(), account).start();
    assert!(matches!(start(game_router()), Err(StartError::NotDelegated(_))), "other code is not the wallet's");
    let owner = owner(&node);
    owner.grant_clone(&policy(FrequencyCap::per_second(5)), key().address()).expect("a grant");
    assert!(matches!(start(clone_address(owner.address())), Err(StartError::NoSession { .. })));
    let refused = penniless(&node).grant_clone(&policy(FrequencyCap::per_second(5)), key().address());
    assert!(matches!(refused, Err(OwnerError::Funds { .. })));
}

#[test]
fn a_stored_session_is_described_and_compared() {
    let node = node();
    let owner = owner(&node);
    let cap =
        TokenCap { token: gold(), symbol: "GOLD".to_owned(), decimals: 18, per_tx: 10 * ETHER, total: 100 * ETHER };
    let policy = |lifetime| {
        Policy::builder("test")
            .method(game_router(), "GameRouter", "attack(uint256)")
            .native_per_tx(ETHER / 100)
            .native_total(ETHER / 20)
            .token_cap(cap.clone())
            .lifetime(Duration::from_secs(lifetime))
            .build()
            .expect("a sound policy")
    };
    owner.grant(&policy(3_600), key().address()).expect("a grant with a token cap");
    let session = owner.sessions().expect("a view").remove(0);

    assert_eq!(policy(3_600).differences(&session), Vec::<String>::new());
    let differences = policy(7_200).differences(&session);
    assert_eq!(differences, ["lifetime in seconds: 7200 was asked for, 3600 is stored"]);
    let other = Policy::builder("test").method(gold(), "Gold", "balanceOf(address)").build().expect("sound");
    let differences = other.differences(&session).join("\n");
    for part in ["balanceOf(address)", "may be called and was not asked for", "may be spent and was not asked for"] {
        assert!(differences.contains(part), "{part:?} is missing in:\n{differences}");
    }

    let known = describe_session(&session, Some(&policy(3_600))).join("\n");
    for part in ["attack(uint256) on GameRouter", "10 GOLD per transaction and 100 GOLD in total", "0 spent so far"] {
        assert!(known.contains(part), "{part:?} is missing in:\n{known}");
    }
    let unknown = describe_session(&session, None).join("\n");
    let selector = format!("0x{}", alloy::hex::encode(&keccak256("attack(uint256)")[..4]));
    assert!(unknown.contains(&selector) && unknown.contains(&format!("units of {}", gold())), "{unknown}");
}

/// Takes coins from the player; knows nothing of them.
#[derive(Debug)]
struct Taker(Address);

impl Model for Taker {
    type State = ();
    type Action = (&'static str, u64);
    type Event = ();
    type Reject = &'static str;

    fn initial(&self) {}
    fn predict(&self, (): &mut (), _: &Self::Action, _: u64) -> Result<(), &'static str> {
        Ok(())
    }
    fn encode(&self, (method, amount): &Self::Action) -> Call {
        let hash = keccak256(method);
        Call::new(self.0, [hash[0], hash[1], hash[2], hash[3]]).arg(U256::ZERO).arg(U256::from(*amount))
    }
    fn decode(&self, _: &Log) -> Option<()> {
        None
    }
    fn apply(&self, (): &mut (), (): &()) {}
    fn checksum(&self, (): &()) -> u64 {
        0
    }
}

#[test]
fn the_client_shows_what_is_left_of_a_token_cap() {
    const GIVE: &str = "give(uint256,uint256)";
    const TAKE: &str = "take(uint256,uint256)";
    let node = node();
    let (owner, key) = (owner(&node), key());
    let creation = puppet_code(0);
    let puppet = create2::address(&creation);
    let artifact = Artifact { name: "Puppet", creation, runtime: Bytes::new(), address: puppet };
    owner.ensure_deployed(&[&artifact]).expect("it is deployed");
    let cap = TokenCap { token: puppet.create(1), symbol: "COIN".to_owned(), decimals: 6, per_tx: 50, total: 70 };
    let policy = Policy::builder("test")
        .method(puppet, "Puppet", GIVE)
        .method(puppet, "Puppet", TAKE)
        .token_cap(cap)
        .frequency(FrequencyCap::per_second(20))
        .gas_money(ETHER)
        .build()
        .expect("a sound policy");
    let grant = owner.grant(&policy, key.address()).expect("a grant with a token cap");
    let mut chain =
        Chain::builder(Taker(puppet)).endpoint(node.endpoint()).session(key, grant.account).start().expect("starts");
    let token = chain.status().session.tokens[0];
    assert_eq!((token.token, token.per_tx, token.total, token.left()), (puppet.create(1), 50, 70, 70));

    for action in [(GIVE, 1_000), (TAKE, 20), (TAKE, 21)] {
        chain.act(action).expect("room");
    }
    until(&mut chain, |chain| chain.status().session.tokens[0].spent == 41);
    chain.act((TAKE, 30)).expect("the client does not know what a method takes");
    until(&mut chain, |chain| chain.status().actions.rejected == 1);
    let status = chain.shutdown(DEADLINE).status;
    assert_eq!((status.actions.confirmed, status.session.tokens[0].left()), (3, 29));
}

#[test]
fn addresses_of_clones_are_computed_as_the_factory_does() {
    let node = node();
    let owner = owner(&node);
    let somebody = address!("00000000000000000000000000000000deadbeef");
    let call = SessionWalletFactory::accountCall { owner: somebody };
    assert_eq!(owner.view(session_wallet_factory(), &call).expect("a view"), clone_address(somebody));
}

#[test]
fn a_signed_revocation_needs_no_coin_and_is_proven_by_the_contract() {
    let node = node();
    let sponsor = owner(&node);
    let player = penniless(&node);
    let form = AccountForm::Delegated;
    let grant = || {
        let key = key().address();
        let signed = player.sign_grant(form, &policy(FrequencyCap::per_second(5)), key).expect("a signature");
        sponsor.submit_grant(&signed, ETHER).expect("a grant");
        key
    };
    let live = || player.sessions().expect("a view").iter().map(|session| session.key).collect::<Vec<_>>();
    let (first, second) = (grant(), grant());

    let mut stolen = player.sign_revocation(form, Some(second)).expect("a signature");
    stolen.session_key = Some(first);
    assert!(sponsor.submit_revocation(&stolen).is_err(), "the signature is for the other key");
    let one = player.sign_revocation(form, Some(first)).expect("a signature");
    sponsor.submit_revocation(&one).expect("the contract takes it");
    assert_eq!(live(), [second]);

    let all = player.sign_revocation(form, None).expect("a signature");
    let third = grant();
    assert!(sponsor.submit_revocation(&all).is_err(), "it was signed before the latest grant");
    assert_eq!(live(), [second, third]);
    sponsor
        .submit_revocation(&player.sign_revocation(form, None).expect("a signature"))
        .expect("the contract takes it");
    assert!(live().is_empty());
}

#[test]
fn a_kept_key_goes_on_without_a_prompt_until_the_policy_is_another() {
    let node = node();
    let (owner, key) = (owner(&node), key());
    let wanted = policy(FrequencyCap::per_second(5));
    let account = owner.grant(&wanted, key.address()).expect("a grant").account;
    let path = std::env::temp_dir().join(format!("latchkey-resume-{}.json", std::process::id()));
    let store = KeyStore::File { path, passphrase: "correct horse".to_owned().into() };
    let kept = StoredSession { account, chain_id: owner.chain_id(), key: key.address(), policy: wanted.digest() };
    store.save(&key, &kept).expect("room");
    drop((owner, key));

    let resumed = |wanted: &Policy| {
        let (key, kept) = store.load().expect("it opens").expect("a key");
        let builder = Chain::builder(Watcher).endpoint(node.endpoint()).chain_id(kept.chain_id);
        (kept, builder.session(key, kept.account).policy(wanted.clone()).start())
    };
    let (found, chain) = resumed(&wanted);
    assert_eq!((found, found.policy), (kept, wanted.digest()));
    let mut chain = chain.expect("nobody had to be asked");
    chain.act(0).expect("room");
    until(&mut chain, |chain| chain.status().actions.confirmed == 1);
    drop(chain);

    let other = policy(FrequencyCap::per_second(10));
    assert_ne!(other.digest(), wanted.digest());
    let (_, chain) = resumed(&other);
    let Err(StartError::PolicyDiffers { key, differences }) = chain else { panic!("{chain:?}") };
    assert_eq!((key, differences.len()), (kept.key, 1), "{differences:?}");
    assert!(differences[0].contains("10") && differences[0].contains('5'), "wanted and found: {differences:?}");
    store.remove().expect("it goes");
}

#[test]
fn what_is_left_of_the_gas_money_comes_back() {
    let node = node();
    let (owner, key) = (owner(&node), key());
    let account = owner.grant_clone(&policy(FrequencyCap::per_second(5)), key.address()).expect("a grant").account;
    let balance = |of: Address| {
        let balance = node.request("eth_getBalance", json!([of, "latest"])).expect("an answer");
        serde_json::from_value::<U256>(balance).expect("an amount")
    };
    assert_eq!((balance(key.address()), balance(account)), (U256::from(ETHER), U256::ZERO));
    let returned = owner.collect_gas_money(&key, account).expect("the clone takes coins");
    assert_eq!(balance(account), U256::from(returned));
    let spent = U256::from(ETHER) - U256::from(returned);
    assert!(spent < U256::from(ETHER / 1_000), "a transfer's fee: {spent}");
    assert!(balance(key.address()) < spent);
    assert_eq!(owner.collect_gas_money(&key, account).expect("nothing to send"), 0);
}

#[test]
fn a_new_session_is_offered_once_when_most_of_the_life_is_over() {
    let node = Node::automine();
    let (owner, key) = (owner(&node), key());
    let grant = owner.grant(&policy(FrequencyCap::per_second(5)), key.address()).expect("a grant");
    let builder = Chain::builder(Watcher).endpoint(node.endpoint()).session(key, grant.account);
    let mut chain = builder.poll(Duration::from_millis(10)).start().expect("a granted session starts");
    let mut offers = |at: u64| {
        node.request("evm_setNextBlockTimestamp", json!([at])).expect("a time");
        node.mine();
        let (begun, mut offers) = (Instant::now(), 0);
        while chain.status().head_timestamp < at {
            assert!(begun.elapsed() < DEADLINE, "{:?}", chain.status());
            std::thread::yield_now();
            offers += chain.drain().iter().filter(|outcome| matches!(outcome, Outcome::RenewalDue { .. })).count();
        }
        offers
    };
    let life_s = grant.valid_until - grant.valid_after;
    let due = grant.valid_after + life_s / 100 * 80;
    assert_eq!([due - 1, due, due + 10].map(&mut offers), [0, 1, 0]);
}

#[test]
fn a_renewed_session_goes_on_beside_the_old_one_within_the_same_limits() {
    for form in [AccountForm::Delegated, AccountForm::Clone] {
        let node = Node::automine();
        let (owner, old, new) = (owner(&node), key(), key());
        let (old_key, new_key) = (old.address(), new.address());
        let (wanted, wider) = (policy(FrequencyCap::per_second(5)), policy(FrequencyCap::per_second(6)));
        let none = owner.renew(form, &wanted, old_key, new_key);
        assert!(matches!(none, Err(OwnerError::NoSession { key, .. }) if key == old_key), "{none:?}");
        let grant = match form {
            AccountForm::Delegated => owner.grant(&wanted, old_key),
            AccountForm::Clone => owner.grant_clone(&wanted, old_key),
        };
        let account = grant.expect("a grant").account;
        let begin =
            |key| Chain::builder(Watcher).endpoint(node.endpoint()).session(key, account).policy(wanted.clone());
        let mut before = begin(old).start().expect("the old session");
        before.act(0).expect("room");

        let more = owner.renew(form, &wider, old_key, new_key);
        assert!(matches!(more, Err(OwnerError::PolicyDiffers { .. })), "a renewal asks for nothing more: {more:?}");
        let same = owner.renew(form, &wanted, old_key, old_key);
        assert!(matches!(same, Err(OwnerError::Reverted { .. })), "a key is granted once: {same:?}");
        let renewed = owner.renew(form, &wanted, old_key, new_key).expect("a renewal");
        assert_eq!((renewed.account, renewed.session_key), (account, new_key));

        let mut after = begin(new).start().expect("the new session has the same limits");
        after.act(1).expect("room");
        before.act(2).expect("the old one goes on");
        until(&mut before, |chain| chain.status().actions.confirmed == 2);
        until(&mut after, |chain| chain.status().actions.confirmed == 1);
        before.shutdown(DEADLINE);
        owner.revoke_in(form, old_key).expect("the owner may");
        after.act(3).expect("room");
        until(&mut after, |chain| chain.status().actions.confirmed == 2);
    }
}
