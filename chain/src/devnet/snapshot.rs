//! Copies of the whole chain that it can go back to.

use std::collections::BTreeMap;

use super::{clock::Clock, history::History, limits::MAX_SNAPSHOTS, pool::Pool, state::State};

/// Everything of a chain that going back restores.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    pub(crate) state: State,
    pub(crate) history: History,
    pub(crate) pool: Pool,
    pub(crate) clock: Clock,
    pub(crate) next_base_fee: Option<u64>,
}

/// The snapshots that can still be reverted to, by id.
#[derive(Debug, Default)]
pub(crate) struct Snapshots {
    taken: BTreeMap<u64, Snapshot>,
    last_id: u64,
}

impl Snapshots {
    /// Keeps a snapshot and returns its id; the oldest is forgotten when there are too many.
    pub(crate) fn keep(&mut self, snapshot: Snapshot) -> u64 {
        if self.taken.len() == MAX_SNAPSHOTS {
            self.taken.pop_first();
        }
        self.last_id += 1;
        self.taken.insert(self.last_id, snapshot);
        self.last_id
    }

    /// Takes a snapshot out, and every later one with it; nothing is used up by an unknown id.
    pub(crate) fn take(&mut self, id: u64) -> Option<Snapshot> {
        let mut later = self.taken.split_off(&id);
        let found = later.remove(&id);
        if found.is_none() {
            self.taken.append(&mut later);
        }
        found
    }
}
