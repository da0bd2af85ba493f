//! The state machine of one session: what the signing thread does, without the thread.
//!
//! [`Lane::tick`] takes the time and one input and returns what is to be done. It owns the signer, the nonce, the
//! limiter and the batcher; no clock, socket or thread is inside, so that tests step it and a browser can drive it
//! from a worker.

mod block;
mod health;
mod messages;
mod money;
mod reason;
mod replace;
#[cfg(test)]
mod tests;

use std::time::Duration;

use crate::model::ActionId;
use crate::pure::{Accepted, Batcher, Fees, Limiter, NonceLane, Offer, Sealer, Step, Variant, Window};
use crate::signer::Signer;

use health::Health;
use money::Money;

pub use reason::{DegradedReason, DrainReason};

pub use messages::{
    FailedCall, Head, Input, Limits, Opening, Output, OwnReceipt, Question, Record, Restored, Revert, RevertKind,
    SessionTerms, Update,
};

/// Time before the end of a session at which nothing new is signed, in seconds: a transaction must still be mined.
pub const END_MARGIN_S: u64 = 5;

/// Least fee ceiling, in wei per unit of gas: what the main network asks for on a busy day.
const FEE_CAP_LEAST: u128 = 100_000_000_000;

/// The fee ceiling is at least so many times what the chain asks for at the start: five doublings. A session that costs
/// more than that was not meant to.
const FEE_CAP_FACTOR: u128 = 32;

/// One session's signing state.
pub struct Lane {
    signer: Box<dyn Signer>,
    terms: SessionTerms,
    batcher: Batcher,
    limiter: Limiter,
    sealer: Sealer,
    nonces: NonceLane,
    fees: Fees,
    head: Head,
    head_seen: Duration,
    window: Window,
    fee_cap: u128,
    money: Money,
    /// When the session was looked at last.
    looked: Option<Duration>,
    /// A transaction was refused since then.
    in_doubt: bool,
    health: Health,
    draining: Option<DrainReason>,
}

impl Lane {
    /// A lane that goes on where `opening` says; its first call of [`tick`](Self::tick) sends what was restored.
    pub fn new(signer: Box<dyn Signer>, terms: SessionTerms, opening: Opening, linger: Duration) -> Self {
        let Opening { pending_nonce, head, priority_fee, restored } = opening;
        let mut nonces = NonceLane::new(pending_nonce);
        for Restored { nonce, variants, actions } in restored {
            let variants = variants.into_iter().map(|(hash, raw)| Variant { hash, raw }).collect();
            nonces.restore(nonce, variants, actions);
        }
        let mut limiter = Limiter::new(terms.tx_limit, Duration::from_secs(terms.tx_period_s.into()));
        limiter.block(head.number, head.timestamp, Duration::ZERO);
        let fees = Fees { base_fee: head.base_fee, priority_fee };
        Self {
            batcher: Batcher::new(terms.max_actions_per_tx, linger),
            limiter,
            sealer: Sealer::new(terms.chain_id, terms.account),
            nonces,
            fees,
            window: Window::default(),
            fee_cap: FEE_CAP_LEAST.max(fees.max_fee().saturating_mul(FEE_CAP_FACTOR)),
            money: Money::default(),
            looked: None,
            in_doubt: false,
            head,
            head_seen: Duration::ZERO,
            health: Health::default(),
            draining: None,
            signer,
            terms,
        }
    }

    /// The same lane within these limits.
    #[must_use]
    pub fn limited(mut self, limits: Limits) -> Self {
        self.fee_cap = limits.fee_cap.unwrap_or(self.fee_cap);
        self.money.balance = limits.balance;
        if let Some(ttl) = limits.action_ttl {
            self.batcher = self.batcher.expiring(ttl);
        }
        if let Some(spare) = limits.spare {
            self.limiter = self.limiter.with_spare(spare, self.head.timestamp);
        }
        self
    }

    /// Takes one input at `now` and appends what is to be done to `out`.
    pub fn tick(&mut self, now: Duration, input: Input, out: &mut Vec<Output>) {
        match input {
            Input::Act(id, call) if self.draining.is_some() => {
                drop(call);
                self.end_unsigned(vec![id], out);
            }
            Input::Act(id, call) => {
                if !self.batcher.push(id, call, now) {
                    self.end_unsigned(vec![id], out);
                }
            }
            Input::Answer { nonce, accepted, message } => self.answered(nonce, accepted, message, now, out),
            Input::Block { head, floor, behind, logs, receipts } => {
                let step = Step { number: head.number, floor, logs, outcomes: Vec::with_capacity(receipts.len()) };
                self.block(now, head, behind, step, receipts, out);
            }
            Input::Reorged { to } => self.reorged(now, to, out),
            Input::Preconfirmed { nonce, hash } => {
                let entry = self.nonces.in_flight().find(|entry| entry.nonce == nonce && entry.is_ours(hash));
                out.extend(entry.map(|entry| Output::Update(Update::Preconfirmed(entry.actions.clone()))));
            }
            Input::Trouble(words) => {
                self.health.note(DegradedReason::Endpoint, true);
                out.push(Output::Update(Update::Trouble(words)));
            }
            Input::Balance(balance) => self.balance(balance),
            Input::Session(over) => over.into_iter().for_each(|reason| self.drain(reason, out)),
            Input::Drain => self.drain(DrainReason::Asked, out),
            Input::Tick => {}
        }
        if self.chain_time(now) + END_MARGIN_S >= self.terms.valid_until {
            self.drain(DrainReason::Expired, out);
        }
        let late = self.batcher.expire(now);
        self.end_unsigned(late, out);
        self.sign(now, out);
        self.ask_for_money(now, out);
        while let Some(entry) = self.nonces.due(now) {
            let Variant { hash, raw } = entry.newest().clone();
            out.push(Output::Send { nonce: entry.nonce, hash, raw });
        }
        out.extend(self.health.news().map(Output::Update));
    }

