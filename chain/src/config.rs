//! Describes a run and starts it: connects, checks, reads the session's terms, wires the threads.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use alloy::eips::BlockNumberOrTag;
use alloy::primitives::{Address, B256, U256};
use crossbeam::atomic::AtomicCell;

use crate::client::{Chain, Wiring};
use crate::contracts::abi::SessionView;
use crate::contracts::session_wallet;
use crate::error::StartError;
use crate::fleet::{Fleet, FleetBuilder};
use crate::io::{Endpoint, FollowSettings, NetSettings, Rpc, RpcFault, TokensSpent};
use crate::journal::{Durability, Gate, Header, Journal, Kept, SessionJournal};
use crate::lane::{Lane, Limits, Opening, SessionTerms};
use crate::model::Model;
use crate::pure::{Method, MethodTable};
use crate::session::{MAX_TOKENS, Policy, terms_digest};
use crate::signer::Signer;
use crate::startup::{Check, Startup};
use crate::status::{SessionFacts, Status};

/// Actions unconfirmed at once, by default: eight transactions of eight actions.
const PREDICTION_WINDOW: usize = 64;

/// Longest wait of an action for company, by default: two frames.
const LINGER: Duration = Duration::from_millis(30);

/// Longest wait of an action for its signature, by default: what a player still means after ten seconds is rare.
const ACTION_TTL: Duration = Duration::from_secs(10);

/// With slow blocks it is so many of them: a full window is worth the wait for its receipts.
const ACTION_TTL_BLOCKS: u32 = 3;

/// Blocks that an endpoint may wait for a receipt (EIP-7966): one may be full, or begun already.
const SYNC_BLOCKS: u32 = 2;

/// Least time for that; with fast blocks a hiccup takes longer than a few of them.
const SYNC_LEAST: Duration = Duration::from_secs(2);

/// Most. Blocks slower than half of it are submitted to the plain way: a held answer says nothing for as long, and a
/// lost one is missed as late.
const SYNC_MOST: Duration = Duration::from_secs(4);

/// Pause between two polls of an endpoint that does not push, by default: a tenth of a one-second block.
const POLL: Duration = Duration::from_millis(100);

/// Most actions unconfirmed at once that can be asked for: four windows of the default.
const LARGEST_WINDOW: usize = 256;

/// Longest time without any progress in reading the chain's history at the start: six requests without an answer.
const CATCH_UP: Duration = Duration::from_secs(60);

/// Describes a run; made by [`Chain::builder`].
#[derive(Debug)]
pub struct ChainBuilder<M: Model> {
    rules: M,
    endpoint: Option<Endpoint>,
    second: Option<Endpoint>,
    fleet: Option<Fleet>,
    session: Option<(Box<dyn Signer>, Address)>,
    chain_id: Option<u64>,
    targets: Vec<Address>,
    window: usize,
    linger: Duration,
    action_ttl: Option<Duration>,
    fee_cap: Option<u128>,
    poll: Duration,
    from_block: u64,
    sync_test: bool,
    wanted: Option<Policy>,
    journal: Option<Place>,
    durability: Durability,
}

/// Where the journal is, or is to be.
#[derive(Debug)]
enum Place {
    Directory(PathBuf),
    Open(Journal),
}

impl<M: Model> Chain<M> {
    /// Starts describing a run under these rules.
    pub fn builder(rules: M) -> ChainBuilder<M> {
        ChainBuilder {
            rules,
            endpoint: None,
            second: None,
            fleet: None,
            session: None,
            chain_id: None,
            targets: Vec::new(),
            window: PREDICTION_WINDOW,
            linger: LINGER,
            action_ttl: None,
            fee_cap: None,
            poll: POLL,
            from_block: 0,
            sync_test: false,
            wanted: None,
            journal: None,
            durability: Durability::default(),
        }
    }
}

impl<M: Model> ChainBuilder<M> {
    /// Where the chain is. Required.
    #[must_use]
    pub fn endpoint(mut self, endpoint: Endpoint) -> Self {
        self.endpoint = Some(endpoint);
        self
    }

    /// A second endpoint of the same chain: it gets the same bytes when the first one is silent or fails. Optional.
    #[must_use]
    pub fn also(mut self, endpoint: Endpoint) -> Self {
        self.second = Some(endpoint);
        self
    }

    /// Threads and a connection that other sessions share; [`endpoint`](Self::endpoint), [`also`](Self::also) and
    /// [`poll`](Self::poll) are then the fleet's.
    #[must_use]
    pub fn fleet(mut self, fleet: &Fleet) -> Self {
        self.fleet = Some(fleet.clone());
        self
    }

    /// The session key and the account that granted it. Required; the policy is read from the contract.
    ///
    /// A [`SessionKey`](crate::SessionKey), or one that prepares signatures while idle: see
    /// [`Presigner`](crate::signer::Presigner) for what that gives up.
    #[must_use]
    pub fn session(mut self, key: impl Signer + 'static, account: Address) -> Self {
        self.session = Some((Box::new(key), account));
        self
    }

