//! The figures of a run: as JSON for tools, as a summary for people.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use latchkey_game::onchain::setup::{Spent, whole};
use latchkey_game::rules::World;
use serde::Serialize;

use crate::cli::failure::Failure;

/// Everything that a finished run has to say.
#[derive(Debug, Serialize)]
pub(crate) struct RunReport {
    pub(crate) chain: ChainFigures,
    pub(crate) session: SessionFigures,
    pub(crate) actions: ActionFigures,
    pub(crate) transactions: TransactionFigures,
    /// From `act` to the block that holds it, in milliseconds.
    pub(crate) act_to_confirmed_ms: Latency,
    /// How long `act` held up the caller, in microseconds.
    pub(crate) act_call_us: CallTime,
    pub(crate) rpc_requests: u64,
    pub(crate) gas: GasFigures,
    pub(crate) rollbacks: u64,
    /// How long the bot played, in seconds.
    pub(crate) seconds: f64,
    /// Actions that the engine would not take, because too many were unconfirmed or a limit forbade them.
    pub(crate) refused: u64,
    /// Whether Ctrl-C ended the run.
    pub(crate) interrupted: bool,
    pub(crate) hero: HeroFigures,
    /// What the session spent of its caps, as the contract tells; none when it could not be read.
    pub(crate) spent: Option<SpentFigures>,
    /// Whether monsters and hero, read from the contract afterwards, equal the client's confirmed state;
    /// none when they could not be read.
    pub(crate) state_matches_chain: Option<bool>,
    /// What differs, in words.
    pub(crate) state_differences: Vec<String>,
    /// Whether the revocation stands in a block.
    pub(crate) session_revoked: bool,
}

#[derive(Debug, Serialize)]
pub(crate) struct ChainFigures {
    pub(crate) client: String,
    pub(crate) block_time_ms: u64,
    /// Blocks that came during the run.
    pub(crate) blocks: u64,
}

#[derive(Debug, Serialize)]
pub(crate) struct SessionFigures {
    pub(crate) account: String,
    pub(crate) key: String,
    pub(crate) tx_limit: u16,
    pub(crate) tx_period_s: u32,
    pub(crate) max_actions_per_tx: u8,
}

#[derive(Debug, Serialize)]
pub(crate) struct ActionFigures {
    pub(crate) acted: u64,
    pub(crate) confirmed: u64,
    pub(crate) rejected: u64,
    pub(crate) expired: u64,
    /// Left the prediction early; counted under their end as well.
    pub(crate) conflicted: u64,
    pub(crate) unresolved: u64,
}

#[derive(Debug, Serialize)]
pub(crate) struct TransactionFigures {
    pub(crate) sent: u64,
    pub(crate) confirmed: u64,
    pub(crate) reverted: u64,
    pub(crate) rate_limited: u64,
}

#[derive(Debug, Serialize)]
pub(crate) struct Latency {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) max: f64,
}

