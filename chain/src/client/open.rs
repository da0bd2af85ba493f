//! What the game thread knows of each action that has not ended.

use std::collections::VecDeque;
use std::time::Instant;

use crate::model::ActionId;

/// An action that has not ended.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) acted: Instant,
    /// Native value of its call, in wei.
    pub(super) value: u128,
    pub(super) signed: bool,
}

/// Actions that have not ended, by their increasing numbers. Takes room for the most that there have been at once.
#[derive(Debug, Default)]
pub(super) struct OpenActions(VecDeque<(ActionId, Open)>);

impl OpenActions {
    /// Adds an action. The newest goes to the end; a reorg brings an older one back to its place.
    pub(super) fn insert(&mut self, id: ActionId, open: Open) {
        let at = match self.0.back() {
            Some((newest, _)) if *newest > id => self.0.partition_point(|(other, _)| *other < id),
            _ => self.0.len(),
        };
        self.0.insert(at, (id, open));
    }

    pub(super) fn get_mut(&mut self, id: ActionId) -> Option<&mut Open> {
        let at = self.find(id)?;
        self.0.get_mut(at).map(|(_, open)| open)
    }

    pub(super) fn remove(&mut self, id: ActionId) -> Option<Open> {
        let at = self.find(id)?;
        self.0.remove(at).map(|(_, open)| open)
    }

    fn find(&self, id: ActionId) -> Option<usize> {
        self.0.binary_search_by_key(&id, |(id, _)| *id).ok()
    }
}
