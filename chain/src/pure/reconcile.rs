//! Predicted state, derived from the confirmed state by folding the unconfirmed actions again.
//!
//! Nothing is ever undone: a rollback is a fold without the action that fell out, and a reorg is the state before the
//! kept steps with those applied that are still canonical.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use alloy::primitives::B256;

use super::history::{Ended, History, Kept, Unconfirmed};
use super::step::{Ending, Settled, Step, TransactionOutcome};
use crate::model::{ActionId, Model};

/// Why an action was not taken into the prediction.
#[derive(Clone, Debug)]
pub enum PredictError<R> {
    /// As many actions are unconfirmed as the prediction window holds.
    WindowFull,
    /// The rules refuse it in the predicted state.
    Unplayable(R),
}

/// A state that does not come out the same when it is derived again: the rules are not deterministic.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the {state} state has the checksum {held:#x}, and {again:#x} when it is derived again: a method of the model \
     depends on more than its arguments, or changes the state although it returns an error"
)]
pub struct Divergence {
    /// Which state: `confirmed` or `predicted`.
    pub state: &'static str,
    /// Checksum of the state that is held.
    pub held: u64,
    /// Checksum of the state that comes out now.
    pub again: u64,
}

/// Confirmed state, unconfirmed actions in order, and the prediction that follows from both.
///
/// Three states are held: confirmed, predicted, and the one before the steps that a reorg may still take back.
#[derive(Debug)]
pub struct Reconciler<M: Model> {
    rules: M,
    history: History<M>,
    confirmed: M::State,
    predicted: M::State,
    stale: bool,
    unconfirmed: VecDeque<Unconfirmed<M::Action>>,
    window: usize,
    last_id: u64,
    rollbacks: u64,
}

impl<M: Model> Reconciler<M> {
    /// Starts from the rules' initial state, with room for `window` unconfirmed actions.
    pub fn new(rules: M, window: usize) -> Self {
        let confirmed = rules.initial();
        Self {
            history: History::new(confirmed.clone()),
            predicted: confirmed.clone(),
            confirmed,
            stale: false,
            rules,
            unconfirmed: VecDeque::new(),
            window,
            last_id: 0,
            rollbacks: 0,
        }
    }

    /// Goes on numbering after `last_id`, the last number that an earlier run gave.
    #[must_use]
    pub fn numbering_after(mut self, last_id: u64) -> Self {
        self.last_id = last_id;
        self
    }

    /// The rules.
    pub fn rules(&self) -> &M {
        &self.rules
    }

    /// What the chain says.
    pub fn confirmed(&self) -> &M::State {
        &self.confirmed
    }

    /// What the chain will say if every unconfirmed action goes through; as of the last [`fold`](Self::fold).
    pub fn predicted(&self) -> &M::State {
        &self.predicted
    }

    /// Number of unconfirmed actions. A reorg may bring it above the window.
    pub fn unconfirmed(&self) -> usize {
        self.unconfirmed.len()
    }

    /// Actions whose predicted effect had to be withdrawn so far.
    pub fn rollbacks(&self) -> u64 {
        self.rollbacks
    }

    /// Applies an action to the predicted state at chain time `at` (Unix seconds) and numbers it.
    ///
    /// # Errors
    ///
    /// The action, back, with a [`PredictError`]; nothing has changed then.
    pub fn predict(&mut self, action: M::Action, at: u64) -> Result<ActionId, (M::Action, PredictError<M::Reject>)> {
        if self.unconfirmed.len() >= self.window {
            return Err((action, PredictError::WindowFull));
        }
        if let Err(reason) = self.rules.predict(&mut self.predicted, &action, at) {
            return Err((action, PredictError::Unplayable(reason)));
        }
        self.last_id += 1;
        let id = ActionId(self.last_id);
        self.unconfirmed.push_back(Unconfirmed { id, action, at, conflicted: false });
        Ok(id)
    }

    /// Takes back the newest action, which never left the door.
    pub fn withdraw_newest(&mut self, id: ActionId) -> Option<M::Action> {
        let entry = self.unconfirmed.pop_back_if(|newest| newest.id == id)?;
        self.stale = true;
        self.fold();
        Some(entry.action)
    }

