//! The state machine of one session: what the signing thread does, without the thread.
//!
//! [`Lane::tick`] takes the time and one input and returns what is to be done. It owns the signer, the nonce, the
//! limiter and the batcher; no clock, socket or thread is inside, so that tests step it and a browser can drive it
//! from a worker.

use std::time::Duration;

use alloy::primitives::{Address, B256, Bytes, Log};

use crate::model::ActionId;
use crate::pure::{
    Accepted, Batcher, Ending, Fees, Limiter, MethodTable, NonceLane, PackedCall, Step, TransactionOutcome, seal,
};
use crate::session::Signer;

/// Transactions without a receipt at once.
///
/// Pools hold sixteen of a plain account; half of them leave room for replacements.
pub const WINDOW: usize = 8;

/// Time before the end of a session at which nothing new is signed, in seconds: a transaction must still be mined.
const END_MARGIN_S: u64 = 5;

/// Pause after a refusal by frequency; the contract's clock has moved on by then.
const AFTER_RATE_LIMIT: Duration = Duration::from_secs(1);

/// What is fixed for a session's life, as read from the contract.
#[derive(Clone, Debug)]
pub struct SessionTerms {
    /// Chain id that goes into each signature (EIP-155).
    pub chain_id: u64,
    /// The player's account.
    pub account: Address,
    /// Allow-list with the contract's indices.
    pub methods: MethodTable,
    /// Transactions per period.
    pub tx_limit: u16,
    /// Period of the frequency cap, in seconds.
    pub tx_period_s: u32,
    /// Actions that a transaction may carry.
    pub max_actions_per_tx: u8,
    /// End of the session, exclusive, in Unix seconds.
    pub valid_until: u64,
}

/// A canonical block's head.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Height.
    pub number: u64,
    /// Hash.
    pub hash: B256,
    /// Time in Unix seconds.
    pub timestamp: u64,
    /// Base fee in wei per unit of gas.
    pub base_fee: u128,
}

/// A receipt of one of the lane's own transactions.
#[derive(Clone, Debug)]
pub struct OwnReceipt {
    /// Nonce of the transaction.
    pub nonce: u64,
    /// Hash of the transaction.
    pub hash: B256,
    /// Gas used.
    pub gas_used: u64,
    /// `Ok` with the batch positions of calls that failed in isolation, or `Err` with the reason of the revert.
    pub result: Result<Vec<usize>, Revert>,
}

/// Why a whole transaction reverted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revert {
    /// The contract's error, in words.
    pub reason: String,
    /// True for the frequency cap's `RateLimited`.
    pub rate_limited: bool,
}

/// What comes into the lane.
#[derive(Clone, Debug)]
pub enum Input {
    /// The player acted.
    Act(ActionId, PackedCall),
    /// An endpoint answered a submission.
    Answer {
        /// Nonce that was sent.
        nonce: u64,
        /// What became of it.
        accepted: Accepted,
        /// The endpoint's words when it did not take it.
        message: Option<String>,
    },
    /// A canonical block, or several at once when catching up.
    Block {
        /// Head of the newest one.
        head: Head,
        /// Logs of the watched contracts, in canonical order, with the hash of their transaction.
        logs: Vec<(B256, Log)>,
        /// Receipts of our transactions in it.
        receipts: Vec<OwnReceipt>,
    },
    /// The canonical history changed; it is told again from the start.
    Reorged,
    /// The chain could not be followed this time, in the endpoint's words; it is tried again.
    Trouble(String),
    /// Sign nothing new; what is in flight is still followed.
    Drain,
    /// Only time has passed.
    Tick,
}

/// What the lane wants done.
#[derive(Clone, Debug)]
pub enum Output {
    /// Hand these bytes to an endpoint.
    Send {
        /// Nonce of the transaction.
        nonce: u64,
        /// Hash of the transaction.
        hash: B256,
        /// Signed bytes.
        raw: Bytes,
    },
    /// Tell the game thread.
    Update(Update),
}

/// What the game thread learns, in order.
#[derive(Clone, Debug)]
pub enum Update {
    /// A canonical step.
    Block {
        /// Head of the newest block in it.
        head: Head,
        /// Its effect and our actions that ended by it.
        step: Step,
    },
    /// Confirmed state starts over; the next block tells everything again.
    Reorged,
    /// A batch was signed and handed to the network.
    Signed {
        /// Hash of the transaction.
        hash: B256,
        /// Nonce of the transaction.
        nonce: u64,
        /// Its actions.
        actions: Vec<ActionId>,
    },
    /// A transaction has its receipt.
    Mined {
        /// Hash of the transaction.
        hash: B256,
        /// Gas used.
        gas_used: u64,
        /// Why it reverted, if it did.
        revert: Option<Revert>,
    },
    /// An endpoint failed us, in its words; it is tried again.
    Trouble(String),
    /// An endpoint took a submission.
    Accepted,
    /// Nothing new is signed any more.
    Draining,
}

/// One session's signing state.
pub struct Lane {
    signer: Box<dyn Signer>,
    terms: SessionTerms,
    batcher: Batcher,
    limiter: Limiter,
    nonces: NonceLane,
    fees: Fees,
    head: Head,
    head_seen: Duration,
    draining: bool,
}

