//! From options to a run: the chain, the contracts, the policy, the one signature.

mod error;
mod keep;
mod keeper;
mod place;
mod spent;
mod terms;
mod truth;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use alloy::primitives::utils::format_ether;
use alloy::primitives::{Address, U256};
use alloy::signers::local::PrivateKeySigner;
use latchkey::contracts::abi::SessionView;
use latchkey::contracts::artifacts::{Artifact, GAME_ROUTER, SESSION_WALLET};
use latchkey::contracts::game_router;
use latchkey::devnet::dev_accounts;
use latchkey::session::describe_session;
use latchkey::{Chain, ChainBuilder, Owner, Policy, SessionKey};

pub use error::SetupError;
pub use keep::Keep;
use keeper::Terms;
pub use keeper::{Keeper, StillLive};
pub(super) use place::Embedded;
pub use place::{Place, embedded_chain};
pub use spent::{Spent, whole};
pub use terms::{ACTIONS_PER_TRANSACTION, GOLD_PER_TRANSACTION, NATIVE_PER_TRANSACTION, known_policy};
pub use truth::Truth;

use crate::rules::Rules;
use crate::view::offer::Choice;
use terms::{native_total, policy};

/// Gas money that the session key receives on a chain with coin of worth, in wei: 0.05. At a fee of 1 gwei it pays
/// for some five hundred transactions; who plays longer hands over more.
pub const GAS_MONEY: u128 = 50_000_000_000_000_000;
/// Gas money on the embedded chain, whose coin is free, in wei: 5, which lasts the session at its full rate.
pub const EMBEDDED_GAS_MONEY: u128 = 5_000_000_000_000_000_000;
/// What the owner needs for deployment, grant and revocation, in wei: 0.05.
const OWNER_FEES: u128 = 50_000_000_000_000_000;
/// Block time that is assumed of a chain too young to tell.
const ASSUMED_BLOCK_TIME: Duration = Duration::from_secs(1);

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
    /// Where the session is kept, so that the next run goes on with it; none for one that ends with the process.
    pub keep: Option<Keep>,
    /// Whether faults can be made between the engine and the embedded chain; that costs a hop over loopback.
    pub faults: bool,
    /// Gas money for the session key, in wei; none for [`GAS_MONEY`] or [`EMBEDDED_GAS_MONEY`].
    pub gas_money: Option<u128>,
    /// Whether the engine derives every state again at each step and panics at a difference. For tests.
    pub sync_test: bool,
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
            keep: None,
            faults: false,
            gas_money: None,
            sync_test: false,
        }
    }
}

/// A chain that can be played on and the policy that is to be confirmed. Nothing is signed yet.
pub struct Prepared {
    owner: Arc<Owner>,
    place: Place,
    key: SessionKey,
    kept: Option<SessionView>,
    keep: Option<Keep>,
    choice: Choice,
    policy: Policy,
    block_time: Duration,
    sync_test: bool,
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

/// Connects to the chain, or starts the embedded one, and works out the policy. Blocks; signs nothing.
///
/// # Errors
/// A [`SetupError`], found by `downcast_ref`: the endpoint cannot be reached or is another chain, or the owner
/// has too little native coin.
pub fn prepare(options: &RunOptions) -> anyhow::Result<Prepared> {
    Ok(connect(Place::open(options)?, options)?)
}

/// Works out the policy of one of several players at the same `place`; `rpc`, `state` and `faults` of the options are
/// not looked at. Blocks; signs nothing.
///
/// # Errors
/// As [`prepare`].
pub fn prepare_at(place: &Place, options: &RunOptions) -> anyhow::Result<Prepared> {
    Ok(connect(place.clone(), options)?)
}

fn connect(place: Place, options: &RunOptions) -> Result<Prepared, SetupError> {
    let signer = options.owner.clone().unwrap_or_else(|| {
        let [first, ..] = dev_accounts();
        first
    });
    let failed = |error| SetupError::from_owner("look up the owner", error);
    let owner = Owner::connect(place.endpoint(), signer).map_err(failed)?;
    check_chain(place.label(), &owner, options.chain_id)?;
    let usual = if place.embedded.is_some() { EMBEDDED_GAS_MONEY } else { GAS_MONEY };
    let gas_money = options.gas_money.unwrap_or(usual);
    let choice = Choice::default();
    let found = options.keep.as_ref().map(|keep| keep.find(&owner)).transpose()?.flatten();
    let needs = needs(gas_money);
    let has = owner.balance().map_err(failed)?;
    // Who only goes on has paid already.
    if has < needs && found.is_none() {
        let [has, needs] = [has, needs].map(format_ether);
        return Err(SetupError::NoFunds { account: owner.address(), has, needs });
    }
    let block_time = match &place.embedded {
        Some(_) => options.block_time,
        None => owner.block_time().map_err(failed)?.unwrap_or(ASSUMED_BLOCK_TIME),
    };
    let policy = policy(choice, block_time, gas_money)?;
    let (key, kept) = match found {
        Some((key, session)) => (key, Some(session)),
        None => (SessionKey::random().map_err(|error| SetupError::Start { reason: error.to_string() })?, None),
    };
    let keep = options.keep.clone();
    let sync_test = options.sync_test;
    Ok(Prepared { owner: Arc::new(owner), place, key, kept, keep, choice, policy, block_time, sync_test })
}

/// Native coin that an account needs to play with this much gas money: the caps and the owner's fees on top.
pub fn needs(gas_money: u128) -> U256 {
    U256::from(gas_money) + U256::from(native_total(Choice::default()) + OWNER_FEES)
}

/// Refuses an owner whose chain has another id than expected.
///
/// # Errors
/// [`SetupError::WrongChain`].
pub fn check_chain(endpoint: &str, owner: &Owner, expected: Option<u64>) -> Result<(), SetupError> {
    match expected.filter(|expected| *expected != owner.chain_id()) {
        Some(expected) => {
            Err(SetupError::WrongChain { endpoint: endpoint.to_owned(), expected, actual: owner.chain_id() })
        }
        None => Ok(()),
    }
}

impl Prepared {
    /// What the session may do, for the player to read before it is granted.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// What the session may do, line by line: as it will be granted, or as an earlier run was.
    pub fn lines(&self) -> Vec<String> {
        let Some(kept) = &self.kept else { return self.policy.describe() };
        let going_on = "Goes on with the session of an earlier run: nothing is signed anew.".to_owned();
        std::iter::once(going_on).chain(describe_session(kept, Some(&self.policy))).collect()
    }

