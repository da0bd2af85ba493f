//! From options to a run: the chain, the contracts, the policy, the one signature.

mod error;
mod keeper;
mod spent;
mod truth;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use alloy::primitives::Address;
use alloy::primitives::U256;
use alloy::primitives::utils::format_ether;
use alloy::signers::local::PrivateKeySigner;
use latchkey::contracts::artifacts::{Artifact, GAME_ROUTER, SESSION_WALLET};
use latchkey::contracts::{game_router, gold};
use latchkey::devnet::{Devnet, DevnetBuilder, dev_accounts};
use latchkey::session::TokenCap;
use latchkey::{Chain, Endpoint, FrequencyCap, Owner, Policy, SessionKey};

pub use error::SetupError;
pub use keeper::{Keeper, StillLive};
pub use spent::{Spent, whole};
pub use truth::Truth;

use crate::rules::{Rules, balance};
use crate::view::offer::Choice;

/// Actions that the demo's session may put into one transaction.
pub const ACTIONS_PER_TRANSACTION: u8 = 8;
/// Most native coin that one transaction of the session may spend, in wei: 0.01. It is less where a session spends so
/// little that a fifth of it is less.
pub const NATIVE_PER_TRANSACTION: u128 = 10_000_000_000_000_000;
/// Wei in a hundredth of the native coin, in which a session's total is chosen.
const NATIVE_CENT: u128 = 10_000_000_000_000_000;
/// Most Gold that one transaction of the session may spend, whole: five Tithes, or half of what the session may spend.
pub const GOLD_PER_TRANSACTION: u32 = 10;
/// Gas money that the session key receives on a chain with coin of worth, in wei: 0.05. At a fee of 1 gwei it pays
/// for some five hundred transactions; who plays longer hands over more.
pub const GAS_MONEY: u128 = 50_000_000_000_000_000;
/// Gas money on the embedded chain, whose coin is free, in wei: 5, which lasts the session at its full rate.
pub const EMBEDDED_GAS_MONEY: u128 = 5_000_000_000_000_000_000;
/// What the owner needs for deployment, grant and revocation, in wei: 0.05.
const OWNER_FEES: u128 = 50_000_000_000_000_000;
/// Block time that is assumed of a chain too young to tell.
const ASSUMED_BLOCK_TIME: Duration = Duration::from_secs(1);

/// Methods of the game contract that the session may call.
const METHODS: [&str; 3] = ["attack(uint256)", "useSkill(uint8,uint256)", "pickup(uint256)"];

/// What a run is to be made of.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// JSON-RPC address of the chain; none for the chain embedded in this process.
    pub rpc: Option<String>,
    /// Id that the chain must have; none accepts any.
    pub chain_id: Option<u64>,
    /// The player's own key; none for the first of the usual development accounts.
    pub owner: Option<PrivateKeySigner>,
    /// Time between blocks of the embedded chain.
    pub block_time: Duration,
    /// File that the embedded chain is loaded from and saved to; none for a fresh chain that is forgotten.
    pub state: Option<PathBuf>,
    /// Gas money for the session key, in wei; none for [`GAS_MONEY`] or [`EMBEDDED_GAS_MONEY`].
    pub gas_money: Option<u128>,
}

impl Default for RunOptions {
    /// The embedded chain with a block a second.
    fn default() -> Self {
        Self {
            rpc: None,
            chain_id: None,
            owner: None,
            block_time: Duration::from_secs(1),
            state: None,
            gas_money: None,
        }
    }
}

/// A chain that can be played on and the policy that is to be confirmed. Nothing is signed yet.
pub struct Prepared {
    owner: Arc<Owner>,
    endpoint: Endpoint,
    devnet: Option<Devnet>,
    key: SessionKey,
    choice: Choice,
    policy: Policy,
    block_time: Duration,
}

/// A live session: the engine, and what ends it.
pub struct Run {
    /// The engine, ready for the first action.
    pub chain: Chain<Rules>,
    /// Revokes the session; keeps the embedded chain alive.
    pub keeper: Keeper,
}

/// The contracts of the game in the order in which they are deployed.
pub fn game_contracts() -> [&'static Artifact; 2] {
    [&SESSION_WALLET, &GAME_ROUTER]
}

/// A chain to embed, with the game's contracts in its first block.
pub fn embedded_chain() -> DevnetBuilder {
    game_contracts().into_iter().fold(Devnet::builder(), |builder, code| builder.create2(code.creation.clone()))
}