    /// Refuses to start when the session on chain has other limits than this policy: one granted by an earlier version
    /// of the game, say. By default whatever the contract has stored is played.
    #[must_use]
    pub fn policy(mut self, wanted: Policy) -> Self {
        self.wanted = Some(wanted);
        self
    }

    /// Refuses to start on any other chain. By default the endpoint's own chain id is taken.
    #[must_use]
    pub fn chain_id(mut self, chain_id: u64) -> Self {
        self.chain_id = Some(chain_id);
        self
    }

    /// Also reads the logs of this contract. Contracts that the session may call are read anyway.
    #[must_use]
    pub fn watch(mut self, contract: Address) -> Self {
        self.targets.push(contract);
        self
    }

    /// Actions unconfirmed at once; default 64. A further one is [`ActError::Full`](crate::ActError::Full).
    #[must_use]
    pub fn prediction_window(mut self, actions: usize) -> Self {
        self.window = actions.clamp(1, LARGEST_WINDOW);
        self
    }

    /// Longest wait of an action for company in a batch; default 30 ms. Zero sends as soon as the cap allows.
    #[must_use]
    pub fn linger(mut self, linger: Duration) -> Self {
        self.linger = linger;
        self
    }

    /// Longest wait of an action for its signature; default 10 s, or three blocks where those take longer. It then ends
    /// as [`Outcome::Expired`](crate::Outcome::Expired), and its predicted effect is withdrawn.
    #[must_use]
    pub fn action_ttl(mut self, ttl: Duration) -> Self {
        self.action_ttl = Some(ttl);
        self
    }

    /// Most that a transaction may pay per unit of gas, in wei; default 100 gwei, or 32 times the price at the start
    /// where that is more. Above it actions wait, and what is stuck in flight is cancelled.
    #[must_use]
    pub fn fee_cap(mut self, wei_per_gas: u128) -> Self {
        self.fee_cap = Some(wei_per_gas);
        self
    }

    /// Pause between two polls of an endpoint that does not push new blocks; default 100 ms.
    #[must_use]
    pub fn poll(mut self, poll: Duration) -> Self {
        self.poll = poll.max(Duration::from_millis(1));
        self
    }

    /// First block whose logs matter: the one that deployed the game. Default 0.
    #[must_use]
    pub fn from_block(mut self, number: u64) -> Self {
        self.from_block = number;
        self
    }

    /// Derives every state again after each `act` and each `drain`, from as far back as a reorg could take it, and
    /// panics when it comes out differently: the model is then not deterministic. For tests; off by default.
    #[must_use]
    pub fn sync_test(mut self, on: bool) -> Self {
        self.sync_test = on;
        self
    }

    /// Keeps what is signed in this directory until the chain has used it, so that a run that dies loses nothing: the
    /// next one with the same key sends the same bytes again and tells their end as
    /// [`Outcome::Earlier`](crate::Outcome::Earlier). By default nothing is kept.
    #[must_use]
    pub fn journal(mut self, dir: impl Into<PathBuf>) -> Self {
        self.journal = Some(Place::Directory(dir.into()));
        self
    }

    /// As [`journal`](Self::journal), in one that is open already: for many sessions in one process.
    #[must_use]
    pub fn shared_journal(mut self, journal: &Journal) -> Self {
        self.journal = Some(Place::Open(journal.clone()));
        self
    }

