//! A chain that mines when told to, a session on it, and the proxy in between.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use alloy::consensus::{SignableTransaction, Transaction, TxEip1559, TxEnvelope};
use alloy::eips::eip2718::{Decodable2718, Encodable2718};
use alloy::primitives::{Address, B256, Bytes, U64, U256};
use alloy::rpc::types::Log;
use alloy::signers::SignerSync;
use alloy::sol_types::SolCall;
use latchkey::devnet::{CHAIN_ID, Fault, FaultProxy, Rule, RuleId, Server, dev_accounts};
use latchkey::session::PolicyBuilder;
use latchkey::{ActionId, Chain, ChainBuilder, Endpoint, FrequencyCap, Outcome, Owner, Phase, Policy, SessionKey};
use serde_json::{Value, json};

use super::marks::{Kind, MARKS, Mark, Marks, NOTE, Noted, Tally, code, noteCall};
use crate::support::{ETHER, Node, owner};

/// Longest wait for anything; the machine may be busy.
pub(super) const DEADLINE: Duration = Duration::from_secs(30);

/// Pause between two looks at something outside.
const LOOK: Duration = Duration::from_millis(2);

/// Transactions per second in most cases: no case is about the cap unless it says so.
const QUICK: u16 = 200;

/// Session key of every case; each has a chain of its own.
const SECRET: [u8; 32] = [0x42; 32];

/// How the client reaches the proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Via {
    Http,
    Ws,
}

pub(super) fn session() -> SessionKey {
    SessionKey::from_bytes(&SECRET).expect("a key")
}

/// Everything but the client.
pub(super) struct World {
    pub(super) node: Node,
    owner: Owner,
    /// Past the proxy.
    pub(super) node_url: String,
    pub(super) proxy: FaultProxy,
    pub(super) account: Address,
    pub(super) key: Address,
    last_mark: Cell<u64>,
    submissions: RefCell<Vec<(u64, Bytes)>>,
    _server: Option<Server>,
}

/// What a session is granted, unless a case changes it.
fn policy() -> PolicyBuilder {
    Policy::builder("cases")
        .method(MARKS, "Marks", NOTE)
        .native_per_tx(1)
        .native_total(100)
        .frequency(FrequencyCap::per_second(QUICK))
        .max_actions_per_tx(1)
        .lifetime(Duration::from_secs(86_400))
        .gas_money(ETHER)
}

impl World {
    /// A session whose transactions carry one action each, so that each action has a nonce of its own.
    pub(super) fn new() -> Self {
        Self::with(|policy| policy)
    }

    pub(super) fn with(change: impl FnOnce(PolicyBuilder) -> PolicyBuilder) -> Self {
        Self::on(Node::automine(), change)
    }

    pub(super) fn on(node: Node, change: impl FnOnce(PolicyBuilder) -> PolicyBuilder) -> Self {
        node.request("anvil_setCode", json!([MARKS, code()])).expect("a contract");
        node.mine();
        let owner = owner(&node);
        let key = session().address();
        let policy = change(policy()).build().expect("a sound policy");
        let account = owner.grant(&policy, key).expect("a grant").account;
        node.request("evm_setAutomine", json!([false])).expect("a switch");
        let (url, server) = node.serve();
        let proxy = FaultProxy::start(&url, 0).expect("a free port");
        Self {
            node,
            owner,
            node_url: url,
            proxy,
            account,
            key,
            last_mark: Cell::new(0),
            submissions: RefCell::default(),
            _server: server,
        }
    }

    pub(super) fn endpoint(&self, via: Via) -> Endpoint {
        let url = if via == Via::Http { self.proxy.http_url() } else { self.proxy.ws_url() };
        Endpoint::url(&url).expect("the proxy's URL")
    }

    pub(super) fn builder(&self, via: Via) -> ChainBuilder<Marks> {
        let poll = Duration::from_millis(10);
        Chain::builder(Marks).endpoint(self.endpoint(via)).session(session(), self.account).poll(poll).sync_test(true)
    }

