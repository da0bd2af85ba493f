//! The newest canonical steps over the state before them, so that a reorg can step back.

use std::collections::VecDeque;

use super::step::Ending;
use crate::model::{ActionId, Model};

/// An action that the chain has not ended.
#[derive(Clone, Debug)]
pub(super) struct Unconfirmed<A> {
    pub(super) id: ActionId,
    pub(super) action: A,
    /// Chain time at which the player acted, in Unix seconds.
    pub(super) at: u64,
    pub(super) conflicted: bool,
}

/// An action that a kept step has ended, and how.
#[derive(Clone, Debug)]
pub(super) struct Ended<A> {
    pub(super) entry: Unconfirmed<A>,
    pub(super) ending: Ending,
}

/// What a step did.
#[derive(Debug)]
pub(super) struct Kept<M: Model> {
    pub(super) number: u64,
    pub(super) events: Vec<M::Event>,
    pub(super) ended: Vec<Ended<M::Action>>,
}

/// The state at the deepest height that can be stepped back to, and the steps that follow it.
#[derive(Debug)]
pub(super) struct History<M: Model> {
    base: M::State,
    steps: VecDeque<Kept<M>>,
}

impl<M: Model> History<M> {
    pub(super) fn new(base: M::State) -> Self {
        Self { base, steps: VecDeque::new() }
    }

    /// Keeps a step, and lets those up to `floor` go for good. Costs what their events cost, whatever the state's size.
    pub(super) fn push(&mut self, rules: &M, step: Kept<M>, floor: u64) {
        if !step.events.is_empty() || !step.ended.is_empty() {
            self.steps.push_back(step);
        }
        while let Some(oldest) = self.steps.pop_front_if(|oldest| oldest.number <= floor) {
            oldest.events.iter().for_each(|event| rules.apply(&mut self.base, event));
        }
    }

    /// Drops the steps above `to`, or all of them and the base as well, and returns the actions that they ended.
    pub(super) fn step_back(&mut self, rules: &M, to: Option<u64>) -> Vec<Ended<M::Action>> {
        let kept = match to {
            Some(to) => self.steps.partition_point(|step| step.number <= to),
            None => {
                self.base = rules.initial();
                0
            }
        };
        self.steps.drain(kept..).flat_map(|step| step.ended).collect()
    }

    /// Writes the state after the newest step into `state`.
    pub(super) fn replay(&self, rules: &M, state: &mut M::State) {
        state.clone_from(&self.base);
        for event in self.steps.iter().flat_map(|step| &step.events) {
            rules.apply(state, event);
        }
    }
}
