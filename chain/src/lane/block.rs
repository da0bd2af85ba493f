//! What canonical blocks, and blocks that are so no longer, mean to the lane.

use std::time::Duration;

use alloy::primitives::B256;

use super::{DegradedReason, DrainReason, FailedCall, Head, Lane, Output, OwnReceipt, Question, Record};
use super::{Revert, RevertKind, Update};
use crate::pure::{Ending, InFlight, Inclusion, Step, TransactionOutcome};

/// Time between two looks at account and contract: what ends a session mostly shows in the receipts of its own
/// transactions, and this finds the rest, also while the player does nothing.
const SESSION_CHECK: Duration = Duration::from_secs(30);

/// Least time from one look to the next when a transaction was refused: whoever changed the session may be the reason.
const SUSPICION_PAUSE: Duration = Duration::from_secs(1);

/// Said of actions whose transaction an earlier run has cancelled.
const CANCELLED_EARLIER: &str = "cancelled by an earlier run";

impl Lane {
    /// Takes in a canonical block with our receipts in it.
    pub(super) fn block(
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
            self.limiter.block(head.number, head.timestamp, now);
            self.money.short = false;
        }
        let mut over = None;
        self.health.note(DegradedReason::Endpoint, false);
        for OwnReceipt { nonce, hash, gas_used, result } in receipts {
            let revert = result.as_ref().err().cloned();
            let kind = revert.as_ref().map(|revert| revert.kind);
            let rate_limited = kind == Some(RevertKind::RateLimited);
            let inclusion = Inclusion { block: head.number, hash, gas_used, reverted: kind.is_some(), rate_limited };
            let Some(entry) = self.nonces.mined(nonce, inclusion) else { continue };
            let actions = entry.actions.iter().enumerate().map(|(at, id)| (*id, ending(&entry, hash, &result, at)));
            step.outcomes.push(TransactionOutcome { hash, actions: actions.collect() });
            match kind {
                None if entry.is_cancelled_by(hash) => {}
                None => {
                    self.batcher.learn(&entry.kinds, gas_used);
                    self.limiter.executed(head.timestamp);
                }
                Some(RevertKind::OutOfGas) => self.batcher.ran_out(&entry.kinds),
                Some(RevertKind::RateLimited) => self.limiter.refused(head.timestamp),
                Some(_) => {}
            }
            self.window.mined();
            self.spent(gas_used, entry.offer.max_fee);
            over = over.or(revert.as_ref().and_then(DrainReason::of_revert));
            self.in_doubt |= kind.is_some();
            out.push(Output::Update(Update::Mined { hash, gas_used, revert }));
        }
        let suspicious = self.in_doubt && self.looked.is_none_or(|at| now >= at + SUSPICION_PAUSE);
        let due = behind == 0 && now >= self.looked.unwrap_or_default() + SESSION_CHECK;
        if suspicious || due {
            self.look_at_session(now, out);
        }
        while let Some(nonce) = self.nonces.settled(head.number) {
            out.push(Output::Record(Record::Settled { nonce }));
        }
        out.push(Output::Update(Update::Block { head, behind, step }));
        if behind == 0 {
            self.nonces.passed(now);
            self.replace_stuck(now, out);
        }
        if let Some(reason) = over {
            // Every further transaction would be refused as well, and paid for.
            self.drain(reason, out);
        }
    }

    fn look_at_session(&mut self, now: Duration, out: &mut Vec<Output>) {
        (self.looked, self.in_doubt) = (Some(now), false);
        out.push(Output::Ask(Question::Session));
    }

    /// Steps back to `to`: what was mined above it is in flight again, as the bytes it was.
    pub(super) fn reorged(&mut self, now: Duration, to: Option<u64>, out: &mut Vec<Output>) {
        out.push(Output::Update(Update::Reorged { to }));
        let dropped = self.nonces.reopened(to, now).into_iter();
        out.extend(dropped.map(|inclusion| Output::Update(Update::Unmined(inclusion))));
    }
}

fn ending(entry: &InFlight, hash: B256, result: &Result<Vec<FailedCall>, Revert>, at: usize) -> Ending {
    match result {
        Ok(_) if entry.is_cancelled_by(hash) => {
            Ending::Rejected(entry.cancelled.unwrap_or(CANCELLED_EARLIER).to_owned())
        }
        Ok(failed) => match failed.iter().find(|call| call.index == at) {
            Some(call) => Ending::Rejected(call.reason.clone()),
            None => Ending::Confirmed,
        },
        Err(revert) => Ending::Rejected(revert.reason.clone()),
    }
}
