//! What the signing thread tells, taken in on the game thread.

use std::time::Instant;

use super::{Chain, Open};
use crate::lane::{Head, RevertKind, Update};
use crate::model::{ActionId, Model};
use crate::outcome::Outcome;
use crate::pure::{Ending, Settled, Step};
use crate::status::{Phase, SessionFacts};

/// Part of a session's life after which a new one is offered, in percent: a day's session leaves five hours.
const RENEWAL_PERCENT: u64 = 80;

impl<M: Model> Chain<M> {
    pub(super) fn update(&mut self, update: Update, outcomes: &mut Vec<Outcome<M>>) {
        match update {
            Update::Block { head, behind, step } => {
                self.head(head, behind);
                self.end_earlier(&step);
                let settled = self.reconciler.settle(&step);
                self.tell(settled, outcomes);
            }
            Update::Reorged { to } => {
                self.meters.reorged();
                let settled = self.reconciler.step_back(to);
                self.tell(settled, outcomes);
            }
            Update::Unmined(inclusion) => self.status.unmined(&inclusion),
            Update::Expired(ids) => {
                let settled = self.reconciler.expire(&ids);
                self.tell(settled, outcomes);
            }
            Update::Preconfirmed(ids) => {
                outcomes.extend(ids.into_iter().map(|id| Outcome::Preconfirmed { id }));
            }
            Update::Signed { hash, nonce, actions } => {
                for id in &actions {
                    if let Some(open) = self.open.get_mut(*id) {
                        open.signed = true;
                    }
                }
                self.status.signed(hash, nonce, actions.len());
            }
            Update::Mined { hash, gas_used, revert } => {
                let kind = revert.map(|revert| revert.kind);
                self.status.mined(hash, gas_used, kind.is_some(), kind == Some(RevertKind::RateLimited));
            }
            Update::Trouble(words) => {
                tracing::warn!(target: "latchkey::client", "{words}");
                self.status.last_error = Some(words);
            }
            Update::Degraded(reason) => self.enter(Phase::Degraded(reason)),
            Update::GasMoney { left, needed } => self.notices.push_back(Outcome::GasMoney { left, needed }),
            Update::Recovered => self.enter(Phase::Ready),
            Update::Draining(reason) => self.enter(Phase::Draining(reason)),
        }
    }

    fn tell(&mut self, settled: Vec<Settled<M>>, outcomes: &mut Vec<Outcome<M>>) {
        outcomes.reserve(settled.len());
        for settled in settled {
            let outcome = self.settled(settled);
            outcomes.push(outcome);
        }
    }

    /// Brings the prediction in line with everything that was taken in.
    pub(super) fn fold(&mut self, outcomes: &mut Vec<Outcome<M>>) {
        let conflicts = self.reconciler.fold();
        self.tell(conflicts, outcomes);
        self.sync_test();
    }

    /// # Panics
    ///
    /// In the mode of that name, when the model is not deterministic.
    pub(super) fn sync_test(&self) {
        if self.sync_test
            && let Err(divergence) = self.reconciler.verify()
        {
            panic!("{divergence}");
        }
    }

    fn head(&mut self, head: Head, behind: u64) {
        if head.number != self.status.head_number {
            self.status.blocks +=
                u64::from(self.status.head_number > 0) * head.number.abs_diff(self.status.head_number);
            self.head_seen = Instant::now();
        }
        self.status.head_number = head.number;
        self.status.head_timestamp = head.timestamp;
        self.status.behind = behind;
        self.offer_renewal();
        if self.status.phase == Phase::Starting && behind == 0 {
            self.enter(Phase::Ready);
        }
    }

    /// Tells the ends of actions that an earlier run has signed; this run's states know them by their effect alone.
    fn end_earlier(&mut self, step: &Step) {
        if self.earlier.is_empty() {
            return;
        }
        for (id, ending) in step.outcomes.iter().flat_map(|outcome| &outcome.actions) {
            let Some(earlier) = self.earlier.get_mut(id) else { continue };
            self.status.actions.earlier -= u64::from(!std::mem::replace(&mut earlier.ended, true));
            self.notices.push_back(Outcome::Earlier { id: *id, nonce: earlier.nonce, ending: ending.clone() });
        }
    }

    fn offer_renewal(&mut self) {
        let SessionFacts { valid_after, valid_until, .. } = self.status.session;
        let life_s = valid_until.saturating_sub(valid_after);
        let due = valid_after.saturating_add(life_s / 100 * RENEWAL_PERCENT + life_s % 100 * RENEWAL_PERCENT / 100);
        if !self.renewal_told && self.status.head_timestamp >= due {
            self.renewal_told = true;
            self.notices.push_back(Outcome::RenewalDue { valid_until });
        }
    }

    fn enter(&mut self, phase: Phase) {
        // The history is read first, and a session that is over does not come back.
        let fixed = match self.status.phase {
            Phase::Starting => matches!(phase, Phase::Degraded(_)),
            Phase::Draining(_) => phase != Phase::Stopped,
            _ => false,
        };
        if fixed {
            return;
        }
        self.status.phase = phase;
        self.notices.push_back(Outcome::Phase(phase));
    }

    fn settled(&mut self, settled: Settled<M>) -> Outcome<M> {
        match settled {
            Settled::Event(event, ours) => Outcome::Event { event, ours },
            Settled::Conflicted(id, action, reason) => {
                self.status.actions.conflicted += 1;
                Outcome::Conflicted { id, action, reason }
            }
            Settled::Ended(id, action, ending) => self.ended(id, action, ending),
            Settled::Reopened(id, action, ending) => self.reopened(id, action, &ending),
        }
    }

    fn reopened(&mut self, id: ActionId, action: M::Action, ending: &Ending) -> Outcome<M> {
        let value = self.reconciler.rules().encode(&action).value;
        self.open.insert(id, Open { acted: Instant::now(), value, signed: true });
        let counts = &mut self.status.actions;
        counts.unresolved += 1;
        counts.in_flight += 1;
        let ended = match ending {
            Ending::Confirmed => &mut counts.confirmed,
            Ending::Rejected(_) => &mut counts.rejected,
            Ending::Expired => &mut counts.expired,
        };
        *ended = ended.saturating_sub(1);
        if *ending != Ending::Confirmed {
            self.status.session.native_spent += value;
        }
        Outcome::Reopened { id, action }
    }

    fn ended(&mut self, id: ActionId, action: M::Action, ending: Ending) -> Outcome<M> {
        let open = self.open.remove(id);
        let counts = &mut self.status.actions;
        counts.unresolved = counts.unresolved.saturating_sub(1);
        let signed = open.as_ref().is_some_and(|open| open.signed);
        let stage = if signed { &mut counts.in_flight } else { &mut counts.queued };
        *stage = stage.saturating_sub(1);
        if ending != Ending::Confirmed
            && let Some(open) = &open
        {
            // A reverted or unsigned call spent nothing.
            self.status.session.native_spent = self.status.session.native_spent.saturating_sub(open.value);
        }
        match ending {
            Ending::Confirmed => {
                counts.confirmed += 1;
                let latency = open.map(|open| open.acted.elapsed()).unwrap_or_default();
                self.latency.record(latency);
                self.meters.confirmed(latency);
                Outcome::Confirmed { id, action, latency }
            }
            Ending::Rejected(reason) => {
                counts.rejected += 1;
                Outcome::Rejected { id, action, reason }
            }
            Ending::Expired => {
                counts.expired += 1;
                Outcome::Expired { id, action }
            }
        }
    }
}
