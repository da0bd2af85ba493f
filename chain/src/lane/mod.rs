//! The state machine of one session: what the signing thread does, without the thread.
//!
//! [`Lane::tick`] takes the time and one input and returns what is to be done. It owns the signer, the nonce, the
//! limiter and the batcher; no clock, socket or thread is inside, so that tests step it and a browser can drive it
//! from a worker.

mod health;
mod messages;
mod reason;
#[cfg(test)]
mod tests;

use std::time::Duration;

use crate::model::ActionId;
use crate::pure::{
    Accepted, Batcher, Ending, Fees, Inclusion, Limiter, NonceLane, Sealer, Step, TransactionOutcome, Variant,
};
use crate::signer::Signer;

use health::Health;

pub use reason::{DegradedReason, DrainReason};

pub use messages::{
    FailedCall, Head, Input, Opening, Output, OwnReceipt, Record, Restored, Revert, SessionTerms, Update,
};

/// Transactions without a receipt at once.
///
/// Pools hold sixteen of a plain account; half of them leave room for replacements.
pub const WINDOW: usize = 8;

/// Time before the end of a session at which nothing new is signed, in seconds: a transaction must still be mined.
pub const END_MARGIN_S: u64 = 5;

/// Pause after a refusal by frequency; the contract's clock has moved on by then.
const AFTER_RATE_LIMIT: Duration = Duration::from_secs(1);

