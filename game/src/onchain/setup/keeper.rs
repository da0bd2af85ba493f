//! The owner's hand on a live session: ends it, and asks the chain what is true.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use alloy::primitives::Address;
use latchkey::session::format_utc;
use latchkey::{Owner, OwnerError, Policy, SessionKey};

use super::Prepared;
use super::keep::Keep;
use super::place::{Embedded, Place};
use super::spent::Spent;
use super::truth::Truth;
use crate::rules::World;
use crate::view::offer::Choice;

/// Longest wait for a revocation's receipt unless the caller is in a hurry: two slow blocks.
const REVOKE_DEADLINE: Duration = Duration::from_secs(30);

/// Pause between two looks at a revocation under way; on the embedded chain a block is mined at each.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Ends a session, and keeps the embedded chain alive until then.
pub struct Keeper {
    owner: Arc<Owner>,
    key: Address,
    valid_until: u64,
    keep: Option<Keep>,
    place: Place,
    terms: Terms,
    block_time: Duration,
}

/// What the next session is granted with, should this one be renewed.
pub(super) struct Terms {
    pub(super) choice: Choice,
    pub(super) policy: Policy,
    pub(super) sync_test: bool,
}

/// A session that could not be seen to end.
#[derive(Clone, Debug, thiserror::Error)]
#[error(
    "the session is still live until {} unless its revocation comes through: {reason}. \
     To end it now, call revoke({key}) on {account} with the owner's key.",
    format_utc(*.valid_until)
)]
pub struct StillLive {
    /// The account that granted it.
    pub account: Address,
    /// The session key.
    pub key: Address,
    /// When it ends by itself, in Unix seconds.
    pub valid_until: u64,
    /// Why it was not revoked.
    pub reason: String,
}

impl Keeper {
    pub(super) fn new(
        owner: Arc<Owner>,
        (key, valid_until): (Address, u64),
        keep: Option<Keep>,
        place: Place,
        terms: Terms,
        block_time: Duration,
    ) -> Self {
        Self { owner, key, valid_until, keep, place, terms, block_time }
    }

    /// A further session with the same limits, to be started beside this one before it ends.
    ///
    /// # Errors
    /// The system gives no randomness for its key.
    pub fn successor(&self) -> anyhow::Result<Prepared> {
        Ok(Prepared {
            owner: self.owner.clone(),
            place: self.place.clone(),
            key: SessionKey::random()?,
            kept: None,
            keep: self.keep.clone(),
            choice: self.terms.choice,
            policy: self.terms.policy.clone(),
            block_time: self.block_time,
            sync_test: self.terms.sync_test,
        })
    }

    /// The most that a further session could lose, in words.
    pub fn successor_loss(&self) -> String {
        self.terms.policy.largest_loss()
    }

    /// The same without what is kept between runs, which is its successor's from now on.
    pub fn succeeded(self) -> Self {
        Self { keep: None, ..self }
    }

    /// The owner's hand, for what is asked beside the session.
    pub fn owner(&self) -> Arc<Owner> {
        self.owner.clone()
    }

    /// Address of the session key.
    pub fn key(&self) -> Address {
        self.key
    }

    /// The embedded chain, where the run has one.
    pub(in crate::onchain) fn embedded(&self) -> Option<&Arc<Embedded>> {
        self.place.embedded.as_ref()
    }

    /// End of the session, exclusive, in Unix seconds of chain time.
    pub fn valid_until(&self) -> u64 {
        self.valid_until
    }

    /// Revokes the session and waits until that stands in a block.
    ///
    /// # Errors
    /// [`StillLive`], whose message says until when and what to do.
    pub fn revoke(&self) -> Result<(), StillLive> {
        self.revoke_within(REVOKE_DEADLINE)
    }

    /// Revokes the session and waits at most `deadline` until that stands in a block.
    ///
    /// # Errors
    /// [`StillLive`]; after the deadline the revocation may still come through.
    pub fn revoke_within(&self, deadline: Duration) -> Result<(), StillLive> {
        let (owner, key) = (self.owner.clone(), self.key);
        let (tell, told) = sync_channel(1);
        let worker = std::thread::Builder::new().name("latchkey-revoke".to_owned());
        let spawned = worker.spawn(move || drop(tell.send(owner.revoke(key))));
        let reason = match spawned.map(|_| self.wait(&told, deadline)) {
            Ok(Some(Ok(()))) => {
                self.keep.iter().for_each(Keep::forget);
                return Ok(());
            }
            // Revoked already, from elsewhere.
            Ok(Some(Err(_))) if matches!(self.spent(), Ok(None)) => {
                self.keep.iter().for_each(Keep::forget);
                return Ok(());
            }
            Ok(Some(Err(error))) => error.to_string(),
            Ok(None) => format!("no block has confirmed it within {:.1} s", deadline.as_secs_f32()),
            Err(error) => format!("no thread for it: {error}"),
        };
        Err(StillLive { account: self.owner.address(), key, valid_until: self.valid_until, reason })
    }

    fn wait(&self, told: &Receiver<Result<(), OwnerError>>, deadline: Duration) -> Option<Result<(), OwnerError>> {
        let end = Instant::now() + deadline;
        while Instant::now() < end {
            match told.recv_timeout(LOOK_EVERY) {
                Ok(result) => return Some(result),
                Err(RecvTimeoutError::Timeout) => self.hurry(),
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
        None
    }

    /// Mines a block of the embedded chain at once, so that the end of a run need not wait for the next one.
    ///
    /// Does nothing on any other chain.
    pub fn hurry(&self) {
        if let Some(embedded) = self.embedded() {
            embedded.devnet.mine();
        }
    }

    /// Monsters, hero and Gold as the contracts have them now.
    ///
    /// # Errors
    /// [`OwnerError::Rpc`] when the endpoint does not answer.
    pub fn truth(&self) -> Result<Truth, OwnerError> {
        Truth::read(&self.owner)
    }

    /// What the session has spent of its caps; `None` when it is no longer live.
    ///
    /// # Errors
    /// [`OwnerError::Rpc`] when the endpoint does not answer.
    pub fn spent(&self) -> Result<Option<Spent>, OwnerError> {
        Spent::read(&self.owner, self.key)
    }

    /// The world as the contracts have it, and a block that it holds at least.
    pub(super) fn world(&self) -> Result<(World, u64), OwnerError> {
        // The height first: events after it are absolute, so that seeing some of them twice does no harm.
        let block = self.owner.block_number()?;
        Ok((self.truth()?.into_world(self.owner.address()), block))
    }

    /// Time between blocks: set for the embedded chain, else measured over the latest ones.
    pub fn block_time(&self) -> Duration {
        match self.embedded() {
            Some(_) => self.block_time,
            None => self.owner.block_time().ok().flatten().unwrap_or(self.block_time),
        }
    }
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeper")
            .field("account", &self.owner.address())
            .field("key", &self.key)
            .field("valid_until", &self.valid_until)
            .finish_non_exhaustive()
    }
}