    /// Latest time by which [`tick`](Self::tick) wants to be called again, or `None` while there is nothing to do.
    pub fn wake_at(&self) -> Option<Duration> {
        let in_flight = self.nonces.len();
        let batch = match in_flight < self.window.size() {
            true => self.batcher.ready_at(in_flight == 0).zip(self.limiter.ready_at(in_flight)),
            false => None,
        };
        let batch = batch.map(|(ready, allowed)| ready.max(allowed)).filter(|_| !self.held());
        [batch, self.nonces.next_due(), self.batcher.expires_at(), self.ask_at()].into_iter().flatten().min()
    }

    /// Prepares signatures for later; true when it is worth being called again. For when nothing else is to be done.
    pub fn prepare(&self) -> bool {
        self.draining.is_none() && self.signer.prepare()
    }

    /// True when a batch is ready and nothing but the frequency cap holds it back.
    pub fn is_limited(&self, now: Duration) -> bool {
        let ready = self.batcher.ready_at(self.nonces.is_empty());
        let in_flight = self.nonces.len();
        let allowed = self.limiter.ready_at(in_flight).is_some_and(|at| at <= now);
        in_flight < self.window.size() && ready.is_some_and(|ready| ready <= now) && !allowed
    }

    /// Actions that wait for a batch.
    pub fn queued(&self) -> usize {
        self.batcher.len()
    }

    fn chain_time(&self, now: Duration) -> u64 {
        self.head.timestamp.saturating_add(now.saturating_sub(self.head_seen).as_secs())
    }

    /// The first reason stands, and is the one that is told.
    fn drain(&mut self, reason: DrainReason, out: &mut Vec<Output>) {
        if self.draining.is_none() {
            self.draining = Some(reason);
            out.push(Output::Update(Update::Draining(reason)));
            let unsigned = self.batcher.take_all();
            self.end_unsigned(unsigned, out);
        }
    }

    fn end_unsigned(&self, actions: Vec<ActionId>, out: &mut Vec<Output>) {
        if !actions.is_empty() {
            out.push(Output::Update(Update::Expired(actions)));
        }
    }

    /// True while nothing can be signed for want of coin or for the chain's price; a block or an answer ends it.
    fn held(&self) -> bool {
        self.money.short || self.health.is(DegradedReason::FeeCeiling)
    }

    /// Most that a transaction signed now offers per unit of gas, in wei.
    fn max_fee(&self) -> u128 {
        self.fees.within(self.fee_cap).map_or(self.fee_cap, |fees| fees.max_fee())
    }

    fn answered(
        &mut self,
        nonce: u64,
        accepted: Accepted,
        message: Option<String>,
        now: Duration,
        out: &mut Vec<Output>,
    ) {
        self.nonces.answered(nonce, accepted, now);
        let throttled = matches!(accepted, Accepted::Throttled(_));
        self.health.note(DegradedReason::Endpoint, accepted == Accepted::Retry);
        self.health.note(DegradedReason::Throttled, throttled);
        match accepted {
            _ if throttled => self.window.refused(now),
            Accepted::PoolFull => self.window.refused(now),
            Accepted::Broke => {
                let (left, needed) = (self.money.balance.unwrap_or_default(), self.nonces.reserved());
                self.out_of_money(left, needed, out);
            }
            Accepted::Never => self.cancel(nonce, replace::NEVER_TAKEN, now, out),
            _ => {}
        }
        out.extend(message.map(|words| Output::Update(Update::Trouble(words))));
    }

    /// Signs what is due, all of it at once.
    fn sign(&mut self, now: Duration, out: &mut Vec<Output>) {
        let fees = self.fees.within(self.fee_cap);
        if self.batcher.is_empty() {
            self.health.note(DegradedReason::FeeCeiling, false);
            return;
        }
        self.health.note(DegradedReason::FeeCeiling, fees.is_none());
        let Some(fees) = fees else { return };
        let mut batches = Vec::new();
        loop {
            let in_flight = self.nonces.len() + batches.len();
            let due = self.batcher.ready_at(in_flight == 0).is_some_and(|ready| ready <= now);
            let gas_limit = self.batcher.next_gas_limit().filter(|_| due && in_flight < self.window.size());
            let Some(gas_limit) = gas_limit else { break };
            // What is drafted here is not in flight yet; its cost counts at the next look.
            if !self.can_pay(gas_limit * (1 + batches.len() as u64), in_flight == 0, out)
                || !self.limiter.try_take(now, in_flight)
            {
                break;
            }
            let Some(batch) = self.batcher.cut() else { break };
            tracing::debug!(target: "latchkey::batch", actions = batch.actions.len(), gas = batch.gas_limit, "cut");
            self.sealer.draft(&batch, self.nonces.next() + batches.len() as u64, fees);
            batches.push(batch);
        }
        for ((hash, raw), batch) in self.sealer.sign(self.signer.as_ref()).zip(batches) {
            let nonce = self.nonces.next();
            let actions = batch.actions.clone();
            out.push(Output::Record(Record::Signed { nonce, hash, raw: raw.clone(), actions: actions.clone() }));
            out.push(Output::Update(Update::Signed { hash, nonce, actions }));
            let Fees { priority_fee, .. } = fees;
            let offer = Offer { max_fee: fees.max_fee(), priority_fee, gas_limit: batch.gas_limit };
            self.nonces.push(Variant { hash, raw }, offer, (batch.actions, batch.kinds), now);
        }
    }
}
