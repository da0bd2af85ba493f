//! What the puppets and their coins do, foreseen.

use std::collections::HashMap;

use alloy::primitives::{Address, Bytes, U256, keccak256};
use latchkey::Call;
use latchkey::session::verdict::{Effect, World};

/// Puppets on the chain; each has two coins.
pub(super) const PUPPETS: usize = 3;

/// Gas with which every call of a puppet goes through. With none at all each fails; what lies between is not foreseen.
pub(super) const PLENTY: u32 = 400_000;

/// Methods of a puppet, and how many words each reads.
pub(super) const PUPPET_METHODS: [(&str, usize); 6] = [
    ("nothing()", 0),
    ("touch(uint256)", 1),
    ("fail(uint256)", 1),
    ("take(uint256,uint256)", 2),
    ("give(uint256,uint256)", 2),
    ("collect(uint256,uint256)", 2),
];

/// Methods of a puppet that take native value.
pub(super) const PAYABLE: [&str; 3] = ["nothing()", "touch(uint256)", "fail(uint256)"];

/// Methods of a coin that a session may call when the coin is capped.
pub(super) const COIN_METHODS: [&str; 3] =
    ["transfer(address,uint256)", "approve(address,uint256)", "balanceOf(address)"];

/// Where the puppets stand: the same creation code with another byte behind it has another address.
pub(crate) fn puppet_code(at: usize) -> Bytes {
    let json = include_str!("puppet.json");
    let json: serde_json::Value = serde_json::from_str(json).expect("the committed artifact");
    let code: Bytes = json["bytecode"].as_str().and_then(|code| code.parse().ok()).expect("the committed artifact");
    [&code[..], &[at as u8]].concat().into()
}

/// What the account holds of each coin, and what it has approved within a batch.
#[derive(Clone, Debug)]
pub(super) struct Puppets {
    pub(super) account: Address,
    pub(super) puppets: Vec<Address>,
    pub(super) coins: Vec<Address>,
    pub(super) held: Vec<U256>,
    /// Capped coins, in the order of the session's terms.
    pub(super) capped: Vec<Address>,
    approved: HashMap<(usize, Address), U256>,
}

impl Puppets {
    pub(super) fn new(account: Address, puppets: Vec<Address>, capped: Vec<Address>) -> Self {
        // A contract's first creation has nonce 1.
        let coins: Vec<_> = puppets.iter().flat_map(|puppet| [puppet.create(1), puppet.create(2)]).collect();
        let held = vec![U256::ZERO; coins.len()];
        Self { account, puppets, coins, held, capped, approved: HashMap::new() }
    }

    /// The end of a batch that went through: the wallet takes every approval back.
    pub(super) fn settle(&mut self) {
        self.approved.clear();
    }

    /// What a call leaves behind, or the data that it reverts with.
    fn run(&mut self, call: &Call) -> Result<(), Vec<u8>> {
        let is = |signature: &str| keccak256(signature)[..4] == call.selector;
        let puppet = self.puppets.iter().position(|puppet| *puppet == call.target);
        let method = match puppet {
            Some(_) => PUPPET_METHODS.iter().map(|(method, _)| *method).find(|method| is(method)),
            None => COIN_METHODS.into_iter().find(|method| is(method)),
        };
        let method = method.ok_or_else(Vec::new)?;
        let word = |at: usize| call.args.get(32 * at..32 * at + 32).map(U256::from_be_slice).ok_or_else(Vec::new);
        if call.value > 0 && !PAYABLE.contains(&method) {
            return Err(Vec::new());
        }
        let Some(puppet) = puppet else { return self.run_coin(call, method, word(0)?, word(1)) };
        match method {
            "nothing()" => return Ok(()),
            "touch(uint256)" => return word(0).map(drop),
            "fail(uint256)" => {
                let why = word(0)?.to_be_bytes::<32>();
                return Err([&keccak256("Refused(uint256)")[..4], &why].concat());
            }
            _ => {}
        }
        let (coin, amount) = (2 * puppet + word(0)?.bit(0) as usize, word(1)?);
        match method {
            "give(uint256,uint256)" => {
                self.held[coin] += U256::from(amount.wrapping_to::<u128>());
                Ok(())
            }
            "collect(uint256,uint256)" => {
                let approved = self.approved.entry((coin, call.target)).or_default();
                *approved = approved.checked_sub(amount).ok_or_else(|| error("InsufficientAllowance()"))?;
                self.pay(coin, amount)
            }
            _ => self.pay(coin, amount),
        }
    }

    fn run_coin(
        &mut self,
        call: &Call,
        method: &str,
        whom: U256,
        amount: Result<U256, Vec<u8>>,
    ) -> Result<(), Vec<u8>> {
        if whom >> 160 != U256::ZERO {
            return Err(Vec::new());
        }
        let coin = self.coins.iter().position(|coin| *coin == call.target).ok_or_else(Vec::new)?;
        let whom = Address::from_word(whom.into());
        match method {
            "transfer(address,uint256)" if whom == self.account => {
                let amount = amount?;
                if self.held[coin] < amount { Err(error("InsufficientBalance()")) } else { Ok(()) }
            }
            "transfer(address,uint256)" => self.pay(coin, amount?),
            "approve(address,uint256)" => {
                self.approved.insert((coin, whom), amount?);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn pay(&mut self, coin: usize, amount: U256) -> Result<(), Vec<u8>> {
        self.held[coin] = self.held[coin].checked_sub(amount).ok_or_else(|| error("InsufficientBalance()"))?;
        Ok(())
    }
}

impl World for Puppets {
    fn call(&mut self, call: &Call, gas: Option<u32>) -> Effect {
        if gas.is_some_and(|gas| gas < PLENTY) {
            return Effect::Failed(Vec::new());
        }
        let before = self.clone();
        if let Err(data) = self.run(call) {
            *self = before;
            return Effect::Failed(data);
        }
        let fell = |coin: &Address| {
            let at = self.coins.iter().position(|known| known == coin).expect("a coin of a puppet");
            before.held[at].saturating_sub(self.held[at])
        };
        Effect::Done(self.capped.iter().map(fell).collect())
    }
}

fn error(signature: &str) -> Vec<u8> {
    keccak256(signature)[..4].to_vec()
}