    /// Takes a canonical step in. The prediction follows with the next [`fold`](Self::fold).
    pub fn settle(&mut self, step: &Step) -> Vec<Settled<M>> {
        let mut settled = Vec::with_capacity(step.logs.len() + step.outcomes.len());
        let mut events = Vec::with_capacity(step.logs.len());
        let mut confirmed_of = step.outcomes.iter().map(OwnEvents::new).collect::<Vec<_>>();
        // With nothing unconfirmed the two states are the same, and stay so without a copy.
        let together = self.unconfirmed.is_empty() && !self.stale;
        for (hash, log) in &step.logs {
            if let Some(event) = self.rules.decode(log) {
                self.rules.apply(&mut self.confirmed, &event);
                if together {
                    self.rules.apply(&mut self.predicted, &event);
                }
                let ours = confirmed_of.iter_mut().find(|own| own.hash == *hash).and_then(OwnEvents::next);
                settled.push(Settled::Event(event.clone(), ours));
                events.push(event);
            }
        }
        // As long as it is kept, and no longer: there are many.
        let mut ended = Vec::with_capacity(step.outcomes.iter().map(|outcome| outcome.actions.len()).sum());
        for (id, ending) in step.outcomes.iter().flat_map(|outcome| &outcome.actions) {
            if let Some(entry) = self.end(*id, ending) {
                settled.push(Settled::Ended(*id, entry.action.clone(), ending.clone()));
                ended.push(Ended { entry, ending: ending.clone() });
            }
        }
        self.stale |= !together && !settled.is_empty();
        self.history.push(&self.rules, Kept { number: step.number, events, ended }, step.floor);
        settled
    }

    /// Ends actions that were never signed; no reorg brings them back.
    pub fn expire(&mut self, ids: &[ActionId]) -> Vec<Settled<M>> {
        let ended = ids.iter().filter_map(|id| {
            let entry = self.end(*id, &Ending::Expired)?;
            self.stale = true;
            Some(Settled::Ended(*id, entry.action, Ending::Expired))
        });
        ended.collect()
    }

    /// Steps back to the block at height `to`, which must not lie below the last step's floor, or with `None` to the
    /// state before the first event. Actions that ended above it are unconfirmed again, in their old places.
    pub fn step_back(&mut self, to: Option<u64>) -> Vec<Settled<M>> {
        let mut reopened = self.history.step_back(&self.rules, to);
        reopened.sort_unstable_by_key(|ended| ended.entry.id);
        self.history.replay(&self.rules, &mut self.confirmed);
        self.stale = true;
        let mut settled = Vec::with_capacity(reopened.len());
        for Ended { mut entry, ending } in reopened {
            entry.conflicted = false;
            settled.push(Settled::Reopened(entry.id, entry.action.clone(), ending));
            let at = self.unconfirmed.partition_point(|other| other.id < entry.id);
            self.unconfirmed.insert(at, entry);
        }
        settled
    }

    /// Folds the unconfirmed actions over the confirmed state again, if anything has changed, and tells those that no
    /// longer apply. Once after all the steps of a frame: what was between them is nobody's conflict.
    pub fn fold(&mut self) -> Vec<Settled<M>> {
        let mut settled = Vec::new();
        if !std::mem::take(&mut self.stale) {
            return settled;
        }
        self.predicted.clone_from(&self.confirmed);
        for entry in &mut self.unconfirmed {
            match self.rules.predict(&mut self.predicted, &entry.action, entry.at) {
                Ok(()) => entry.conflicted = false,
                Err(reason) if !entry.conflicted => {
                    entry.conflicted = true;
                    self.rollbacks += 1;
                    settled.push(Settled::Conflicted(entry.id, entry.action.clone(), reason));
                }
                Err(_) => {}
            }
        }
        settled
    }

    /// Derives both states again, from the state before the kept steps, and compares. Changes nothing; costs a copy
    /// of the state and every kept event, so it is for tests.
    ///
    /// # Errors
    ///
    /// [`Divergence`] when a state does not come out the same.
    pub fn verify(&self) -> Result<(), Divergence> {
        let mut again = self.rules.initial();
        self.history.replay(&self.rules, &mut again);
        self.compare("confirmed", &self.confirmed, &again)?;
        if self.stale {
            return Ok(());
        }
        for entry in &self.unconfirmed {
            // Those that do not apply were left out before as well; the checksum says whether they were the same.
            let _ = self.rules.predict(&mut again, &entry.action, entry.at);
        }
        self.compare("predicted", &self.predicted, &again)
    }

    fn compare(&self, state: &'static str, held: &M::State, again: &M::State) -> Result<(), Divergence> {
        let (held, again) = (self.rules.checksum(held), self.rules.checksum(again));
        if held == again { Ok(()) } else { Err(Divergence { state, held, again }) }
    }

    fn end(&mut self, id: ActionId, ending: &Ending) -> Option<Unconfirmed<M::Action>> {
        let at = self.unconfirmed.binary_search_by_key(&id, |entry| entry.id).ok()?;
        let entry = self.unconfirmed.remove(at)?;
        if *ending != Ending::Confirmed && !entry.conflicted {
            self.rollbacks += 1;
        }
        Some(entry)
    }
}

/// The confirmed actions of one transaction, each of which caused one event, in order.
struct OwnEvents {
    hash: B256,
    confirmed: VecDeque<ActionId>,
}

impl OwnEvents {
    fn new(outcome: &TransactionOutcome) -> Self {
        let confirmed = outcome.actions.iter().filter(|(_, ending)| *ending == Ending::Confirmed);
        Self { hash: outcome.hash, confirmed: confirmed.map(|(id, _)| *id).collect() }
    }

    fn next(&mut self) -> Option<ActionId> {
        self.confirmed.pop_front()
    }
}