/// The wallet's word for a batch whose next call would get less gas than it is due.
const OUT_OF_GAS: &str = "InsufficientGas";

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
        Self {
            batcher: Batcher::new(terms.max_actions_per_tx, linger),
            limiter: Limiter::new(terms.tx_limit, Duration::from_secs(terms.tx_period_s.into())),
            sealer: Sealer::new(terms.chain_id, terms.account),
            nonces,
            fees: Fees { base_fee: head.base_fee, priority_fee },
            head,
            head_seen: Duration::ZERO,
            health: Health::default(),
            draining: None,
            signer,
            terms,
        }
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
            Input::Answer { nonce, accepted, message } => {
                self.nonces.answered(nonce, accepted, now);
                self.health.note(DegradedReason::Endpoint, accepted == Accepted::Retry);
                out.extend(message.map(|words| Output::Update(Update::Trouble(words))));
            }
            Input::Block { head, floor, behind, logs, receipts } => {
                let step = Step { number: head.number, floor, logs, outcomes: Vec::with_capacity(receipts.len()) };
                self.block(now, head, behind, step, receipts, out);
            }
            Input::Reorged { to } => self.reorged(now, to, out),
            Input::Preconfirmed { nonce } => {
                let entry = self.nonces.in_flight().find(|entry| entry.nonce == nonce);
                out.extend(entry.map(|entry| Output::Update(Update::Preconfirmed(entry.actions.clone()))));
            }
            Input::Trouble(words) => {
                self.health.note(DegradedReason::Endpoint, true);
                out.push(Output::Update(Update::Trouble(words)));
            }
            Input::Drain => self.drain(DrainReason::Asked, out),
            Input::Tick => {}
        }
        if self.chain_time(now) + END_MARGIN_S >= self.terms.valid_until {
            self.drain(DrainReason::Expired, out);
        }
        self.sign(now, out);
        while let Some(entry) = self.nonces.due(now) {
            let Variant { hash, raw } = entry.offer().clone();
            out.push(Output::Send { nonce: entry.nonce, hash, raw });
        }
        out.extend(self.health.news().map(Output::Update));
    }

    /// Latest time by which [`tick`](Self::tick) wants to be called again, or `None` while there is nothing to do.
    pub fn wake_at(&self) -> Option<Duration> {
        let batch = (self.nonces.len() < WINDOW)
            .then(|| self.batcher.ready_at(self.nonces.is_empty()))
            .flatten()
            .map(|ready| ready.max(self.limiter.ready_at()));
        [batch, self.nonces.next_due()].into_iter().flatten().min()
    }

    /// Prepares signatures for later; true when it is worth being called again. For when nothing else is to be done.
    pub fn prepare(&self) -> bool {
        self.draining.is_none() && self.signer.prepare()
    }

    /// True when a batch is ready and nothing but the frequency cap holds it back.
    pub fn is_limited(&self, now: Duration) -> bool {
        let ready = self.batcher.ready_at(self.nonces.is_empty());
        self.nonces.len() < WINDOW && ready.is_some_and(|ready| ready <= now) && self.limiter.ready_at() > now
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

    /// Signs what is due, all of it at once.
    fn sign(&mut self, now: Duration, out: &mut Vec<Output>) {
        let mut batches = Vec::new();
        while self.nonces.len() + batches.len() < WINDOW
            && self.batcher.ready_at(self.nonces.is_empty() && batches.is_empty()).is_some_and(|ready| ready <= now)
            && self.limiter.try_take(now)
        {
            let Some(batch) = self.batcher.cut() else { break };
            tracing::debug!(target: "latchkey::batch", actions = batch.actions.len(), gas = batch.gas_limit, "cut");
            self.sealer.draft(&batch, self.nonces.next() + batches.len() as u64, self.fees);
            batches.push(batch);
        }
        for ((hash, raw), batch) in self.sealer.sign(self.signer.as_ref()).zip(batches) {
            let nonce = self.nonces.next();
            let actions = batch.actions.clone();
            out.push(Output::Record(Record::Signed { nonce, hash, raw: raw.clone(), actions: actions.clone() }));
            out.push(Output::Update(Update::Signed { hash, nonce, actions }));
            self.nonces.push(hash, raw, (batch.actions, batch.kinds), now);
        }
    }

    fn block(
        &mut self,
        now: Duration,
        head: Head,
        behind: u64,
        mut step: Step,
        receipts: Vec<OwnReceipt>,
        out: &mut Vec<Output>,
    ) {
        if behind == 0 {
            // While the history is read its heads say nothing of the present.
            self.head = head;
            self.head_seen = now;
            self.fees.base_fee = head.base_fee;
        }
        let mut over = None;
        self.health.note(DegradedReason::Endpoint, false);
        for OwnReceipt { nonce, hash, gas_used, result } in receipts {
            let revert = result.as_ref().err().cloned();
            let (reverted, rate_limited) = (revert.is_some(), revert.as_ref().is_some_and(|why| why.rate_limited));
            let inclusion = Inclusion { block: head.number, hash, gas_used, reverted, rate_limited };
            let Some(entry) = self.nonces.mined(nonce, inclusion) else { continue };
            match &revert {
                None => self.batcher.learn(&entry.kinds, gas_used),
                Some(revert) if revert.reason.starts_with(OUT_OF_GAS) => self.batcher.ran_out(&entry.kinds),
                Some(_) => {}
            }
            over = over.or(revert.as_ref().and_then(|revert| DrainReason::of_revert(&revert.reason)));
            if rate_limited {
                self.limiter.hold(now + AFTER_RATE_LIMIT);
            }
            let actions = entry.actions.iter().enumerate().map(|(at, id)| (*id, ending(&result, at))).collect();
            step.outcomes.push(TransactionOutcome { hash, actions });
            out.push(Output::Update(Update::Mined { hash, gas_used, revert }));
        }
        while let Some(nonce) = self.nonces.settled(head.number) {
            out.push(Output::Record(Record::Settled { nonce }));
        }
        out.push(Output::Update(Update::Block { head, behind, step }));
        if let Some(reason) = over {
            // Every further transaction would be refused as well, and paid for.
            self.drain(reason, out);
        }
    }

    /// Steps back to `to`: what was mined above it is in flight again, as the bytes it was.
    fn reorged(&mut self, now: Duration, to: Option<u64>, out: &mut Vec<Output>) {
        out.push(Output::Update(Update::Reorged { to }));
        let dropped = self.nonces.reopened(to, now).into_iter();
        out.extend(dropped.map(|inclusion| Output::Update(Update::Unmined(inclusion))));
    }
}

fn ending(result: &Result<Vec<FailedCall>, Revert>, at: usize) -> Ending {
    match result {
        Ok(failed) => match failed.iter().find(|call| call.index == at) {
            Some(call) => Ending::Rejected(call.reason.clone()),
            None => Ending::Confirmed,
        },
        Err(revert) => Ending::Rejected(revert.reason.clone()),
    }
}
