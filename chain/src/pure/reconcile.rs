//! Predicted state, derived from the confirmed state by folding the unconfirmed actions again.
//!
//! Nothing is ever undone: a rollback is a fold without the action that fell out.

use std::collections::VecDeque;

use alloy::primitives::{B256, Log};

use crate::model::{ActionId, Model};

/// Why an action was not taken into the prediction.
#[derive(Clone, Debug)]
pub enum PredictError<R> {
    /// As many actions are unconfirmed as the prediction window holds.
    WindowFull,
    /// The rules refuse it in the predicted state.
    Unplayable(R),
}

/// How the chain ended an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It was carried out.
    Confirmed,
    /// The chain refused it, for this reason.
    Rejected(String),
    /// It was never signed, and will not be any more.
    Expired,
}

/// One of our transactions with what became of its actions, in the order of their calls.
#[derive(Clone, Debug)]
pub struct TransactionOutcome {
    /// Hash of the transaction.
    pub hash: B256,
    /// Its actions.
    pub actions: Vec<(ActionId, Ending)>,
}

/// A canonical step: what the chain did and which of our actions ended by it, taken in at once.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// Logs in canonical order, with the hash of their transaction.
    pub logs: Vec<(B256, Log)>,
    /// Our transactions that this step ends.
    pub outcomes: Vec<TransactionOutcome>,
}

/// What a step meant to the game.
#[derive(Clone, Debug)]
pub enum Settled<M: Model> {
    /// A canonical event, with the action that caused it when that was one of ours.
    Event(M::Event, Option<ActionId>),
    /// An action ended.
    Ended(ActionId, M::Action, Ending),
    /// An action no longer applies to the state that the chain has reached. It stays unconfirmed and is left out
    /// of the prediction until the chain decides.
    Conflicted(ActionId, M::Action, M::Reject),
}

#[derive(Clone, Debug)]
struct Unconfirmed<A> {
    id: ActionId,
    action: A,
    at: u64,
    conflicted: bool,
}

