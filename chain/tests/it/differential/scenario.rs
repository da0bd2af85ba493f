//! One granted policy, played against until its cases are used up.

use std::collections::BTreeMap;

use alloy::primitives::{Address, Bytes, U256, keccak256};
use alloy::signers::local::PrivateKeySigner;
use alloy::sol_types::SolCall;
use latchkey::Policy;
use latchkey::contracts::ENTRY_POINTS;
use latchkey::contracts::abi::{Gold, SessionBatch, SessionWallet};
use latchkey::devnet::{CHAIN_ID, create2_address, dev_accounts};
use latchkey::session::verdict::{Ledger, Refusal, Terms};
use latchkey::session::{GrantTerms, digest};

use super::chain::{START, TestChain, sign};
use super::generate;
use super::random::Random;
use super::world::{PUPPETS, Puppets, puppet_code};

/// Half of the order of secp256k1, above which no signature is canonical (EIP-2).
const ORDER: U256 = U256::from_limbs([0xbfd2_5e8c_d036_4141, 0xbaae_dce6_af48_a03b, u64::MAX - 1, u64::MAX]);

/// How often each answer was given: `accepted`, or the name of an error.
pub(super) type Answers = BTreeMap<String, u64>;

pub(super) struct Scenario {
    pub(super) chain: TestChain,
    pub(super) random: Random,
    pub(super) key: PrivateKeySigner,
    pub(super) terms: Terms,
    /// Time of the next block, in Unix seconds.
    now: u64,
    ledger: Ledger,
    world: Puppets,
    relayer: PrivateKeySigner,
    answers: Answers,
}

/// One way in, with the bytes that take it.
#[derive(Clone, Debug)]
pub(super) enum Entry {
    Direct { sender: Address, batch: Vec<u8> },
    Relayed { args: Vec<u8> },
    Operation { args: Vec<u8> },
}

impl Entry {
    pub(super) fn input(&self) -> Bytes {
        let (selector, args) = match self {
            Self::Direct { batch, .. } => (SessionWallet::actAsKeyCall::SELECTOR, batch),
            Self::Relayed { args } => (SessionWallet::relaySessionCall::SELECTOR, args),
            Self::Operation { args } => (SessionWallet::executeSessionCall::SELECTOR, args),
        };
        [&selector[..], args].concat().into()
    }
}

impl Scenario {
    /// A chain with one random policy granted, and coins in the account.
    pub(super) fn new(mut random: Random) -> Self {
        let puppets: Vec<_> = (0..PUPPETS).map(|at| create2_address(&puppet_code(at))).collect();
        let policy = generate::policy(&mut random, &puppets);
        Self::granted(random, puppets, &policy)
    }

    pub(super) fn granted(mut random: Random, puppets: Vec<Address>, policy: &Policy) -> Self {
        let [owner, relayer, ..] = dev_accounts();
        let key = PrivateKeySigner::from_slice(&random.bytes(32)).expect("all but never out of range");
        let mut chain = TestChain::new();
        // Some sessions begin later.
        let now = START + if random.one_in(3) { random.below(20) } else { 1 };
        let (account, session_key) = (owner.address(), key.address());
        let grant = GrantTerms { account, session_key, now, grant_nonce: 0 };
        let input = SessionWallet::grantCall { g: grant.grant(policy) }.abi_encode();
        assert!(chain.send_delegating(&owner, policy.gas_money, input.into()), "{policy:?} is granted");
        let terms = Terms::granted(policy, &grant, CHAIN_ID);
        let capped = terms.tokens.iter().map(|cap| cap.token).collect();
        let mut world = Puppets::new(account, puppets, capped);
        for at in 0..world.coins.len() {
            let amount = random.below(4_000);
            let give = [U256::from(at % 2), U256::from(amount)].map(|word| word.to_be_bytes::<32>()).concat();
            let input = [&keccak256("give(uint256,uint256)")[..4], &give].concat();
            assert!(chain.send(&owner, world.puppets[at / 2], 0, input.into()), "a gift to the account");
            world.held[at] = U256::from(amount);
        }
        let ledger = Ledger::default();
        Self { chain, random, key, terms, now: 0, ledger, world, relayer, answers: Answers::new() }
    }

    /// Plays `cases` cases; panics where model and contract differ.
    pub(super) fn play(mut self, cases: u64) -> Answers {
        for case in 0..cases {
            self.step_time();
            let entry = self.entry();
            let answer = self.agreed(&entry, &format!("case {case}"));
            *self.answers.entry(answer).or_default() += 1;
        }
        self.check_view("at the end");
        self.check_coins();
        self.answers
    }

    /// Moves the time of the next block to the session's first second.
    pub(super) fn begin(&mut self) {
        self.now = self.terms.valid_after.max(self.chain.now());
        self.chain.set_next(self.now);
    }

    /// Moves the time of the next block, mostly not at all: several transactions share a second.
    fn step_time(&mut self) {
        let period = u64::from(self.terms.tx_period_s).min(30);
        let step = match self.random.below(40) {
            0 => self.random.below(100),
            1..4 => self.random.below(period + 2),
            4..20 => 1,
            _ => 0,
        };
        self.now = self.chain.now() + step;
        if self.now < self.terms.valid_after && self.random.one_in(2) {
            self.now = self.terms.valid_after;
        }
        self.chain.set_next(self.now);
    }

