//! One bot among many, and the figures of all of them.

use std::fmt;
use std::time::Duration;

use alloy::primitives::keccak256;
use alloy::signers::local::PrivateKeySigner;
use latchkey::{Chain, Phase};
use latchkey_game::onchain::setup::{Keeper, Place, Run, RunOptions, SetupError, prepare_at};
use latchkey_game::rules::Rules;

use crate::cli::args::BotArgs;
use crate::cli::pace::Pace;

/// Longest wait for the engine's threads once nothing is unconfirmed.
const STOP_DEADLINE: Duration = Duration::from_millis(200);

/// Key of the account of bot `number`, derived from the owner's: the next run finds the same accounts with what is
/// left in them, and nobody without the owner's key can.
pub(super) fn account_key(owner: &PrivateKeySigner, number: u8) -> PrivateKeySigner {
    let secret = owner.to_bytes();
    let mut turn = 0_u8;
    loop {
        let hash = keccak256([b"latchkey bot account", secret.as_slice(), &[number, turn]].concat());
        // One hash in 2^128 is no key.
        match PrivateKeySigner::from_bytes(&hash) {
            Ok(key) => return key,
            Err(_) => turn = turn.wrapping_add(1),
        }
    }
}

pub(super) struct Mate {
    chain: Chain<Rules>,
    keeper: Keeper,
    pace: Pace,
}

/// How one bot's session ended.
pub(super) struct End {
    differences: Vec<String>,
    still_live: Option<String>,
}

impl Mate {
    /// Grants and starts the session of one bot; sessions that a killed run left behind are revoked first.
    pub(super) fn join(
        place: &Place,
        options: &RunOptions,
        account: PrivateKeySigner,
        args: &BotArgs,
        number: u64,
    ) -> anyhow::Result<Self> {
        let prepared = prepare_at(place, &RunOptions { owner: Some(account), ..options.clone() })?;
        let owner = prepared.owner();
        let failed = |error| SetupError::from_owner("revoke what an earlier run left", error);
        if !owner.sessions().map_err(failed)?.is_empty() {
            owner.revoke_all().map_err(failed)?;
        }
        let Run { chain, keeper } = prepared.start()?;
        Ok(Self { chain, keeper, pace: Pace::new(args.seed.wrapping_add(number), args.actions_per_second) })
    }

    pub(super) fn step(&mut self) {
        self.chain.drain();
        if !self.is_lost() {
            self.pace.step(&mut self.chain);
        }
    }

    pub(super) fn drain(&mut self) {
        self.chain.drain();
    }

    pub(super) fn is_lost(&self) -> bool {
        matches!(self.chain.status().phase, Phase::Draining(_) | Phase::Stopped)
    }

    pub(super) fn is_settled(&self) -> bool {
        self.chain.status().actions.unresolved == 0
    }

    pub(super) fn head(&self) -> u64 {
        self.chain.status().head_number
    }

    /// Compares with the chain, stops the engine and revokes. Blocks.
    pub(super) fn part(self) -> End {
        let world = self.chain.confirmed().clone();
        let differences = match self.keeper.truth() {
            Ok(truth) => truth.differences(&world),
            Err(error) => vec![format!("could not be compared: {error}")],
        };
        self.chain.shutdown(STOP_DEADLINE);
        End { differences, still_live: self.keeper.revoke().err().map(|live| live.to_string()) }
    }
}

/// The figures of all bots together.
#[derive(Debug, Default)]
pub(super) struct Totals {
    bots: usize,
    lost: usize,
    acted: u64,
    confirmed: u64,
    rejected: u64,
    expired: u64,
    unresolved: u64,
    rollbacks: u64,
    transactions: u64,
    refused: u64,
    kills: u64,
    deaths: u64,
    block: u64,
    equal: usize,
    revoked: usize,
    complaints: Vec<String>,
}

impl Totals {
    pub(super) fn of(mates: &[Mate]) -> Self {
        let mut totals = Self { bots: mates.len(), ..Self::default() };
        for mate in mates {
            let (status, hero) = (mate.chain.status(), mate.chain.confirmed().hero());
            totals.lost += usize::from(mate.is_lost());
            totals.acted += status.actions.acted;
            totals.confirmed += status.actions.confirmed;
            totals.rejected += status.actions.rejected;
            totals.expired += status.actions.expired;
            totals.unresolved += status.actions.unresolved;
            totals.rollbacks += status.rollbacks;
            totals.transactions += status.transactions.sent;
            totals.refused += mate.pace.refused;
            totals.kills += u64::from(hero.kills);
            totals.deaths += u64::from(hero.deaths);
            totals.block = totals.block.max(status.head_number);
        }
        totals
    }

    /// Takes in how one bot ended; none when its thread died.
    pub(super) fn add_end(&mut self, end: Option<End>) {
        let Some(End { differences, still_live }) = end else {
            self.complaints.push("a thread ended without a result".to_owned());
            return;
        };
        self.equal += usize::from(differences.is_empty());
        self.revoked += usize::from(still_live.is_none());
        self.complaints.extend(differences.into_iter().chain(still_live));
    }

    pub(super) fn line(&self, elapsed: Duration) -> String {
        format!(
            "{:>4} s  block {}  {} bots  acted {}  confirmed {}  rejected {}  waiting {}  rolled back {}  tx {}  kills {}",
            elapsed.as_secs(),
            self.block,
            self.bots - self.lost,
            self.acted,
            self.confirmed,
            self.rejected,
            self.unresolved,
            self.rollbacks,
            self.transactions,
            self.kills
        )
    }

    /// Whether everybody ended well; what is unconfirmed after Ctrl-C may still change the chain.
    pub(super) fn verdict(&self, interrupted: bool) -> Result<(), String> {
        if self.revoked < self.bots {
            return Err(self.complaints.join("; "));
        }
        if self.lost > 0 {
            return Err(format!("{} of {} sessions were lost during the run", self.lost, self.bots));
        }
        if self.equal < self.bots && self.unresolved == 0 && !interrupted {
            return Err(format!("worlds differ from the chain's: {}", self.complaints.join("; ")));
        }
        Ok(())
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { bots, acted, confirmed, rejected, expired, unresolved, .. } = self;
        writeln!(f, "bots          {bots}, {} kills, {} deaths", self.kills, self.deaths)?;
        writeln!(
            f,
            "actions       {acted} acted: {confirmed} confirmed, {rejected} rejected, {expired} expired, {unresolved} unresolved; {} refused at the door",
            self.refused
        )?;
        writeln!(f, "transactions  {} sent; {} rollbacks", self.transactions, self.rollbacks)?;
        writeln!(f, "sessions      {} of {bots} revoked", self.revoked)?;
        write!(f, "states        {} of {bots} equal to the chain's", self.equal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_follow_from_the_owner_and_differ() {
        let [one, two, ..] = latchkey::devnet::dev_accounts();
        assert_eq!(account_key(&one, 3).address(), account_key(&one, 3).address());
        assert_ne!(account_key(&one, 3).address(), account_key(&one, 4).address());
        assert_ne!(account_key(&one, 3).address(), account_key(&two, 3).address());
    }
}