    pub(super) fn start(&self, via: Via) -> Run<'_> {
        self.run(self.builder(via).start().expect("a granted session starts"))
    }

    pub(super) fn run(&self, chain: Chain<Marks>) -> Run<'_> {
        Run {
            world: self,
            chain,
            ends: BTreeMap::new(),
            acted: Vec::new(),
            phases: Vec::new(),
            reopened: 0,
            preconfirmed: Vec::new(),
        }
    }

    pub(super) fn mark(&self, kind: Kind) -> Mark {
        self.last_mark.set(self.last_mark.get() + 1);
        Mark { number: self.last_mark.get(), kind }
    }

    pub(super) fn inject(&self, rule: Rule) -> RuleId {
        self.proxy.inject(rule).expect("room for a rule")
    }

    /// The next so many submissions after `skipped` ones meet this fault.
    pub(super) fn fail_sends(&self, skipped: u64, count: u64, fault: Fault) -> RuleId {
        self.inject(Rule::new(fault).on("eth_sendRawTransaction*").after(skipped).times(count))
    }

    /// A mark that somebody else makes, as signed bytes; not sent yet.
    pub(super) fn stranger(&self, number: u64) -> Bytes {
        let stranger = &dev_accounts()[5];
        let nonce = self.ask("eth_getTransactionCount", json!([stranger.address(), "pending"]));
        let tx = TxEip1559 {
            chain_id: CHAIN_ID,
            nonce: serde_json::from_value::<U64>(nonce).expect("a count").to(),
            gas_limit: 200_000,
            max_fee_per_gas: 100_000_000_000,
            max_priority_fee_per_gas: 1_000_000_000,
            to: MARKS.into(),
            input: noteCall { mark: U256::from(number) }.abi_encode().into(),
            ..TxEip1559::default()
        };
        let signature = stranger.sign_hash_sync(&tx.signature_hash()).expect("a signature");
        TxEnvelope::from(tx.into_signed(signature)).encoded_2718().into()
    }

    pub(super) fn ask(&self, method: &str, params: Value) -> Value {
        self.node.request(method, params).unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// Transactions of the session key on chain, and those with the pool's.
    pub(super) fn nonces(&self) -> (u64, u64) {
        let count = |tag| self.ask("eth_getTransactionCount", json!([self.key, tag]));
        let read = |value| serde_json::from_value::<U64>(value).expect("a count").to();
        (read(count("latest")), read(count("pending")))
    }

    pub(super) fn height(&self) -> u64 {
        serde_json::from_value::<U64>(self.ask("eth_blockNumber", json!([]))).expect("a height").to()
    }

    /// What the proxy was handed, as nonce and bytes, in order of arrival.
    pub(super) fn submissions(&self) -> Vec<(u64, Bytes)> {
        self.collect();
        self.submissions.borrow().clone()
    }

    /// Takes over what the proxy was handed, before it forgets the oldest.
    pub(super) fn collect(&self) {
        let read = |raw: String| {
            let raw: Bytes = raw.parse().expect("hex");
            (TxEnvelope::decode_2718_exact(&raw).expect("a transaction").nonce(), raw)
        };
        self.submissions.borrow_mut().extend(self.proxy.take_submissions().into_iter().map(read));
    }

    /// The contract's own tally.
    pub(super) fn tally(&self) -> Tally {
        let slot = |index: u8| self.ask("eth_getStorageAt", json!([MARKS, format!("{index:#x}"), "latest"]));
        let word = |value| serde_json::from_value::<B256>(value).expect("a word");
        let count = U256::from_be_bytes(word(slot(0)).0).to();
        Tally { count, digest: word(slot(1)), holes: 0 }
    }

    /// Every event of the contract, in canonical order.
    pub(super) fn noted(&self) -> Vec<Noted> {
        let logs = self.ask("eth_getLogs", json!([{ "fromBlock": "0x0", "address": MARKS }]));
        let logs: Vec<Log> = serde_json::from_value(logs).expect("logs");
        logs.iter().map(|log| Noted::read(&log.inner).expect("an event of the contract")).collect()
    }

    /// Waits until something outside is so.
    pub(super) fn until(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        let begun = Instant::now();
        while !is_so() {
            assert!(begun.elapsed() < DEADLINE, "not within {DEADLINE:?}: {what}; {:?}", self.proxy.counts());
            std::thread::park_timeout(LOOK);
        }
    }

    /// Holds what the client says against what the chain has.
    pub(super) fn verify(&self, run: &Run<'_>) {
        let noted = self.noted();
        let mut times: BTreeMap<u64, u32> = BTreeMap::new();
        noted.iter().for_each(|noted| *times.entry(noted.mark).or_default() += 1);
        for (id, mark) in &run.acted {
            let end = run.ends.get(id).unwrap_or_else(|| panic!("{mark:?} has not ended"));
            let expected = u32::from(*end == End::Confirmed);
            assert_eq!(times.remove(&mark.number).unwrap_or_default(), expected, "{mark:?} ended as {end:?}");
        }
        let earlier = times.values().all(|times| *times == 1);
        assert!(earlier, "carried out, more than once or without an action: {times:?}");
        let confirmed = *run.chain.confirmed();
        assert_eq!(confirmed, self.tally(), "the client's state is the chain's");
        assert_eq!(*run.chain.predicted(), confirmed, "nothing is left to predict");
        let (mined, pending) = self.nonces();
        assert_eq!(mined, pending, "nothing waits in the pool");
        self.verify_nonces(mined);
    }

    /// Nonces were used without a gap, each by what was handed over for it; none was asked to be replaced too cheaply.
    pub(super) fn verify_nonces(&self, mined: u64) {
        let mut nonces: Vec<u64> = self.submissions().into_iter().map(|(nonce, _)| nonce).collect();
        nonces.sort_unstable();
        nonces.dedup();
        assert_eq!(nonces, Vec::from_iter(0..mined), "every nonce was handed over, and none beyond");
        let refusals = self.proxy.refusals();
        let underpriced = refusals.keys().find(|words| words.contains("underpriced"));
        assert!(underpriced.is_none(), "{refusals:?}");
    }

    /// Each nonce was only ever sent with the same bytes.
    pub(super) fn verify_same_bytes(&self) {
        let mut known = BTreeMap::new();
        for (nonce, raw) in self.submissions() {
            let first = known.entry(nonce).or_insert_with(|| raw.clone());
            assert_eq!(*first, raw, "nonce {nonce} was signed twice");
        }
    }
}