/// Confirmed state, unconfirmed actions in order, and the prediction that follows from both.
#[derive(Debug)]
pub struct Reconciler<M: Model> {
    rules: M,
    confirmed: M::State,
    predicted: M::State,
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
            predicted: confirmed.clone(),
            confirmed,
            rules,
            unconfirmed: VecDeque::with_capacity(window),
            window,
            last_id: 0,
            rollbacks: 0,
        }
    }

    /// The rules.
    pub fn rules(&self) -> &M {
        &self.rules
    }

    /// What the chain says.
    pub fn confirmed(&self) -> &M::State {
        &self.confirmed
    }

    /// What the chain will say if every unconfirmed action goes through.
    pub fn predicted(&self) -> &M::State {
        &self.predicted
    }

    /// Number of unconfirmed actions.
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
    /// [`PredictError`]; nothing has changed then.
    pub fn predict(&mut self, action: M::Action, at: u64) -> Result<ActionId, PredictError<M::Reject>> {
        if self.unconfirmed.len() >= self.window {
            return Err(PredictError::WindowFull);
        }
        self.rules.predict(&mut self.predicted, &action, at).map_err(PredictError::Unplayable)?;
        self.last_id += 1;
        let id = ActionId(self.last_id);
        self.unconfirmed.push_back(Unconfirmed { id, action, at, conflicted: false });
        Ok(id)
    }

    /// Takes back the newest action, which never left the door.
    pub fn withdraw_newest(&mut self, id: ActionId) -> Option<M::Action> {
        if self.unconfirmed.back()?.id != id {
            return None;
        }
        let entry = self.unconfirmed.pop_back()?;
        self.fold(&mut Vec::new());
        Some(entry.action)
    }

    /// Forgets what the chain said: the canonical history is about to be told from the start again.
    pub fn reset(&mut self) {
        self.confirmed = self.rules.initial();
    }

    /// Takes a canonical step in and folds the remaining actions again.
    pub fn settle(&mut self, step: &Step) -> Vec<Settled<M>> {
        let mut settled = Vec::with_capacity(step.logs.len() + step.outcomes.len());
        let mut confirmed_of = step.outcomes.iter().map(OwnEvents::new).collect::<Vec<_>>();
        for (hash, log) in &step.logs {
            if let Some(event) = self.rules.decode(log) {
                self.rules.apply(&mut self.confirmed, &event);
                let ours = confirmed_of.iter_mut().find(|own| own.hash == *hash).and_then(OwnEvents::next);
                settled.push(Settled::Event(event, ours));
            }
        }
        for (id, ending) in step.outcomes.iter().flat_map(|outcome| &outcome.actions) {
            if let Some(action) = self.end(*id, ending) {
                settled.push(Settled::Ended(*id, action, ending.clone()));
            }
        }
        if !settled.is_empty() {
            self.fold(&mut settled);
        }
        settled
    }

    fn end(&mut self, id: ActionId, ending: &Ending) -> Option<M::Action> {
        let at = self.unconfirmed.iter().position(|entry| entry.id == id)?;
        let entry = self.unconfirmed.remove(at)?;
        if *ending != Ending::Confirmed && !entry.conflicted {
            self.rollbacks += 1;
        }
        Some(entry.action)
    }

    fn fold(&mut self, settled: &mut Vec<Settled<M>>) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Call;
    use alloy::primitives::{Address, Bytes, U256};
    use proptest::prelude::*;

    /// A purse shared by everybody: an action takes some, and never more than there is.
    struct Purse(u64);

    impl Model for Purse {
        type State = u64;
        type Action = u64;
        type Event = u64;
        type Reject = &'static str;

        fn initial(&self) -> u64 {
            self.0
        }
        fn predict(&self, state: &mut u64, take: &u64, _at: u64) -> Result<(), &'static str> {
            *state = state.checked_sub(*take).ok_or("the purse holds less")?;
            Ok(())
        }
        fn encode(&self, take: &u64) -> Call {
            Call::new(Address::ZERO, [0; 4]).arg(U256::from(*take))
        }
        fn decode(&self, log: &Log) -> Option<u64> {
            Some(u64::from_be_bytes(log.data.data.as_ref().try_into().ok()?))
        }
        fn apply(&self, state: &mut u64, left: &u64) {
            *state = *left;
        }
        fn checksum(&self, state: &u64) -> u64 {
            *state
        }
    }

    const OURS: B256 = B256::repeat_byte(1);
    const THEIRS: B256 = B256::repeat_byte(2);

    fn left(tx: B256, amount: u64) -> (B256, Log) {
        let data = Bytes::copy_from_slice(&amount.to_be_bytes());
        (tx, Log::new_unchecked(Address::ZERO, Vec::new(), data))
    }

    fn outcome(actions: Vec<(ActionId, Ending)>) -> TransactionOutcome {
        TransactionOutcome { hash: OURS, actions }
    }

    #[test]
    fn a_confirmed_action_leaves_the_list_in_the_step_that_brings_its_effect() {
        let mut reconciler = Reconciler::new(Purse(10), 4);
        let id = reconciler.predict(3, 0).expect("room and money");
        assert_eq!((*reconciler.predicted(), *reconciler.confirmed()), (7, 10));
        let step = Step { logs: vec![left(OURS, 7)], outcomes: vec![outcome(vec![(id, Ending::Confirmed)])] };
        let settled = reconciler.settle(&step);
        assert!(matches!(settled[..], [Settled::Event(7, Some(of)), Settled::Ended(..)] if of == id));
        assert_eq!((*reconciler.predicted(), *reconciler.confirmed(), reconciler.rollbacks()), (7, 7, 0));
    }

    #[test]
    fn somebody_elses_event_folds_ours_again_and_tells_a_conflict_once() {
        let mut reconciler = Reconciler::new(Purse(10), 4);
        let id = reconciler.predict(8, 0).expect("room and money");
        let theirs = |amount| Step { logs: vec![left(THEIRS, amount)], outcomes: Vec::new() };
        let conflicts = |settled: Vec<Settled<Purse>>| {
            settled.iter().filter(|s| matches!(s, Settled::Conflicted(of, ..) if *of == id)).count()
        };
        assert_eq!(conflicts(reconciler.settle(&theirs(5))), 1);
        assert_eq!(conflicts(reconciler.settle(&theirs(4))), 0, "told once, not on every block");
        assert_eq!((*reconciler.predicted(), reconciler.unconfirmed()), (4, 1));
        reconciler
            .settle(&Step { logs: Vec::new(), outcomes: vec![outcome(vec![(id, Ending::Rejected("empty".into()))])] });
        assert_eq!((reconciler.unconfirmed(), reconciler.rollbacks()), (0, 1), "one effect was withdrawn, once");
    }

    #[test]
    fn a_full_window_and_an_unplayable_action_change_nothing() {
        let mut reconciler = Reconciler::new(Purse(10), 1);
        assert!(matches!(reconciler.predict(11, 0), Err(PredictError::Unplayable(_))));
        let id = reconciler.predict(1, 0).expect("room and money");
        assert!(matches!(reconciler.predict(1, 0), Err(PredictError::WindowFull)));
        assert_eq!(reconciler.withdraw_newest(id), Some(1));
        assert_eq!((*reconciler.predicted(), reconciler.unconfirmed()), (10, 0));
    }

    proptest! {
        /// Whatever ends and whoever else takes: the prediction is the confirmed state with the remaining actions
        /// folded over it, and nothing else.
        #[test]
        fn prediction_is_a_fold(script in proptest::collection::vec((0u8..3, 0u64..6), 1..80)) {
            let mut reconciler = Reconciler::new(Purse(40), 16);
            let mut open = VecDeque::new();
            for (kind, amount) in script {
                match (kind, open.front().copied()) {
                    (0, _) => open.extend(reconciler.predict(amount, 0).ok().map(|id| (id, amount))),
                    (1, Some((id, take))) => {
                        let now = reconciler.confirmed().saturating_sub(take);
                        let step = Step {
                            logs: vec![left(OURS, now)],
                            outcomes: vec![outcome(vec![(id, Ending::Confirmed)])],
                        };
                        reconciler.settle(&step);
                        open.pop_front();
                    }
                    _ => {
                        let now = reconciler.confirmed().saturating_sub(amount);
                        reconciler.settle(&Step { logs: vec![left(THEIRS, now)], outcomes: Vec::new() });
                    }
                }
                let folded = open.iter().fold(*reconciler.confirmed(), |purse, (_, take)| {
                    purse.checked_sub(*take).unwrap_or(purse)
                });
                prop_assert_eq!(*reconciler.predicted(), folded);
                prop_assert_eq!(reconciler.unconfirmed(), open.len());
            }
        }
    }
}
