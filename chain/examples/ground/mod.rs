//! What the four examples outside games stand on: the embedded chain with a market on it, an owner, and the rules.

#![allow(dead_code, reason = "each example needs its own part of it")]

use std::error::Error;
use std::time::Duration;

use alloy::primitives::{Address, Log, U256, hex};
use alloy::sol_types::{SolCall, SolEvent};
use latchkey::contracts::{artifacts::SESSION_WALLET, create2};
use latchkey::devnet::{Devnet, dev_accounts};
use latchkey::session::PolicyBuilder;
use latchkey::{Call, Chain, Endpoint, Model, Outcome, Owner, Policy, SessionKey, TokenCap};

pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// One whole dollar in the token's smallest unit.
pub(crate) const DOLLAR: u128 = 1_000_000;

/// Pause between two looks at what the chain has said.
const FRAME: Duration = Duration::from_millis(10);

alloy::sol! {
    function subscribe();
    function buy(uint256 dollars);
    function trade(uint256 dollars);
    function transfer(address to, uint256 amount);
    event Subscribed(address indexed who, uint256 months);
    event Bought(address indexed who, uint256 dollars, uint256 shares);
    event Traded(address indexed who, uint256 profit);
}

/// An embedded chain with the market, and the owner of the account that trades there.
pub(crate) struct Ground {
    pub(crate) devnet: Devnet,
    pub(crate) owner: Owner,
    pub(crate) market: Address,
    pub(crate) dollar: Address,
}

impl Ground {
    pub(crate) fn new(block_time: Duration) -> Result<Self> {
        let code = hex::decode(include_str!("market.hex").trim())?;
        let market = create2::address(&code);
        let wallet = SESSION_WALLET.creation.clone();
        let devnet = Devnet::builder().block_time(block_time).create2(wallet).create2(code).spawn()?;
        let endpoint = Endpoint::connection("embedded chain", devnet.connection());
        let owner = Owner::connect(&endpoint, dev_accounts()[0].clone())?;
        // The market's constructor creates the token: its first creation.
        Ok(Self { devnet, owner, market, dollar: market.create(1) })
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        Endpoint::connection("embedded chain", self.devnet.connection())
    }

    /// A policy that may call one method of the market and spend this much, in whole dollars.
    pub(crate) fn policy(&self, app: &str, method: &str, per_tx: u128, total: u128) -> PolicyBuilder {
        let cap = TokenCap {
            token: self.dollar,
            symbol: "USDC".to_owned(),
            decimals: 6,
            per_tx: per_tx * DOLLAR,
            total: total * DOLLAR,
        };
        Policy::builder(app).method(self.market, "Market", method).token_cap(cap).gas_money(10_u128.pow(18))
    }

    /// Shows the policy, has the owner sign it, once, and starts the engine.
    pub(crate) fn start(&self, policy: &Policy) -> Result<Chain<Market>> {
        let key = SessionKey::random()?;
        let grant = self.grant(policy, key.address())?;
        self.resume(key, grant)
    }

    /// Shows the policy and has the owner sign it: the only signature that anybody is asked for.
    pub(crate) fn grant(&self, policy: &Policy, key: Address) -> Result<Address> {
        println!("granted to {key}: {}", policy.largest_loss());
        Ok(self.owner.grant(policy, key)?.account)
    }

    pub(crate) fn rules(&self) -> Market {
        Market { market: self.market, dollar: self.dollar }
    }

    /// Starts the engine with a session that is granted already.
    pub(crate) fn resume(&self, key: SessionKey, account: Address) -> Result<Chain<Market>> {
        Ok(Chain::builder(self.rules()).endpoint(self.endpoint()).session(key, account).start()?)
    }
}

/// Looks at what the chain says until every action has ended.
pub(crate) fn settle(chain: &mut Chain<Market>) -> Vec<Outcome<Market>> {
    let mut told = Vec::new();
    loop {
        told.extend(chain.drain());
        if chain.status().actions.unresolved == 0 {
            return told;
        }
        std::thread::park_timeout(FRAME);
    }
}

/// What can be done at the market; amounts in the token's smallest unit.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Deal {
    Subscribe,
    Buy(u128),
    Trade(u128),
    Transfer(Address, u128),
}

/// What we have there, in the smallest units.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Holdings {
    pub(crate) months: u64,
    pub(crate) shares: u128,
    pub(crate) profit: u128,
}

/// What the chain told of it: absolute values, so that nothing has to be added up.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Told {
    Months(u64),
    Shares(u128),
    Profit(u128),
}

/// The rules. Prices are the chain's to say, so that nothing but the months is predicted.
#[derive(Debug)]
pub(crate) struct Market {
    market: Address,
    dollar: Address,
}

impl Model for Market {
    type State = Holdings;
    type Action = Deal;
    type Event = Told;
    type Reject = std::convert::Infallible;

    fn initial(&self) -> Holdings {
        Holdings::default()
    }
    fn predict(&self, holdings: &mut Holdings, deal: &Deal, _at: u64) -> std::result::Result<(), Self::Reject> {
        if let Deal::Subscribe = deal {
            holdings.months += 1;
        }
        Ok(())
    }
    fn encode(&self, deal: &Deal) -> Call {
        match *deal {
            Deal::Subscribe => Call::new(self.market, subscribeCall::SELECTOR),
            Deal::Buy(dollars) => Call::new(self.market, buyCall::SELECTOR).arg(U256::from(dollars)),
            Deal::Trade(dollars) => Call::new(self.market, tradeCall::SELECTOR).arg(U256::from(dollars)),
            Deal::Transfer(to, amount) => {
                Call::new(self.dollar, transferCall::SELECTOR).arg(to.into_word().into()).arg(U256::from(amount))
            }
        }
    }
    fn decode(&self, log: &Log) -> Option<Told> {
        if let Ok(event) = Subscribed::decode_log(log) {
            return Some(Told::Months(event.months.saturating_to()));
        }
        if let Ok(event) = Bought::decode_log(log) {
            return Some(Told::Shares(event.shares.saturating_to()));
        }
        Some(Told::Profit(Traded::decode_log(log).ok()?.profit.saturating_to()))
    }
    fn apply(&self, holdings: &mut Holdings, told: &Told) {
        match *told {
            Told::Months(months) => holdings.months = months,
            Told::Shares(shares) => holdings.shares = shares,
            Told::Profit(profit) => holdings.profit = profit,
        }
    }
    fn checksum(&self, holdings: &Holdings) -> u64 {
        holdings.months ^ holdings.shares as u64 ^ holdings.profit as u64
    }
}