    /// Whether it is the session of an earlier run, so that nothing is asked.
    pub fn goes_on(&self) -> bool {
        self.kept.is_some()
    }

    /// Where the game is played.
    pub fn place(&self) -> &Place {
        &self.place
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
        self.place.label()
    }

    /// The owner's hand, for what is asked beside the grant.
    pub fn owner(&self) -> Arc<Owner> {
        self.owner.clone()
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
        let (account, key) = (self.account(), self.key.address());
        let (valid_until, going_on) = match &self.kept {
            Some(kept) => (kept.validUntil.to(), true),
            None => (self.grant()?, false),
        };
        let (endpoint, sync_test) = (self.place.engine.clone(), self.sync_test);
        let folder = self.keep.as_ref().map(|keep| keep.folder().to_owned());
        let terms = Terms { choice: self.choice, policy: self.policy, sync_test };
        let keeper = Keeper::new(self.owner, (key, valid_until), self.keep, self.place, terms, self.block_time);
        let builder = |rules| Chain::builder(rules).endpoint(endpoint).session(self.key, account).sync_test(sync_test);
        match start_engine(&keeper, builder, account, folder.as_deref()) {
            Ok(chain) => Ok(Run { chain, keeper }),
            // The next attempt may succeed; what is in flight must not be cut off for it.
            Err(reason) if going_on => Err(SetupError::Start { reason }.into()),
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

impl Prepared {
    /// Grants, and keeps the session where that is asked for; gives its end in Unix seconds.
    fn grant(&self) -> Result<u64, SetupError> {
        // Kept before it is granted: a key that nobody has any more could not be played on with, only feared.
        self.keep.iter().try_for_each(|keep| keep.save(&self.owner, &self.key, &self.policy))?;
        let granted = self.owner.grant(&self.policy, self.key.address());
        let grant = granted.map_err(|error| SetupError::from_owner("grant the session", error))?;
        Ok(grant.valid_until)
    }
}

fn start_engine(
    keeper: &Keeper,
    builder: impl FnOnce(Rules) -> ChainBuilder<Rules>,
    account: Address,
    journal: Option<&Path>,
) -> Result<Chain<Rules>, String> {
    let (world, block) = keeper.world().map_err(|error| error.to_string())?;
    let builder = builder(Rules::new(game_router(), account).starting_from(world)).from_block(block);
    let builder = journal.into_iter().fold(builder, |builder, folder| builder.journal(folder));
    builder.start().map_err(|error| error.to_string())
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared")
            .field("account", &self.account())
            .field("place", &self.place.label())
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run").field("keeper", &self.keeper).finish_non_exhaustive()
    }
}
