//! What the contract refuses, sent raw and signed with a valid session key, past every check of the client.

use alloy::primitives::{Address, B256, Bytes, U256};
use alloy::sol_types::SolCall;
use latchkey::contracts::abi::GameRouter;
use latchkey::contracts::{decode_revert, game_router, gold};
use latchkey::model::ActionId;
use latchkey::pure::{ACT_SELECTOR, Batch, Fees, Mode, seal};
use latchkey::{FrequencyCap, Owner, SessionKey};
use serde_json::{Value, json};

use crate::support::{ETHER, NOBODY, Node, monster, owner, policy};

const GAS: u64 = 500_000;
const FEES: Fees = Fees { base_fee: 1_000_000_000, priority_fee: 1 };

/// A stepped chain with one granted session, whose key signs whatever a test says.
struct Attacker {
    node: Node,
    owner: Owner,
    key: SessionKey,
    account: Address,
    nonce: u64,
}

impl Attacker {
    /// The session's cap is 5 transactions per second; the chain's time stands still until a test moves it.
    fn new() -> Self {
        let node = Node::automine();
        let owner = owner(&node);
        let key = SessionKey::random().expect("randomness");
        let account = owner.grant(&policy(FrequencyCap::per_second(5)), key.address()).expect("a grant").account;
        let attacker = Self { node, owner, key, account, nonce: 0 };
        attacker.request("evm_setAutomine", json!([false]));
        attacker
    }

    fn request(&self, method: &str, params: Value) -> Value {
        self.node.request(method, params).expect("the chain answers")
    }

    /// Signs packed bytes and puts the transaction into the pool.
    fn send(&mut self, bytes: &[u8]) -> B256 {
        let actions = vec![ActionId(1)];
        let batch = Batch { actions, mode: Mode::Atomic, bytes: bytes.to_vec(), gas_limit: GAS, kinds: Vec::new() };
        let (hash, raw) = seal(&batch, &self.key, 31_337, self.nonce, self.account, FEES);
        self.nonce += 1;
        self.request("eth_sendRawTransaction", json!([raw]));
        hash
    }

    fn mined(&self, hash: B256) -> bool {
        self.request("eth_getTransactionReceipt", json!([hash]))["status"] == "0x1"
    }

    /// The contract's word on the same bytes at the chain's present time.
    fn reason(&self, bytes: &[u8]) -> String {
        let input = Bytes::from([&ACT_SELECTOR[..], bytes].concat());
        let call = json!({ "from": self.key.address(), "to": self.account, "input": input });
        let refused = self.node.request("eth_call", json!([call, "latest"])).expect_err("the contract refuses");
        let data = refused.data.as_ref().and_then(Value::as_str).expect("revert data");
        let data: Bytes = data.parse().expect("hex");
        decode_revert(&data).expect("an error of ours")
    }

    /// Sends bytes that must be mined as a revert for this reason and leave the monsters alone.
    fn refused(&mut self, bytes: &[u8], reason: &str) {
        let before = self.monsters();
        let hash = self.send(bytes);
        self.node.mine();
        assert!(!self.mined(hash), "{reason}: the transaction must revert");
        let told = self.reason(bytes);
        assert!(told.starts_with(reason), "expected {reason}, the contract says {told}");
        assert_eq!(self.monsters(), before, "{reason}: a refused batch changes nothing");
    }

    fn monsters(&self) -> Vec<U256> {
        (0..3).map(|id| monster(&self.owner, id)).collect()
    }
}

fn item(method: u8, value: Option<u128>, args: &[u8]) -> Vec<u8> {
    let mut bytes = vec![method | u8::from(value.is_some()) << 3];
    if let Some(wei) = value {
        bytes.extend_from_slice(&wei.to_be_bytes()[6..]);
    }
    bytes.extend_from_slice(&u16::try_from(args.len()).expect("short").to_be_bytes());
    bytes.extend_from_slice(args);
    bytes
}

fn attack() -> Vec<u8> {
    attack_on(0)
}

fn attack_on(monster: u64) -> Vec<u8> {
    [vec![0], item(0, None, &U256::from(monster).to_be_bytes::<32>())].concat()
}

#[test]
fn the_way_of_these_tests_is_open() {
    let mut attacker = Attacker::new();
    let hash = attacker.send(&attack());
    attacker.node.mine();
    assert!(attacker.mined(hash), "an allowed attack goes through, so that a refusal below means something");
}