    /// What a transaction in the [`journal`](Self::journal) survives; default [`Durability::Process`]. A shared one was
    /// opened with its own.
    #[must_use]
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// Connects, checks, reads the chain's history and starts the threads. Blocks; call it off the game thread.
    ///
    /// # Errors
    ///
    /// [`StartError`], which says what to do. Nothing has been signed then.
    pub fn start(self) -> Result<Chain<M>, StartError> {
        let (key, account) = self.session.ok_or(StartError::Incomplete("a session"))?;
        let fleet = match (self.fleet, self.endpoint) {
            (Some(fleet), _) => fleet,
            (None, Some(endpoint)) => {
                let builder = Fleet::builder(endpoint).threads(1).poll(self.poll);
                self.second.into_iter().fold(builder, FleetBuilder::also).start()?
            }
            (None, None) => return Err(StartError::Incomplete("an endpoint")),
        };
        let (rpc, runtime) = (fleet.rpc(), fleet.runtime());
        let journal = match self.journal {
            Some(Place::Directory(dir)) => Some(Journal::open(dir, self.durability)?),
            Some(Place::Open(journal)) => Some(journal),
            None => None,
        };
        let check = Check {
            endpoint: fleet.endpoint(),
            rpc,
            second: fleet.second(),
            expected_chain: self.chain_id,
            key: key.address(),
            account,
        };
        let checked = match (runtime.block_on(check.run()), &journal) {
            (Err(none @ (StartError::NoSession { .. } | StartError::NotDelegated(_))), Some(journal)) => {
                // On a chain that began anew there is no session either; the journal knows the difference.
                let (chain_id, genesis) = runtime.block_on(history(rpc))?;
                journal.refuse_other_chain(chain_id, key.address(), genesis)?;
                return Err(none);
            }
            (checked, _) => checked?,
        };

        if let Some(wanted) = self.wanted {
            let differences = wanted.differences(&checked.session);
            if !differences.is_empty() {
                return Err(StartError::PolicyDiffers { key: key.address(), differences });
            }
        }
        let methods = method_table(&checked.session);
        let mut targets: Vec<_> = checked.session.methods.iter().map(|method| method.target).collect();
        targets.extend(self.targets);
        targets.sort_unstable();
        targets.dedup();
        let facts = checked.table.session.clone();
        let spent = tokens_spent(&facts);
        let terms = SessionTerms {
            chain_id: checked.table.chain_id,
            account,
            tx_limit: facts.tx_limit,
            tx_period_s: facts.tx_period_s,
            max_actions_per_tx: facts.max_actions_per_tx,
            valid_until: facts.valid_until,
        };
        let follow = FollowSettings {
            account,
            session: key.address(),
            targets,
            methods: methods.clone(),
            from_block: self.from_block,
            spent: spent.clone(),
        };
        let (gate, kept) = match &journal {
            Some(journal) => {
                let (_, genesis) = runtime.block_on(history(rpc))?;
                let header = Header {
                    chain_id: checked.table.chain_id,
                    genesis,
                    account,
                    key: key.address(),
                    wallet: session_wallet(),
                    valid_after: facts.valid_after,
                    valid_until: facts.valid_until,
                };
                let (session, kept) = SessionJournal::open(journal, header, checked.head.timestamp)?;
                (Gate::new(Some(session)), kept)
            }
            None => (Gate::default(), Kept::default()),
        };
        // Read under the journal's lock: what an earlier run has sent is counted.
        let pending_nonce = runtime.block_on(rpc.nonce(key.address(), "pending"))?;
        let terms_digest = terms_digest(&checked.session);
        let sync = sync_wait(&checked.table);
        let settings = NetSettings { follow, terms: terms_digest, sync, restored: kept.restored.clone() };
        let opening = Opening {
            pending_nonce: pending_nonce.max(checked.pending_nonce),
            head: checked.head,
            priority_fee: checked.priority_fee,
            restored: kept.restored.clone(),
        };
        let blocks = checked.table.block_time.unwrap_or_default() * ACTION_TTL_BLOCKS;
        let limits = Limits {
            fee_cap: self.fee_cap,
            action_ttl: Some(self.action_ttl.unwrap_or(ACTION_TTL.max(blocks))),
            balance: Some(checked.table.gas_money),
            spare: Some(checked.session.remaining),
        };
        let lane = Lane::new(key, terms, opening, self.linger).limited(limits);

        let (berth, updates) = fleet.open(lane, gate, settings);
        let status = Status { session: facts, client: checked.table.client.clone(), ..Status::default() };
        let (sync_test, startup) = (self.sync_test, checked.table);
        let wiring = Wiring { methods, berth, updates, spent, status, sync_test, kept, startup };
        let mut chain = Chain::new(self.rules, self.window, wiring);
        match chain.catch_up(CATCH_UP) {
            true => Ok(chain),
            false => Err(StartError::CatchUp(CATCH_UP.as_secs())),
        }
    }
}

/// How long the endpoint may take to answer with a receipt; `None` where it does not answer submissions with that.
///
/// With slow blocks the receipt mostly comes too late for it, and a second endpoint is asked when the first is silent,
/// which says nothing of one that waits.
fn sync_wait(found: &Startup) -> Option<Duration> {
    let blocks = found.block_time.map(|time| time * SYNC_BLOCKS);
    let wait = blocks.unwrap_or(SYNC_MOST).max(SYNC_LEAST);
    (found.sync_send && found.second.is_none() && wait <= SYNC_MOST).then_some(wait)
}

/// Chain id, and the hash of the first block or zero where the endpoint does not have it any more.
async fn history(rpc: &Rpc) -> Result<(u64, B256), RpcFault> {
    let first = rpc.header(BlockNumberOrTag::Number(0)).await?;
    Ok((rpc.chain_id().await?, first.map(|first| first.hash).unwrap_or_default()))
}

fn method_table(session: &SessionView) -> MethodTable {
    let methods = session.methods.iter().map(|method| Method {
        target: method.target,
        selector: method.selector.0,
        rule: method.ruleIndex,
        index: method.selectorIndex,
    });
    let tokens = session.tokens.iter().map(|cap| cap.token);
    MethodTable::new(methods.collect(), amount(session.nativePerTx)).capping(tokens.collect())
}

fn tokens_spent(facts: &SessionFacts) -> Option<TokensSpent> {
    let mut spent = [0; MAX_TOKENS];
    spent.iter_mut().zip(&facts.tokens).for_each(|(slot, token)| *slot = token.spent);
    (!facts.tokens.is_empty()).then(|| Arc::new(AtomicCell::new(spent)))
}

/// No amount that the contract keeps is wider.
fn amount(stored: U256) -> u128 {
    stored.saturating_to()
}