/// Connects to the chain, or starts the embedded one, and works out the policy. Blocks; signs nothing.
///
/// # Errors
/// A [`SetupError`], found by `downcast_ref`: the endpoint cannot be reached or is another chain, or the owner
/// has too little native coin.
pub fn prepare(options: &RunOptions) -> anyhow::Result<Prepared> {
    Ok(connect(options)?)
}

fn connect(options: &RunOptions) -> Result<Prepared, SetupError> {
    let (endpoint, devnet) = match &options.rpc {
        Some(url) => (Endpoint::url(url).map_err(SetupError::from_endpoint)?, None),
        None => {
            let builder = embedded_chain().block_time(options.block_time);
            let builder = options.state.iter().fold(builder, |builder, file| builder.state(file));
            let devnet = builder.spawn().map_err(|error| SetupError::Devnet { reason: error.to_string() })?;
            (Endpoint::connection("embedded chain", devnet.connection()), Some(devnet))
        }
    };
    let signer = options.owner.clone().unwrap_or_else(|| {
        let [first, ..] = dev_accounts();
        first
    });
    let failed = |error| SetupError::from_owner("look up the owner", error);
    let owner = Owner::connect(&endpoint, signer).map_err(failed)?;
    if let Some(expected) = options.chain_id.filter(|expected| *expected != owner.chain_id()) {
        let endpoint = endpoint.label().to_owned();
        return Err(SetupError::WrongChain { endpoint, expected, actual: owner.chain_id() });
    }
    let usual = if devnet.is_some() { EMBEDDED_GAS_MONEY } else { GAS_MONEY };
    let gas_money = options.gas_money.unwrap_or(usual);
    let choice = Choice::default();
    let needs = U256::from(gas_money) + U256::from(native_total(choice) + OWNER_FEES);
    let has = owner.balance().map_err(failed)?;
    if has < needs {
        let [has, needs] = [has, needs].map(format_ether);
        return Err(SetupError::NoFunds { account: owner.address(), has, needs });
    }
    let block_time = match &devnet {
        Some(_) => options.block_time,
        None => owner.block_time().map_err(failed)?.unwrap_or(ASSUMED_BLOCK_TIME),
    };
    let policy = policy(choice, block_time, gas_money)?;
    let key = SessionKey::random().map_err(|error| SetupError::Start { reason: error.to_string() })?;
    Ok(Prepared { owner: Arc::new(owner), endpoint, devnet, key, choice, policy, block_time })
}

fn native_total(choice: Choice) -> u128 {
    u128::from(choice.native_cents) * NATIVE_CENT
}

fn policy(choice: Choice, block_time: Duration, gas_money: u128) -> Result<Policy, SetupError> {
    let native_total = native_total(choice);
    let builder = METHODS
        .into_iter()
        .fold(Policy::builder("Latchkey"), |builder, method| builder.method(game_router(), "GameRouter", method))
        .native_per_tx(NATIVE_PER_TRANSACTION.min(native_total / 5))
        .native_total(native_total)
        .token_cap(gold_cap(choice.gold))
        .frequency(FrequencyCap::per_second(choice.transactions_per_s).fitted(block_time))
        .max_actions_per_tx(ACTIONS_PER_TRANSACTION)
        .lifetime(Duration::from_secs(u64::from(choice.minutes) * 60))
        .gas_money(gas_money);
    builder.build().map_err(|error| SetupError::Refused { action: "take the policy", reason: error.to_string() })
}

/// No method of the token itself may be called; the game burns what a Tithe costs, and the contract counts that.
fn gold_cap(total: u32) -> TokenCap {
    let [per_tx, total] =
        [GOLD_PER_TRANSACTION.min(total / 2), total].map(|whole| u128::from(whole) * balance::GOLD_UNIT);
    TokenCap { token: gold(), symbol: "GOLD".to_owned(), decimals: 18, per_tx, total }
}

impl Prepared {
    /// What the session may do, for the player to read before it is granted.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// What of the policy was chosen.
    pub fn choice(&self) -> Choice {
        self.choice
    }

    /// Works the policy out anew for `choice`.
    ///
    /// # Errors
    /// [`SetupError::Refused`] for a choice that makes no sound policy; the former one stays.
    pub fn choose(&mut self, choice: Choice) -> Result<(), SetupError> {
        self.policy = policy(choice, self.block_time, self.policy.gas_money)?;
        self.choice = choice;
        Ok(())
    }

    /// Address of the key that is to receive the grant.
    pub fn session_key(&self) -> Address {
        self.key.address()
    }

    /// The account that grants, which is also the player's.
    pub fn account(&self) -> Address {
        self.owner.address()
    }

    /// Where the game is played, for people; carries no access key.
    pub fn endpoint_label(&self) -> &str {
        self.endpoint.label()
    }

