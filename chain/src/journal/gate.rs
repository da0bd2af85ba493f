//! Lets nothing out of the lane before what precedes it is kept.

use std::time::{Duration, Instant};

use super::{JournalError, SessionJournal};
use crate::lane::{Output, Record, Update};

/// Pause after a failed write. A player who makes room on the disk waits no longer than this.
const RETRY: Duration = Duration::from_millis(500);

/// What the lane has put out and is not kept yet.
///
/// Without a journal everything passes at once.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    journal: Option<SessionJournal>,
    held: Vec<Output>,
    retry_at: Option<Instant>,
}

impl Gate {
    pub(crate) fn new(journal: Option<SessionJournal>) -> Self {
        Self { journal, ..Self::default() }
    }

    /// When a failed write is tried again; until then the chain's events must wait, so that little is held here.
    pub(crate) fn retry_at(&self) -> Option<Instant> {
        self.retry_at
    }

    /// Keeps the records in `out` and releases everything, in order; or holds it all, and tells the trouble.
    pub(crate) fn pass(&mut self, now: Instant, out: &mut Vec<Output>, mut release: impl FnMut(Output)) {
        let Some(journal) = &mut self.journal else { return out.drain(..).for_each(release) };
        for output in out.drain(..) {
            // The lane offers again what it thinks was lost; one offer of it is held.
            let sent = |hash| self.held.iter().any(|held| matches!(held, Output::Send { hash: of, .. } if *of == hash));
            match output {
                Output::Send { hash, .. } if self.retry_at.is_some() && sent(hash) => {}
                output => self.held.push(output),
            }
        }
        if self.retry_at.is_some_and(|at| now < at) {
            return;
        }
        let written = match self.held.iter().any(|output| record(output).is_some()) {
            true => tracing::trace_span!(target: "latchkey::journal", "write")
                .in_scope(|| journal.write(self.held.iter().filter_map(record))),
            false => Ok(()),
        };
        match written {
            Ok(()) => {
                self.retry_at = None;
                self.held.drain(..).for_each(release);
            }
            Err(error) => {
                self.retry_at = Some(now + RETRY);
                release(Output::Update(trouble(&error)));
            }
        }
    }
}

fn record(output: &Output) -> Option<&Record> {
    match output {
        Output::Record(record) => Some(record),
        _ => None,
    }
}

fn trouble(error: &JournalError) -> Update {
    Update::Trouble(format!("the journal cannot be written: {error}"))
}