    fn entry(&mut self) -> Entry {
        let batch = generate::batch(&mut self.random, &self.terms, &self.world);
        let key = self.key.address();
        let sender = if self.random.one_in(40) { Address::from_slice(&self.random.bytes(20)) } else { key };
        match self.random.below(10) {
            0 => Entry::Operation { args: [sender.as_slice(), &batch].concat() },
            1..5 => Entry::Relayed { args: self.relayed(sender, &batch) },
            _ => Entry::Direct { sender, batch },
        }
    }

    /// A relayed message, mostly in order and signed as it should be.
    fn relayed(&mut self, key: Address, batch: &[u8]) -> Vec<u8> {
        let random = &mut self.random;
        let sequence = match random.below(30) {
            0 => random.below(1 << 40),
            1..5 => self.ledger.sequence + random.below(40),
            5..12 => self.ledger.sequence.saturating_sub(random.below(48)),
            _ => self.ledger.sequence + 1,
        }
        .min((1 << 40) - 1);
        let deadline = if random.one_in(12) { self.now - 1 } else { self.now + random.below(3) };
        let message = SessionBatch {
            account: if random.one_in(50) { key } else { self.terms.account },
            sessionKey: key,
            sequence: sequence.try_into().expect("below 2^40"),
            deadline: deadline.try_into().expect("below 2^40"),
            batch: batch.to_vec().into(),
        };
        let chain_id = if random.one_in(50) { 1 } else { CHAIN_ID };
        let mut signature = sign(&self.key, digest(&message, chain_id)).as_bytes();
        match random.below(40) {
            // The other signature over the same hash, which only the lower half of the order excludes.
            0 => {
                let high = ORDER - U256::from_be_slice(&signature[32..64]);
                signature[32..64].copy_from_slice(&high.to_be_bytes::<32>());
                signature[64] ^= 27 ^ 28;
            }
            1 => signature[64] = random.pick(&[0, 1, 26, 29, 255]),
            2 => signature[random.below(64) as usize] ^= 1 << random.below(8),
            3 => signature[..32].fill(0),
            _ => {}
        }
        let (sequence, deadline) = (&sequence.to_be_bytes()[3..], &deadline.to_be_bytes()[3..]);
        let mut args = [key.as_slice(), sequence, deadline, &signature, batch].concat();
        if random.one_in(40) {
            args.truncate(random.below(args.len() as u64 + 1) as usize);
        }
        args
    }

    /// Asks the model and the contract; panics where they differ, and names the answer where they do not.
    pub(super) fn agreed(&mut self, entry: &Entry, case: &str) -> String {
        let mut world = self.world.clone();
        let (terms, ledger, now) = (&self.terms, &self.ledger, self.now);
        let foreseen = match entry {
            Entry::Direct { sender, batch } => terms.act(ledger, now, *sender, batch, &mut world),
            Entry::Relayed { args } => terms.act_for(ledger, now, args, &mut world),
            Entry::Operation { args } => terms.execute(ledger, now, args, &mut world),
        };
        let from = match entry {
            Entry::Direct { sender, .. } => *sender,
            Entry::Relayed { .. } => self.relayer.address(),
            Entry::Operation { .. } => ENTRY_POINTS[2],
        };
        let (account, input) = (terms.account, entry.input());
        let context = format!("{case}: {entry:?} at {now} of {terms:?} after {ledger:?}");
        match foreseen {
            Ok(ledger) if !matches!(entry, Entry::Operation { .. }) => {
                let signer = if from == self.key.address() { &self.key } else { &self.relayer };
                if !self.chain.send(signer, account, 0, input.clone()) {
                    let told = self.chain.call(from, account, &input).expect_err("it was just refused");
                    panic!("{context}: the model accepts, the contract says {}", Refusal::Wallet(told.into()));
                }
                world.settle();
                (self.ledger, self.world) = (ledger, world);
                self.check_view(&context);
                "accepted".to_owned()
            }
            Ok(_) => {
                let told = self.chain.call(from, account, &input);
                assert!(told.is_ok(), "{context}: the model accepts, the contract says {told:?}");
                "accepted".to_owned()
            }
            Err(refusal) => {
                let told = self.chain.call(from, account, &input);
                let told = told.expect_err(&format!("{context}: the model says {refusal}, the contract accepts"));
                let said = Refusal::Wallet(told.to_vec());
                assert_eq!(refusal.data(), &told[..], "{context}: the model says {refusal}, the contract {said}");
                match refusal {
                    Refusal::Target(_) => "the target reverts".to_owned(),
                    Refusal::Wallet(_) => refusal.to_string().split('(').next().unwrap_or_default().to_owned(),
                }
            }
        }
    }

    /// Every cap, what is left of it, rate and sequences: as the model has them.
    fn check_view(&mut self, context: &str) {
        let stored = self.chain.session(self.terms.account, self.key.address());
        let now = self.chain.now();
        let agree = self.terms.agree_with(&self.ledger, &stored, now);
        assert!(agree, "{context}: at {now} the model has {:?}, the chain {stored:?}", self.ledger);
    }

    /// The puppets did what the model of them says; otherwise the comparison above says less than it seems to.
    fn check_coins(&mut self) {
        for (coin, held) in self.world.coins.clone().into_iter().zip(self.world.held.clone()) {
            let input = Gold::balanceOfCall { owner: self.terms.account }.abi_encode();
            let told = self.chain.call(Address::ZERO, coin, &input.into()).expect("a balance");
            assert_eq!(U256::from_be_slice(&told), held, "the account's balance of {coin}");
        }
    }
}