#[test]
fn a_method_or_contract_outside_the_list_cannot_be_named() {
    let mut attacker = Attacker::new();
    let argument = U256::ZERO.to_be_bytes::<32>();
    // Rule 0 holds the game's two methods; there is no third and no second contract.
    attacker.refused(&[vec![0], item(0x02, None, &argument)].concat(), "SelectorIndex");
    attacker.refused(&[vec![0], item(0x10, None, &argument)].concat(), "RuleIndex");
    attacker.refused(&[vec![0], item(0xf0, None, &argument)].concat(), "RuleIndex");
    // Smuggling a whole call as arguments only makes longer arguments of the allowed method.
    let pickup = GameRouter::pickupCall { lootId: U256::from(0x100) }.abi_encode();
    let smuggled = [vec![0], item(0x12, None, &pickup)].concat();
    attacker.refused(&smuggled, "RuleIndex");
    assert_ne!(gold(), game_router());
}

#[test]
fn an_expired_key_is_refused() {
    let mut attacker = Attacker::new();
    attacker.request("evm_increaseTime", json!([3_600]));
    attacker.refused(&attack(), "Expired");
}

#[test]
fn value_over_the_cap_is_refused_even_in_pieces() {
    let mut attacker = Attacker::new();
    let smite = |wei| {
        let args = [U256::from(1).to_be_bytes::<32>(), U256::ZERO.to_be_bytes::<32>()].concat();
        item(0x01, Some(wei), &args)
    };
    attacker.refused(&[vec![0], smite(ETHER / 100 + 1)].concat(), "NativePerTx");
    let half = ETHER / 200 + 1;
    attacker.refused(&[vec![0], smite(half), smite(half)].concat(), "NativePerTx");
    attacker.refused(&[vec![1, 3, 13, 64], smite(1)].concat(), "IsolateForbidden");
}

#[test]
fn the_sixth_transaction_within_a_second_is_refused() {
    let mut attacker = Attacker::new();
    // A monster each, so that only the frequency can be in the way.
    let hashes: Vec<_> = (0..6).map(|id| attacker.send(&attack_on(id))).collect();
    attacker.node.mine();
    let went_through: Vec<_> = hashes.iter().map(|hash| attacker.mined(*hash)).collect();
    assert_eq!(went_through, [true, true, true, true, true, false], "five in one block, all with one timestamp");
    let told = attacker.reason(&attack());
    assert!(told.starts_with("RateLimited"), "{told}");

    attacker.request("evm_increaseTime", json!([3_000]));
    let hashes: Vec<_> = (6..12).map(|id| attacker.send(&attack_on(id))).collect();
    attacker.node.mine();
    let went_through = hashes.iter().filter(|hash| attacker.mined(**hash)).count();
    assert_eq!(went_through, 5, "an idle hour does not accumulate");
}

#[test]
fn too_many_actions_and_broken_batches_are_refused() {
    let mut attacker = Attacker::new();
    let one = item(0, None, &U256::ZERO.to_be_bytes::<32>());
    attacker.refused(&[vec![0], one.repeat(5)].concat(), "TooManyActions");
    for broken in [vec![], vec![0], vec![2], [vec![0], one[..20].to_vec()].concat(), [vec![0], one, vec![0]].concat()] {
        attacker.refused(&broken, "MalformedBatch");
    }
}

#[test]
fn a_stranger_and_a_revoked_key_are_refused() {
    let mut attacker = Attacker::new();
    let input = Bytes::from([&ACT_SELECTOR[..], &attack()].concat());
    let call = json!({ "from": NOBODY, "to": attacker.account, "input": input });
    let refused = attacker.node.request("eth_call", json!([call, "latest"])).expect_err("a stranger");
    let data: Bytes = refused.data.as_ref().and_then(Value::as_str).expect("data").parse().expect("hex");
    assert!(decode_revert(&data).expect("an error of ours").starts_with("SessionUnknown"));

    attacker.request("evm_setAutomine", json!([true]));
    attacker.owner.revoke(attacker.key.address()).expect("the owner may");
    attacker.request("evm_setAutomine", json!([false]));
    attacker.refused(&attack(), "SessionUnknown");
}