impl Lane {
    /// A lane that signs from `next_nonce` on, with the chain at `head`.
    pub fn new(
        signer: Box<dyn Signer>,
        terms: SessionTerms,
        next_nonce: u64,
        head: Head,
        priority_fee: u128,
        linger: Duration,
    ) -> Self {
        Self {
            batcher: Batcher::new(terms.max_actions_per_tx, linger),
            limiter: Limiter::new(terms.tx_limit, Duration::from_secs(terms.tx_period_s.into())),
            nonces: NonceLane::new(next_nonce),
            fees: Fees { base_fee: head.base_fee, priority_fee },
            head,
            head_seen: Duration::ZERO,
            draining: false,
            signer,
            terms,
        }
    }

    /// Takes one input at `now` and appends what is to be done to `out`.
    pub fn tick(&mut self, now: Duration, input: Input, out: &mut Vec<Output>) {
        match input {
            Input::Act(id, call) if self.draining => {
                drop(call);
                self.end_unsigned(vec![id], out);
            }
            Input::Act(id, call) => self.batcher.push(id, call, now),
            Input::Answer { nonce, accepted, message } => {
                self.nonces.answered(nonce, accepted, now);
                out.push(Output::Update(match message {
                    Some(words) => Update::Trouble(words),
                    None => Update::Accepted,
                }));
            }
            Input::Block { head, logs, receipts } => self.block(now, head, logs, receipts, out),
            Input::Reorged => out.push(Output::Update(Update::Reorged)),
            Input::Trouble(words) => out.push(Output::Update(Update::Trouble(words))),
            Input::Drain => self.drain(out),
            Input::Tick => {}
        }
        if self.chain_time(now) + END_MARGIN_S >= self.terms.valid_until {
            self.drain(out);
        }
        self.sign(now, out);
        while let Some(entry) = self.nonces.due(now) {
            out.push(Output::Send { nonce: entry.nonce, hash: entry.hash, raw: entry.raw.clone() });
        }
    }

    /// Latest time by which [`tick`](Self::tick) wants to be called again, or `None` while there is nothing to do.
    pub fn wake_at(&self) -> Option<Duration> {
        let batch = (self.nonces.len() < WINDOW)
            .then(|| self.batcher.ready_at(self.nonces.is_empty()))
            .flatten()
            .map(|ready| ready.max(self.limiter.ready_at()));
        [batch, self.nonces.next_due()].into_iter().flatten().min()
    }

    /// Actions that wait for a batch.
    pub fn queued(&self) -> usize {
        self.batcher.len()
    }

    fn chain_time(&self, now: Duration) -> u64 {
        self.head.timestamp + now.saturating_sub(self.head_seen).as_secs()
    }

    fn drain(&mut self, out: &mut Vec<Output>) {
        if !self.draining {
            self.draining = true;
            out.push(Output::Update(Update::Draining));
            let unsigned = self.batcher.take_all();
            self.end_unsigned(unsigned, out);
        }
    }

    fn end_unsigned(&self, actions: Vec<ActionId>, out: &mut Vec<Output>) {
        if !actions.is_empty() {
            let actions = actions.into_iter().map(|id| (id, Ending::Expired)).collect();
            let outcomes = vec![TransactionOutcome { hash: B256::ZERO, actions }];
            out.push(Output::Update(Update::Block { head: self.head, step: Step { logs: Vec::new(), outcomes } }));
        }
    }

    fn sign(&mut self, now: Duration, out: &mut Vec<Output>) {
        while self.nonces.len() < WINDOW
            && self.batcher.ready_at(self.nonces.is_empty()).is_some_and(|ready| ready <= now)
            && self.limiter.try_take(now)
        {
            let Some(batch) = self.batcher.cut() else { return };
            let nonce = self.nonces.next();
            let terms = &self.terms;
            let (hash, raw) = seal(&batch, self.signer.as_ref(), terms.chain_id, nonce, terms.account, self.fees);
            out.push(Output::Update(Update::Signed { hash, nonce, actions: batch.actions.clone() }));
            self.nonces.push(hash, raw, batch.actions, now);
        }
    }

    fn block(
        &mut self,
        now: Duration,
        head: Head,
        logs: Vec<(B256, Log)>,
        receipts: Vec<OwnReceipt>,
        out: &mut Vec<Output>,
    ) {
        self.head = head;
        self.head_seen = now;
        self.fees.base_fee = head.base_fee;
        let mut outcomes = Vec::with_capacity(receipts.len());
        for receipt in receipts {
            let Some(entry) = self.nonces.mined(receipt.nonce) else { continue };
            let revert = receipt.result.as_ref().err().cloned();
            if revert.as_ref().is_some_and(|revert| revert.rate_limited) {
                self.limiter.hold(now + AFTER_RATE_LIMIT);
            }
            let actions =
                entry.actions.into_iter().enumerate().map(|(at, id)| (id, ending(&receipt.result, at))).collect();
            outcomes.push(TransactionOutcome { hash: receipt.hash, actions });
            let (hash, gas_used) = (receipt.hash, receipt.gas_used);
            out.push(Output::Update(Update::Mined { hash, gas_used, revert }));
        }
        out.push(Output::Update(Update::Block { head, step: Step { logs, outcomes } }));
    }
}

fn ending(result: &Result<Vec<usize>, Revert>, at: usize) -> Ending {
    match result {
        Ok(failed) if failed.contains(&at) => Ending::Rejected("the game's contract refused the call".to_owned()),
        Ok(_) => Ending::Confirmed,
        Err(revert) => Ending::Rejected(revert.reason.clone()),
    }
}