/// How an action ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    Confirmed,
    Rejected(String),
    Expired,
}

/// A client at work.
pub(super) struct Run<'a> {
    pub(super) world: &'a World,
    pub(super) chain: Chain<Marks>,
    pub(super) acted: Vec<(ActionId, Mark)>,
    pub(super) ends: BTreeMap<ActionId, End>,
    pub(super) phases: Vec<Phase>,
    /// How often an end was taken back.
    pub(super) reopened: usize,
    /// What an endpoint has promised, each time it did.
    pub(super) preconfirmed: Vec<ActionId>,
}

impl Run<'_> {
    pub(super) fn act(&mut self, kind: Kind) -> ActionId {
        let mark = self.world.mark(kind);
        let id = self.chain.act(mark).unwrap_or_else(|refused| panic!("{refused}"));
        self.acted.push((id, mark));
        id
    }

    pub(super) fn act_plain(&mut self, count: usize) -> Vec<ActionId> {
        (0..count).map(|_| self.act(Kind::Plain)).collect()
    }

    pub(super) fn drain(&mut self) {
        for outcome in self.chain.drain() {
            let (id, end) = match outcome {
                Outcome::Confirmed { id, .. } => (id, End::Confirmed),
                Outcome::Rejected { id, reason, .. } => (id, End::Rejected(reason)),
                Outcome::Expired { id, .. } => (id, End::Expired),
                Outcome::Reopened { id, .. } => {
                    let before = self.ends.remove(&id);
                    assert!(before.is_some(), "{id} is open again, but had not ended");
                    self.reopened += 1;
                    continue;
                }
                Outcome::Preconfirmed { id } => {
                    assert!(!self.ends.contains_key(&id), "{id} is promised although it has ended");
                    self.preconfirmed.push(id);
                    continue;
                }
                Outcome::Phase(phase) => {
                    self.phases.push(phase);
                    continue;
                }
                _ => continue,
            };
            let before = self.ends.insert(id, end);
            assert!(before.is_none(), "{id} has ended twice, first as {before:?}");
        }
    }

    /// Drains until something is so.
    pub(super) fn until(&mut self, what: &str, mut is_so: impl FnMut(&mut Self) -> bool) {
        let begun = Instant::now();
        loop {
            self.drain();
            if is_so(self) {
                return;
            }
            let status = self.chain.status();
            assert!(
                begun.elapsed() < DEADLINE,
                "not within {DEADLINE:?}: {what}; {:?}, {:?}, {:?}, {:?}",
                self.world.proxy.counts(),
                self.world.nonces(),
                status.actions,
                status.last_error
            );
            std::thread::park_timeout(LOOK);
        }
    }

    pub(super) fn is_settled(&self) -> bool {
        self.ends.len() == self.acted.len()
    }

    /// Lets blocks come until every action has ended.
    pub(super) fn settle(&mut self) {
        self.until("every action has ended", |run| {
            let (mined, pending) = run.world.nonces();
            // An empty block when the client has seen the last one: somewhere, time goes on.
            let seen = run.chain.status().head_number == run.world.height();
            if pending > mined || (seen && !run.is_settled()) {
                run.world.node.mine();
            }
            run.is_settled()
        });
    }
}

impl World {
    /// Lets the owner act while blocks come by themselves.
    pub(super) fn by_the_owner(&self, act: impl FnOnce(&Owner)) {
        self.ask("evm_setAutomine", json!([true]));
        act(&self.owner);
        self.ask("evm_setAutomine", json!([false]));
    }

    /// Ends every session, and grants the same key another one.
    pub(super) fn grant_again(&self, change: impl FnOnce(PolicyBuilder) -> PolicyBuilder) {
        let policy = change(policy()).build().expect("a sound policy");
        self.by_the_owner(|owner| {
            owner.revoke_all().expect("the owner may");
            owner.grant(&policy, self.key).expect("another epoch knows no key");
        });
    }

    /// Waits until the pool holds so many transactions of ours.
    pub(super) fn until_pooled(&self, count: u64) {
        self.until("the pool has them", || {
            let (mined, pending) = self.nonces();
            pending - mined == count
        });
    }
}
