//! The front door: five verbs on the game thread.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, Sender, TrySendError};

use crate::error::{ActError, PolicyRule};
use crate::io::{Message, SigningThread, TokensSpent};
use crate::journal::Kept;
use crate::lane::{END_MARGIN_S, Head, Restored, Update};
use crate::model::{ActionId, Model};
use crate::outcome::Outcome;
use crate::pure::{Ending, MethodTable, PredictError, Reconciler, Settled, Step};
use crate::status::{Latency, Phase, Report, SessionFacts, Status};

/// Longest latency that is told apart: ten minutes.
const LONGEST_LATENCY: Duration = Duration::from_secs(600);

/// Longest call of `act` that is told apart: a second.
const LONGEST_CALL: Duration = Duration::from_secs(1);

/// Pause between two looks for outcomes while shutting down.
const SHUTDOWN_POLL: Duration = Duration::from_millis(5);

/// Part of the shutdown's deadline after which unsigned actions are given up, in percent.
const GIVE_UP_PERCENT: u32 = 80;

/// Part of a session's life after which a new one is offered, in percent: a day's session leaves five hours.
const RENEWAL_PERCENT: u64 = 80;

/// Channels and facts that the builder hands to the front door.
pub(crate) struct Wiring {
    pub(crate) methods: MethodTable,
    pub(crate) messages: Sender<Message>,
    pub(crate) updates: Receiver<Update>,
    pub(crate) thread: SigningThread,
    pub(crate) requests: Arc<AtomicU64>,
    pub(crate) spent: Option<TokensSpent>,
    pub(crate) status: Status,
    pub(crate) sync_test: bool,
    pub(crate) kept: Kept,
}

/// One session of one game, on the game thread.
///
/// It never signs, never waits and never talks to the network; [`act`](Self::act) and [`drain`](Self::drain) only
/// touch memory and bounded queues.
pub struct Chain<M: Model> {
    reconciler: Reconciler<M>,
    methods: MethodTable,
    messages: Option<Sender<Message>>,
    updates: Receiver<Update>,
    thread: SigningThread,
    requests: Arc<AtomicU64>,
    spent: Option<TokensSpent>,
    status: Status,
    sync_test: bool,
    head_seen: Instant,
    open: HashMap<ActionId, Open>,
    earlier: HashMap<ActionId, Earlier>,
    renewal_told: bool,
    notices: VecDeque<Outcome<M>>,
    latency: Latency,
    calls: Latency,
}

struct Open {
    acted: Instant,
    value: u128,
    signed: bool,
}

/// An action of an earlier run.
struct Earlier {
    nonce: u64,
    ended: bool,
}

impl<M: Model> Chain<M> {
    pub(crate) fn new(rules: M, window: usize, wiring: Wiring) -> Self {
        let mut status = wiring.status;
        let mut earlier = HashMap::new();
        for Restored { nonce, actions, .. } in wiring.kept.restored {
            earlier.extend(actions.into_iter().map(|id| (id, Earlier { nonce, ended: false })));
        }
        status.actions.earlier = earlier.len() as u64;
        Self {
            reconciler: Reconciler::new(rules, window).numbering_after(wiring.kept.last_id),
            methods: wiring.methods,
            messages: Some(wiring.messages),
            updates: wiring.updates,
            thread: wiring.thread,
            requests: wiring.requests,
            spent: wiring.spent,
            status,
            sync_test: wiring.sync_test,
            head_seen: Instant::now(),
            open: HashMap::with_capacity(window),
            earlier,
            renewal_told: false,
            notices: VecDeque::new(),
            latency: Latency::new(LONGEST_LATENCY, Duration::from_millis(1)),
            calls: Latency::new(LONGEST_CALL, Duration::from_micros(1)),
        }
    }

    /// Takes an action: it shows in [`predicted`](Self::predicted) at once and is signed on another thread.
    ///
    /// # Errors
    ///
    /// [`ActError`] with the action inside; nothing has changed then.
    pub fn act(&mut self, action: M::Action) -> Result<ActionId, ActError<M>> {
        let begun = Instant::now();
        let result = self.take(action, begun);
        self.calls.record(begun.elapsed());
        result
    }

    fn take(&mut self, action: M::Action, begun: Instant) -> Result<ActionId, ActError<M>> {
        let at = self.now();
        let Some(messages) = &self.messages else { return Err(ActError::Stopped(action)) };
        let over = at + END_MARGIN_S >= self.status.session.valid_until;
        if over || matches!(self.status.phase, Phase::Draining | Phase::Stopped) {
            return Err(ActError::Expired(action));
        }
        let call = self.reconciler.rules().encode(&action);
        let value = call.value;
        let left = self.status.session.native_total.saturating_sub(self.status.session.native_spent);
        let packed = match self.methods.pack(&call) {
            Ok(packed) if value <= left => packed,
            Ok(_) => {
                return Err(ActError::Policy { action, rule: PolicyRule::NativeTotal { left, asked: value } });
            }
            Err(refusal) => return Err(ActError::Policy { action, rule: refusal.into() }),
        };
        if messages.is_full() {
            return Err(ActError::Full(action));
        }
        let id = match self.reconciler.predict(action.clone(), at) {
            Ok(id) => id,
            Err(PredictError::WindowFull) => return Err(ActError::Full(action)),
            Err(PredictError::Unplayable(reason)) => return Err(ActError::Unplayable { action, reason }),
        };
        if let Err(refused) = messages.try_send(Message::Act(id, packed)) {
            self.reconciler.withdraw_newest(id);
            return Err(match refused {
                TrySendError::Full(_) => ActError::Full(action),
                TrySendError::Disconnected(_) => ActError::Stopped(action),
            });
        }
        self.open.insert(id, Open { acted: begun, value, signed: false });
        self.status.session.native_spent += value;
        self.status.actions.acted += 1;
        self.status.actions.queued += 1;
        self.status.actions.unresolved += 1;
        self.sync_test();
        Ok(id)
    }

