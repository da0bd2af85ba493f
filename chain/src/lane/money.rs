//! The session key's native coin: watched by what is spent, asked for when it runs short.

use std::time::Duration;

use super::{DegradedReason, Lane, Output, Question, Update};

/// Pause between two questions to the endpoint while actions wait for coin.
const ASK_PAUSE: Duration = Duration::from_secs(2);

/// The same while none waits, so that a top-up is noticed before the next action: nobody is held up meanwhile.
const IDLE_ASK_PAUSE: Duration = Duration::from_secs(5);

/// What is known of it.
#[derive(Debug, Default)]
pub(super) struct Money {
    /// In wei, as of the latest block; `None` while nobody has said.
    pub(super) balance: Option<u128>,
    asked: Option<Duration>,
    /// What the latest batch may cost that could not be paid for, in wei.
    needed: u128,
    /// The next batch waits for a receipt or for more coin.
    pub(super) short: bool,
}

impl Lane {
    /// True when the coin pays for one more transaction beside those in flight. When it does not even pay for one
    /// alone, that is told, and the endpoint is asked from time to time whether it has become more.
    pub(super) fn can_pay(&mut self, gas_limit: u64, alone: bool, out: &mut Vec<Output>) -> bool {
        let Some(balance) = self.money.balance else { return true };
        let needed = u128::from(gas_limit).saturating_mul(self.max_fee());
        let left = balance.saturating_sub(self.nonces.reserved());
        self.money.short = needed > left;
        if !self.money.short {
            self.health.note(DegradedReason::GasMoney, false);
            return true;
        }
        if alone {
            self.money.needed = needed;
            self.out_of_money(left, needed, out);
        }
        false
    }

    /// Takes in that the endpoint finds the coin too little for what is in flight.
    pub(super) fn out_of_money(&mut self, left: u128, needed: u128, out: &mut Vec<Output>) {
        if !self.health.is(DegradedReason::GasMoney) {
            self.health.note(DegradedReason::GasMoney, true);
            out.push(Output::Update(Update::GasMoney { left, needed }));
        }
    }

    /// Asks now and then whether it has become more, while it does not suffice.
    pub(super) fn ask_for_money(&mut self, now: Duration, out: &mut Vec<Output>) {
        if self.health.is(DegradedReason::GasMoney) && self.ask_at().is_none_or(|at| now >= at) {
            self.money.asked = Some(now);
            out.push(Output::Ask(Question::Balance));
        }
    }

    /// Takes in what the endpoint says of it.
    pub(super) fn balance(&mut self, balance: u128) {
        (self.money.balance, self.money.short) = (Some(balance), false);
        // While something waits to be signed, its own cost decides.
        if self.batcher.is_empty() && balance >= self.nonces.reserved().saturating_add(self.money.needed.max(1)) {
            self.health.note(DegradedReason::GasMoney, false);
        }
    }

    /// Takes in what a mined transaction has cost: at most what it offered, and mostly a little more than it paid.
    pub(super) fn spent(&mut self, gas_used: u64, max_fee: u128) {
        let price = max_fee.min(self.fees.base_fee.saturating_add(self.fees.priority_fee));
        if let Some(balance) = &mut self.money.balance {
            *balance = balance.saturating_sub(u128::from(gas_used).saturating_mul(price));
        }
    }

    /// Time of the next question, while there is one.
    pub(super) fn ask_at(&self) -> Option<Duration> {
        let pause = if self.batcher.is_empty() { IDLE_ASK_PAUSE } else { ASK_PAUSE };
        self.money.asked.filter(|_| self.health.is(DegradedReason::GasMoney)).map(|asked| asked + pause)
    }
}
