//! Copies of the whole chain that it can go back to.

use std::collections::BTreeMap;

use super::{chain::DevChain, clock::Clock, history::History, limits::MAX_SNAPSHOTS, pool::Pool, state::State};

#[derive(Clone, Debug)]
struct Snapshot {
    state: State,
    history: History,
    pool: Pool,
    clock: Clock,
}

/// The snapshots that can still be reverted to, by id.
#[derive(Debug, Default)]
pub(crate) struct Snapshots {
    taken: BTreeMap<u64, Snapshot>,
    last_id: u64,
}

impl DevChain {
    /// Keeps a copy of the chain and returns its id. Beyond 16 copies the oldest is forgotten.
    pub fn snapshot(&mut self) -> u64 {
        let snapshot = Snapshot {
            state: self.state.clone(),
            history: self.history.clone(),
            pool: self.pool.clone(),
            clock: self.clock.clone(),
        };
        if self.snapshots.taken.len() == MAX_SNAPSHOTS {
            self.snapshots.taken.pop_first();
        }
        self.snapshots.last_id += 1;
        self.snapshots.taken.insert(self.snapshots.last_id, snapshot);
        self.snapshots.last_id
    }

    /// Goes back to a snapshot, which with all later ones is used up. Says whether it was known.
    pub fn revert(&mut self, id: u64) -> bool {
        let mut later = self.snapshots.taken.split_off(&id);
        let Some(snapshot) = later.remove(&id) else {
            // Nothing is used up by an unknown id.
            self.snapshots.taken.append(&mut later);
            return false;
        };
        self.state = snapshot.state;
        self.history = snapshot.history;
        self.pool = snapshot.pool;
        self.clock.restore(snapshot.clock);
        true
    }
}