    /// Takes in what the chain has said since the last call. Once per frame.
    pub fn drain(&mut self) -> Vec<Outcome<M>> {
        let mut outcomes = Vec::new();
        while let Ok(update) = self.updates.try_recv() {
            self.update(update, &mut outcomes);
        }
        self.fold(&mut outcomes);
        self.status.rpc_requests = self.requests.load(Ordering::Relaxed);
        if let Some(spent) = &self.spent {
            let tokens = self.status.session.tokens.iter_mut();
            tokens.zip(spent.load()).for_each(|(token, spent)| token.spent = spent);
        }
        self.status.rollbacks = self.reconciler.rollbacks();
        outcomes.extend(self.notices.drain(..));
        outcomes
    }

    /// What the chain will say if every unconfirmed action goes through.
    pub fn predicted(&self) -> &M::State {
        self.reconciler.predicted()
    }

    /// What the chain has said.
    pub fn confirmed(&self) -> &M::State {
        self.reconciler.confirmed()
    }

    /// The rules of the run.
    pub fn rules(&self) -> &M {
        self.reconciler.rules()
    }

    /// Estimate of the chain's time, in Unix seconds: the latest block's plus what has passed since it was seen.
    pub fn now(&self) -> u64 {
        self.status.head_timestamp.saturating_add(self.head_seen.elapsed().as_secs())
    }

    /// Counts, phase and the latest transactions.
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// [`status`](Self::status) with the latencies so far.
    pub fn report(&self) -> Report {
        Report {
            status: self.status.clone(),
            act_to_confirmed_ms: self.latency.percentiles(),
            act_call_us: self.calls.percentiles(),
        }
    }

    /// Waits until every action has ended, at most until `deadline`, and stops.
    ///
    /// Actions that are not signed when most of the deadline has passed are given up as expired; those still in
    /// flight at its end stay `unresolved` in the report, and the chain may yet carry them out.
    pub fn shutdown(mut self, deadline: Duration) -> Report {
        let begun = Instant::now();
        let give_up = begun + deadline * GIVE_UP_PERCENT / 100;
        let mut drained = false;
        while self.status.actions.unresolved + self.status.actions.earlier > 0 && begun.elapsed() < deadline {
            if !drained
                && Instant::now() >= give_up
                && let Some(messages) = &self.messages
            {
                drained = messages.try_send(Message::Drain).is_ok();
            }
            if let Ok(update) = self.updates.recv_timeout(SHUTDOWN_POLL) {
                self.update(update, &mut Vec::new());
            }
        }
        self.drain();
        self.messages = None;
        self.thread.join();
        self.status.phase = Phase::Stopped;
        self.report()
    }

    /// Reads the history; false when nothing came for as long as `patience`.
    pub(crate) fn catch_up(&mut self, patience: Duration) -> bool {
        while self.status.phase == Phase::Starting {
            let Ok(update) = self.updates.recv_timeout(patience) else { return false };
            self.update(update, &mut Vec::new());
        }
        self.fold(&mut Vec::new());
        true
    }

    fn update(&mut self, update: Update, outcomes: &mut Vec<Outcome<M>>) {
        match update {
            Update::Block { head, behind, step } => {
                self.head(head, behind);
                self.end_earlier(&step);
                let settled = self.reconciler.settle(&step);
                self.tell(settled, outcomes);
            }
            Update::Reorged { to } => {
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
                    if let Some(open) = self.open.get_mut(id) {
                        open.signed = true;
                    }
                }
                self.status.signed(hash, nonce, actions.len());
            }
            Update::Mined { hash, gas_used, revert } => {
                let rate_limited = revert.as_ref().is_some_and(|revert| revert.rate_limited);
                self.status.mined(hash, gas_used, revert.is_some(), rate_limited);
            }
            Update::Accepted => self.recover(),
            Update::Trouble(words) => {
                tracing::warn!(target: "latchkey::client", "{words}");
                self.status.last_error = Some(words);
                if self.status.phase == Phase::Ready {
                    self.enter(Phase::Degraded);
                }
            }
            Update::Draining => self.enter(Phase::Draining),
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
    fn fold(&mut self, outcomes: &mut Vec<Outcome<M>>) {
        let conflicts = self.reconciler.fold();
        self.tell(conflicts, outcomes);
        self.sync_test();
    }

    /// # Panics
    ///
    /// In the mode of that name, when the model is not deterministic.
    fn sync_test(&self) {
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
        self.recover();
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

    fn recover(&mut self) {
        if self.status.phase == Phase::Degraded {
            self.enter(Phase::Ready);
        }
    }

    fn enter(&mut self, phase: Phase) {
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
        let open = self.open.remove(&id);
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

impl<M: Model> std::fmt::Debug for Chain<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chain").field("status", &self.status).finish_non_exhaustive()
    }
}
