//! What becomes of a transaction that the chain does not take: a higher offer, and in the end a cancellation.

use std::time::Duration;

use super::{Lane, Output, Record};
use crate::pure::{Fees, InFlight, Offer, Variant, cancelled, replaced};

/// Blocks without the lowest transaction after which it is too cheap, whatever the base fee says.
const PATIENCE_BLOCKS: u32 = 8;

/// Least time for that: with fast blocks, eight of them are a hiccup.
const PATIENCE: Duration = Duration::from_secs(4);

/// Transactions signed for one nonce before it is cancelled. Each raise is to twice the base fee at least, so that six of
/// them outrun any rise that a session is worth.
const VARIANTS_MAX: usize = 7;

/// Variants of a nonce, cancellations included: what the follower looks out for.
const ALL_VARIANTS_MAX: usize = 12;

/// A cancellation may pay so many times the ceiling: a transfer takes less than a quarter of a batch's gas.
const CANCEL_FACTOR: u128 = 4;

/// Said of actions whose transaction was cancelled because it became too dear.
const TOO_DEAR: &str = "cancelled: the chain asked for more than the fee ceiling";

/// Said of actions whose transaction was cancelled because the session had ended.
const TOO_LATE: &str = "cancelled: the session ended before the chain took it";

/// Said of actions whose transaction no endpoint takes.
pub(super) const NEVER_TAKEN: &str = "cancelled: the endpoint does not take such a transaction";

impl Lane {
    /// Replaces what a new block shows to be stuck, lowest nonce first.
    pub(super) fn replace_stuck(&mut self, now: Duration, out: &mut Vec<Output>) {
        let lowest = self.nonces.in_flight().next().map(|entry| entry.nonce);
        let stuck: Vec<_> = self
            .nonces
            .in_flight()
            .filter(|entry| {
                let waited =
                    Some(entry.nonce) == lowest && entry.blocks >= PATIENCE_BLOCKS && now >= entry.since + PATIENCE;
                entry.offer.max_fee < self.fees.base_fee || entry.underpriced || waited
            })
            .map(|entry| (entry.nonce, self.way_out(entry)))
            .collect();
        for (nonce, (offer, why)) in stuck {
            self.replace(nonce, offer, why, now, out);
        }
    }

    /// Gives up a transaction that no endpoint takes.
    pub(super) fn cancel(&mut self, nonce: u64, why: &'static str, now: Duration, out: &mut Vec<Output>) {
        let entry = self.nonces.in_flight().find(|entry| entry.nonce == nonce);
        if let Some(offer) = entry.filter(|entry| entry.cancelled.is_none()).map(|entry| entry.offer) {
            self.replace(nonce, offer.raised(self.fees), Some(why), now, out);
        }
    }

    /// The next offer, and why it is to be a cancellation, if it is.
    fn way_out(&self, entry: &InFlight) -> (Offer, Option<&'static str>) {
        let (least, mut raised) = (entry.offer.raised(Fees::default()), entry.offer.raised(self.fees));
        if least.max_fee <= self.fee_cap && self.fees.base_fee < self.fee_cap {
            // The usual headroom may be over the ceiling where the price itself is not.
            raised.max_fee = raised.max_fee.min(self.fee_cap);
            raised.priority_fee = raised.priority_fee.min(raised.max_fee);
        }
        let why = match entry.cancelled {
            Some(why) => Some(why),
            None if self.draining.is_some_and(|reason| reason.is_final()) => Some(TOO_LATE),
            None if entry.variants.len() >= VARIANTS_MAX || raised.max_fee > self.fee_cap => Some(TOO_DEAR),
            None => None,
        };
        (raised, why)
    }

    fn replace(&mut self, nonce: u64, offer: Offer, why: Option<&'static str>, now: Duration, out: &mut Vec<Output>) {
        let Some(entry) = self.nonces.in_flight().find(|entry| entry.nonce == nonce) else { return };
        let ceiling = if why.is_some() { self.fee_cap.saturating_mul(CANCEL_FACTOR) } else { self.fee_cap };
        // Above the last ceiling there is nothing to do but wait for a cheaper chain; the bytes are offered meanwhile.
        if entry.variants.len() >= ALL_VARIANTS_MAX || offer.max_fee > ceiling {
            return;
        }
        let raw = &entry.newest().raw;
        let signed = match why {
            Some(_) => cancelled(raw, offer, self.signer.as_ref()),
            None => replaced(raw, offer, self.signer.as_ref()),
        };
        let Some((hash, raw)) = signed else { return };
        let actions = entry.actions.clone();
        tracing::debug!(target: "latchkey::lane", nonce, max_fee = offer.max_fee, why, "replaced");
        out.push(Output::Record(Record::Signed { nonce, hash, raw: raw.clone(), actions }));
        let offer = Offer::read(&raw);
        self.nonces.replace(nonce, Variant { hash, raw }, offer, why, now);
    }
}