#[derive(Debug, Serialize)]
pub(crate) struct CallTime {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

#[derive(Debug, Serialize)]
pub(crate) struct GasFigures {
    pub(crate) total: u64,
    pub(crate) per_action: u64,
}

#[derive(Debug, Serialize)]
pub(crate) struct HeroFigures {
    pub(crate) level: u16,
    pub(crate) kills: u32,
    pub(crate) deaths: u16,
    pub(crate) gold: u64,
}

/// Amounts in whole units.
#[derive(Debug, Serialize)]
pub(crate) struct SpentFigures {
    pub(crate) native: String,
    pub(crate) native_total: String,
    pub(crate) gold: String,
    pub(crate) gold_total: String,
}

impl From<Spent> for SpentFigures {
    fn from(spent: Spent) -> Self {
        let Spent { native, native_total, gold, gold_total } = spent;
        let [native, native_total, gold, gold_total] = [native, native_total, gold, gold_total].map(whole);
        Self { native, native_total, gold, gold_total }
    }
}

/// How a run ended, beside what the engine counted.
#[derive(Clone, Debug)]
pub(crate) struct RunEnd {
    pub(crate) seconds: f64,
    pub(crate) interrupted: bool,
    pub(crate) refused: u64,
    pub(crate) spent: Option<Spent>,
    pub(crate) revoked: bool,
}

impl RunReport {
    /// The figures of a run that ended with `world` confirmed; `differences` from the chain's own state, where that
    /// could be read.
    pub(crate) fn new(
        figures: &latchkey::Report,
        block_time: Duration,
        world: &World,
        differences: Option<Vec<String>>,
        ending: RunEnd,
    ) -> Self {
        let status = &figures.status;
        let (session, actions, transactions) = (&status.session, &status.actions, &status.transactions);
        let (latency, calls, hero) = (&figures.act_to_confirmed_ms, &figures.act_call_us, world.hero());
        Self {
            chain: ChainFigures {
                client: status.client.clone(),
                block_time_ms: u64::try_from(block_time.as_millis()).unwrap_or(u64::MAX),
                blocks: status.blocks,
            },
            session: SessionFigures {
                account: session.account.to_string(),
                key: session.key.to_string(),
                tx_limit: session.tx_limit,
                tx_period_s: session.tx_period_s,
                max_actions_per_tx: session.max_actions_per_tx,
            },
            actions: ActionFigures {
                acted: actions.acted,
                confirmed: actions.confirmed,
                rejected: actions.rejected,
                expired: actions.expired,
                conflicted: actions.conflicted,
                unresolved: actions.unresolved,
            },
            transactions: TransactionFigures {
                sent: transactions.sent,
                confirmed: transactions.confirmed,
                reverted: transactions.reverted,
                rate_limited: transactions.rate_limited,
            },
            act_to_confirmed_ms: Latency { p50: latency.p50, p99: latency.p99, max: latency.max },
            act_call_us: CallTime { p50: calls.p50, p99: calls.p99 },
            rpc_requests: status.rpc_requests,
            gas: GasFigures { total: status.gas_total, per_action: status.gas_per_action() },
            rollbacks: status.rollbacks,
            seconds: ending.seconds,
            refused: ending.refused,
            interrupted: ending.interrupted,
            hero: HeroFigures {
                level: hero.level,
                kills: hero.kills,
                deaths: hero.deaths,
                gold: world.player.whole_gold(),
            },
            spent: ending.spent.map(SpentFigures::from),
            state_matches_chain: differences.as_ref().map(Vec::is_empty),
            state_differences: differences.unwrap_or_default(),
            session_revoked: ending.revoked,
        }
    }
}

impl fmt::Display for RunReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { chain, session, actions, transactions, hero, .. } = self;
        writeln!(
            f,
            "played        {:.1} s, {} blocks of {} ms on {}",
            self.seconds, chain.blocks, chain.block_time_ms, chain.client
        )?;
        writeln!(
            f,
            "session       {} tx per {} s, {} actions per tx, {}",
            session.tx_limit,
            session.tx_period_s,
            session.max_actions_per_tx,
            if self.session_revoked { "revoked" } else { "NOT revoked" }
        )?;
        writeln!(
            f,
            "actions       {} acted: {} confirmed, {} rejected, {} expired, {} conflicted, {} unresolved",
            actions.acted, actions.confirmed, actions.rejected, actions.expired, actions.conflicted, actions.unresolved
        )?;
        writeln!(
            f,
            "transactions  {} sent: {} confirmed, {} reverted, {} rate limited; {} RPC requests",
            transactions.sent,
            transactions.confirmed,
            transactions.reverted,
            transactions.rate_limited,
            self.rpc_requests
        )?;
        let latency = &self.act_to_confirmed_ms;
        writeln!(
            f,
            "latency       act to confirmed p50 {:.0} ms, p99 {:.0} ms, max {:.0} ms; act call p99 {:.1} us",
            latency.p50, latency.p99, latency.max, self.act_call_us.p99
        )?;
        writeln!(
            f,
            "gas           {} in total, {} per action; {} rollbacks",
            self.gas.total, self.gas.per_action, self.rollbacks
        )?;
        writeln!(
            f,
            "hero          level {}, {} kills, {} deaths, {} Gold",
            hero.level, hero.kills, hero.deaths, hero.gold
        )?;
        if let Some(SpentFigures { native, native_total, gold, gold_total }) = &self.spent {
            writeln!(f, "caps used     {native} of {native_total} native coin, {gold} of {gold_total} Gold")?;
        }
        match self.state_matches_chain {
            Some(true) => write!(f, "state         equal to the chain's"),
            Some(false) => write!(f, "state         DIFFERS from the chain's: {}", self.state_differences.join("; ")),
            None => write!(f, "state         not compared with the chain's"),
        }
    }
}

/// A place for the report, tried before the run so that no minute is played for nothing.
#[derive(Debug)]
pub(crate) struct ReportFile {
    path: PathBuf,
    draft: PathBuf,
}

impl ReportFile {
    /// Makes sure that a report can be written to `path`.
    ///
    /// # Errors
    /// When it is a folder, or nothing can be written beside it.
    pub(crate) fn claim(path: &Path) -> anyhow::Result<Self> {
        let refuse = |error: io::Error| {
            Failure::machine(format!(
                "cannot write the report to {}: {error}. Give --report a path in a folder that exists and is writable.",
                path.display()
            ))
        };
        let Some(name) = path.file_name().filter(|_| !path.is_dir()) else {
            return Err(refuse(io::ErrorKind::IsADirectory.into()));
        };
        let mut draft = name.to_owned();
        draft.push(format!(".{}.tmp", std::process::id()));
        let file = Self { path: path.to_owned(), draft: path.with_file_name(draft) };
        File::create(&file.draft).map_err(refuse)?;
        Ok(file)
    }

    /// Writes the report in one step: whoever reads the path sees all of it or nothing.
    ///
    /// # Errors
    /// When the disk is full or the folder has gone since.
    pub(crate) fn write(self, report: &RunReport) -> anyhow::Result<()> {
        let mut text = serde_json::to_vec_pretty(report)?;
        text.push(b'\n');
        let written = File::create(&self.draft)
            .and_then(|mut file| file.write_all(&text).and_then(|()| file.sync_all()))
            .and_then(|()| fs::rename(&self.draft, &self.path));
        written.map_err(|error| {
            Failure::machine(format!(
                "cannot write the report to {}: {error}. The summary above holds the same figures.",
                self.path.display()
            ))
        })
    }
}

impl Drop for ReportFile {
    fn drop(&mut self) {
        // Gone already when the report was written.
        drop(fs::remove_file(&self.draft));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_cannot_be_written_is_refused_before_the_run() {
        for path in ["/", "/no/such/folder/report.json", ""] {
            let error = ReportFile::claim(Path::new(path)).unwrap_err();
            assert!(error.to_string().contains("--report"), "{path}: {error}");
        }
    }

    #[test]
    fn a_claim_leaves_nothing_behind() {
        let path = std::env::temp_dir().join(format!("latchkey-claim-{}.json", std::process::id()));
        let claim = ReportFile::claim(&path).unwrap();
        let draft = claim.draft.clone();
        assert!(draft.exists());
        drop(claim);
        assert!(!draft.exists() && !path.exists());
    }
}