    /// Grants the session with one transaction and starts the engine. Blocks for about two blocks.
    ///
    /// On a chain that has never seen the game, its contracts are deployed first, at the owner's cost.
    ///
    /// # Errors
    /// A [`SetupError`]: the chain refused the deployment or the grant, or the engine did not start; the session is
    /// revoked again in that last case, or the message says until when it lives.
    pub fn start(self) -> anyhow::Result<Run> {
        self.owner
            .ensure_deployed(&game_contracts())
            .map_err(|error| SetupError::from_owner("deploy the game's contracts", error))?;
        let grant = self
            .owner
            .grant(&self.policy, self.key.address())
            .map_err(|error| SetupError::from_owner("grant the session", error))?;
        let account = self.account();
        let keeper = Keeper::new(self.owner, &grant, self.devnet, self.block_time);
        match start_engine(&keeper, self.endpoint, self.key, account) {
            Ok(chain) => Ok(Run { chain, keeper }),
            Err(reason) => {
                let reason = match keeper.revoke() {
                    Ok(()) => format!("{reason} (the session was revoked again)"),
                    Err(live) => format!("{reason}; {live}"),
                };
                Err(SetupError::Start { reason }.into())
            }
        }
    }
}

fn start_engine(
    keeper: &Keeper,
    endpoint: Endpoint,
    key: SessionKey,
    account: Address,
) -> Result<Chain<Rules>, String> {
    let (world, block) = keeper.world().map_err(|error| error.to_string())?;
    Chain::builder(Rules::new(game_router(), account).starting_from(world))
        .endpoint(endpoint)
        .session(key, account)
        .from_block(block)
        .start()
        .map_err(|error| error.to_string())
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared")
            .field("account", &self.account())
            .field("endpoint", &self.endpoint)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run").field("keeper", &self.keeper).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bot::{SMITES_MAX, TITHES_MAX};
    use crate::rules::Skill;

    #[test]
    fn the_demo_policy_is_tight_and_fitted_to_the_chain() {
        let fast = policy(Choice::default(), Duration::from_secs(1), GAS_MONEY).expect("a sound policy");
        assert_eq!((fast.frequency.limit(), fast.frequency.period_s()), (5, 1));
        assert!(fast.warnings().is_empty(), "{:?}", fast.warnings());
        assert_eq!(fast.methods.len(), METHODS.len());
        assert!(fast.largest_loss().contains("100 GOLD"), "{}", fast.largest_loss());
        let slow = policy(Choice::default(), Duration::from_secs(12), GAS_MONEY).expect("a sound policy");
        assert_eq!((slow.frequency.limit(), slow.frequency.period_s()), (125, 25));
    }

    #[test]
    fn every_choice_makes_a_sound_policy_that_says_what_it_allows() {
        let check = |choice: Choice| {
            let policy = policy(choice, Duration::from_secs(2), GAS_MONEY).expect("a sound policy");
            assert_eq!(policy.native_total, native_total(choice));
            assert_eq!(policy.lifetime.as_secs(), u64::from(choice.minutes) * 60);
            assert!(policy.native_total == 0 || policy.native_per_tx * 5 <= policy.native_total, "{choice:?}");
            let gold = format!("{} GOLD", choice.gold);
            assert_eq!(policy.largest_loss().ends_with(&gold), choice.gold > 0, "{choice:?}");
            assert_eq!(policy.frequency.per_second_average(), f64::from(choice.transactions_per_s), "{choice:?}");
        };
        for minutes in Choice::MINUTES {
            check(Choice { minutes, ..Choice::default() });
        }
        for native_cents in Choice::NATIVE_CENTS {
            check(Choice { native_cents, ..Choice::default() });
        }
        for gold in Choice::GOLD {
            check(Choice { gold, ..Choice::default() });
        }
        for transactions_per_s in Choice::TRANSACTIONS_PER_S {
            check(Choice { transactions_per_s, ..Choice::default() });
        }
    }

    #[test]
    fn what_the_bot_pays_fits_the_policy() {
        assert!(u128::from(SMITES_MAX) * Skill::Smite.wei() <= native_total(Choice::default()));
        assert!(TITHES_MAX * u32::from(Skill::Tithe.balance().gold) <= Choice::default().gold);
        let full = u128::from(ACTIONS_PER_TRANSACTION) * Skill::Smite.wei();
        assert!(full <= NATIVE_PER_TRANSACTION, "a transaction full of Smites stays within its cap");
        assert!(u32::from(Skill::Tithe.balance().gold) <= GOLD_PER_TRANSACTION, "its cooldown outlasts a transaction");
    }
}
