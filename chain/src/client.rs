//! The front door: five verbs on the game thread.

mod meters;
mod open;
mod updates;

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use crossbeam::channel::Receiver;

use crate::error::{ActError, PolicyRule};
use crate::fleet::Berth;
use crate::io::TokensSpent;
use crate::journal::Kept;
use crate::lane::{END_MARGIN_S, Restored, Update};
use crate::model::{ActionId, Model};
use crate::outcome::Outcome;
use crate::pure::{MethodTable, PredictError, Reconciler};
use crate::startup::Startup;
use crate::status::{Latency, Phase, Report, Status};
use meters::SessionMeters;
use open::{Open, OpenActions};

/// Longest latency that is told apart: ten minutes.
const LONGEST_LATENCY: Duration = Duration::from_secs(600);

/// Longest call of `act` that is told apart: a second.
const LONGEST_CALL: Duration = Duration::from_secs(1);

/// Pause between two looks for outcomes while shutting down.
const SHUTDOWN_POLL: Duration = Duration::from_millis(5);

/// Part of the shutdown's deadline after which unsigned actions are given up, in percent.
const GIVE_UP_PERCENT: u32 = 80;

/// Channels and facts that the builder hands to the front door.
pub(crate) struct Wiring {
    pub(crate) methods: MethodTable,
    pub(crate) berth: Berth,
    pub(crate) updates: Receiver<Update>,
    pub(crate) spent: Option<TokensSpent>,
    pub(crate) status: Status,
    pub(crate) sync_test: bool,
    pub(crate) kept: Kept,
    pub(crate) startup: Startup,
}

/// One session of one game, on the game thread.
///
/// It never signs, never waits and never talks to the network; [`act`](Self::act) and [`drain`](Self::drain) only
/// touch memory and bounded queues.
pub struct Chain<M: Model> {
    reconciler: Reconciler<M>,
    methods: MethodTable,
    berth: Berth,
    updates: Receiver<Update>,
    spent: Option<TokensSpent>,
    status: Status,
    sync_test: bool,
    startup: Startup,
    head_seen: Instant,
    open: OpenActions,
    earlier: HashMap<ActionId, Earlier>,
    renewal_told: bool,
    notices: VecDeque<Outcome<M>>,
    latency: Latency,
    calls: Latency,
    meters: SessionMeters,
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
            berth: wiring.berth,
            updates: wiring.updates,
            spent: wiring.spent,
            status,
            sync_test: wiring.sync_test,
            startup: wiring.startup,
            head_seen: Instant::now(),
            open: OpenActions::default(),
            earlier,
            renewal_told: false,
            notices: VecDeque::new(),
            latency: Latency::growing(LONGEST_LATENCY, Duration::from_millis(1)),
            calls: Latency::fixed(LONGEST_CALL, Duration::from_micros(1)),
            meters: SessionMeters::new(),
        }
    }

    /// Takes an action: it shows in [`predicted`](Self::predicted) at once and is signed on another thread.
    ///
    /// # Errors
    ///
    /// [`ActError`] with the action inside; nothing has changed then.
    pub fn act(&mut self, action: M::Action) -> Result<ActionId, ActError<M>> {
        let _span = tracing::trace_span!(target: "latchkey::act", "act").entered();
        let begun = Instant::now();
        let result = self.take(action, begun);
        self.calls.record(begun.elapsed());
        result
    }

    fn take(&mut self, action: M::Action, begun: Instant) -> Result<ActionId, ActError<M>> {
        let at = self.time_at(begun);
        let over = at + END_MARGIN_S >= self.status.session.valid_until;
        if over || matches!(self.status.phase, Phase::Draining(_) | Phase::Stopped) {
            return Err(ActError::Expired(action));
        }
        let call = self.reconciler.rules().encode(&action);
        let value = call.value;
        let left = self.status.session.native_total.saturating_sub(self.status.session.native_spent);
        let packed = match self.methods.pack(call) {
            Ok(packed) if value <= left => packed,
            Ok(_) => {
                return Err(ActError::Policy { action, rule: PolicyRule::NativeTotal { left, asked: value } });
            }
            Err(refusal) => return Err(ActError::Policy { action, rule: refusal.into() }),
        };
        if self.berth.is_full() {
            return Err(ActError::Full(action));
        }
        let id = self.reconciler.predict(action, at).map_err(|(action, refused)| match refused {
            PredictError::WindowFull => ActError::Full(action),
            PredictError::Unplayable(reason) => ActError::Unplayable { action, reason },
        })?;
        if !self.berth.act(id, packed)
            && let Some(action) = self.reconciler.withdraw_newest(id)
        {
            // There was room a moment ago, and another session may have taken it; or the other end is gone.
            return Err(if self.berth.is_full() { ActError::Full(action) } else { ActError::Stopped(action) });
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
        let _span = tracing::trace_span!(target: "latchkey::reconcile", "drain").entered();
        let mut outcomes = Vec::new();
        while let Ok(update) = self.updates.try_recv() {
            self.update(update, &mut outcomes);
        }
        self.fold(&mut outcomes);
        self.status.rpc_requests = self.berth.requests();
        if let Some(spent) = &self.spent {
            let tokens = self.status.session.tokens.iter_mut();
            tokens.zip(spent.load()).for_each(|(token, spent)| token.spent = spent);
        }
        self.status.rollbacks = self.reconciler.rollbacks();
        self.meters.publish(&self.status);
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
        self.time_at(Instant::now())
    }

    fn time_at(&self, now: Instant) -> u64 {
        self.status.head_timestamp.saturating_add(now.saturating_duration_since(self.head_seen).as_secs())
    }

    /// Counts, phase and the latest transactions.
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// What the start-up check found; prints as a table.
    pub fn startup(&self) -> &Startup {
        &self.startup
    }

    /// [`status`](Self::status) with the latencies so far.
    pub fn report(&self) -> Report {
        Report {
            status: self.status.clone(),
            act_to_confirmed_ms: self.latency.percentiles(),
            act_call_us: self.calls.percentiles(),
        }
    }

    /// Signs nothing more: what is not signed yet expires, what is in flight is followed to its end.
    ///
    /// For a game that knows that its session is over before the contract has refused anything. The phase follows as
    /// [`Phase::Draining`]. False while the signing thread has no room for the wish; ask again then.
    pub fn wind_down(&mut self) -> bool {
        self.berth.drain()
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
            if !drained && Instant::now() >= give_up {
                drained = self.berth.drain();
            }
            if let Ok(update) = self.updates.recv_timeout(SHUTDOWN_POLL) {
                self.update(update, &mut Vec::new());
            }
        }
        self.drain();
        self.status.phase = Phase::Stopped;
        let report = self.report();
        self.berth.close();
        report
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
}

impl<M: Model> std::fmt::Debug for Chain<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chain").field("status", &self.status).finish_non_exhaustive()
    }
}
