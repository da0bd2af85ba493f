//! A run without a window: the bot plays through the same engine, then the figures.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use latchkey::{ActError, Chain, Outcome, Phase};
use latchkey_game::bot::Bot;
use latchkey_game::onchain::setup::{Keeper, Run, StillLive, prepare};
use latchkey_game::rules::{Rules, World};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use crate::cli::args::PlayArgs;
use crate::cli::failure::Failure;
use crate::cli::interrupt::Interrupt;
use crate::cli::progress::Progress;
use crate::cli::report::{ReportFile, RunEnd, RunReport};
use crate::cli::{ended, run_options};

/// Time between two looks at the chain: a game's frame at 60 Hz.
const FRAME: Duration = Duration::from_nanos(1_000_000_000 / 60);
/// Longest wait for what is unconfirmed when the time is up: two slow blocks.
const DRAIN_DEADLINE: Duration = Duration::from_secs(30);
/// The same after Ctrl-C: one block of a second and a little.
const DRAIN_INTERRUPTED: Duration = Duration::from_millis(1_100);
/// Time from Ctrl-C to the end of the wait for the revocation; it leaves room for the rest of the promised 2 s.
const INTERRUPTED_DEADLINE: Duration = Duration::from_millis(1_850);
/// Longest wait for the engine's thread to end once nothing is unconfirmed.
const STOP_DEADLINE: Duration = Duration::from_millis(50);

/// Longest time that the bot, having found nothing to do, takes to notice that there is something.
///
/// Monsters return on whole seconds, as blocks do: without it the bot would act in step with the blocks, always
/// just after one, and measure a latency that no person meets.
const REACTION_MAX: Duration = Duration::from_millis(1_250);

/// Plays for the time that the arguments say, or until Ctrl-C.
///
/// # Errors
/// When the run cannot begin, the session is lost, or the client's state differs from the chain's.
pub(crate) fn play(args: &PlayArgs) -> anyhow::Result<ExitCode> {
    let report_file = args.report.as_deref().map(ReportFile::claim).transpose()?;
    let options = run_options(args)?;
    let mut interrupt = Interrupt::install()?;
    let mut progress = Progress::new(args.quiet);

    let prepared = prepare(&options)?;
    progress.note(&format!("account {} on {}; the session:", prepared.account(), prepared.endpoint_label()));
    for line in prepared.policy().describe() {
        progress.note(&format!("  {line}"));
    }
    progress.note(&format!("  {}", prepared.policy().largest_loss()));
    let Run { mut chain, keeper } = prepared.start()?;

    let mut player = Player::new(args);
    let begun = Instant::now();
    let lost = player.play(&mut chain, begun + args.headless_length(), &mut interrupt, &mut progress);
    let played_until = Instant::now();
    let interrupted = interrupt.asked();

    progress.clear();
    let world = drain(&mut chain, &keeper, interrupted);
    let figures = chain.shutdown(STOP_DEADLINE);
    let spent = keeper.spent().ok().flatten();
    let differences = keeper.truth().map(|truth| truth.differences(&world));
    let revoked = match interrupted {
        true => keeper.revoke_within(INTERRUPTED_DEADLINE.saturating_sub(played_until.elapsed())),
        false => keeper.revoke(),
    };

    let seconds = (played_until - begun).as_secs_f64();
    let ending = RunEnd { seconds, interrupted, refused: player.refused, spent, revoked: revoked.is_ok() };
    let report = RunReport::new(&figures, keeper.block_time(), &world, differences.ok(), ending);
    if !args.quiet {
        println!("{report}");
    }
    if let Some(file) = report_file {
        file.write(&report)?;
    }
    verdict(&report, lost, revoked)?;
    Ok(ended(interrupted))
}

fn verdict(report: &RunReport, lost: Option<String>, revoked: Result<(), StillLive>) -> anyhow::Result<()> {
    if let Some(reason) = lost {
        return Err(Failure::run(format!("the session was lost: {reason}. Start a new run to grant a new one.")));
    }
    match revoked {
        // There was no time to wait for it; that is what Ctrl-C asked for.
        Err(live) if report.interrupted => eprintln!("warning: {live}"),
        Err(live) => return Err(Failure::run(live)),
        Ok(()) => (),
    }
    if report.actions.unresolved > 0 && !report.interrupted {
        return Err(Failure::run(format!(
            "{} actions have no end after {} s: the endpoint does not answer or mines no blocks. \
             The chain may yet carry them out; look at it before the next run.",
            report.actions.unresolved,
            DRAIN_DEADLINE.as_secs()
        )));
    }
    // What is unconfirmed may still change the chain, so that only a complete run can be compared.
    if report.state_matches_chain == Some(false) && report.actions.unresolved == 0 {
        return Err(Failure::run(format!(
            "the client's state differs from the chain's: {}. Please report this with the JSON report.",
            report.state_differences.join("; ")
        )));
    }
    Ok(())
}

/// Takes in outcomes until every action has ended, then gives the confirmed world.
fn drain(chain: &mut Chain<Rules>, keeper: &Keeper, interrupted: bool) -> World {
    let deadline = Instant::now() + if interrupted { DRAIN_INTERRUPTED } else { DRAIN_DEADLINE };
    let (_never, wait) = std::sync::mpsc::sync_channel::<()>(1);
    loop {
        chain.drain();
        if chain.status().actions.unresolved == 0 || Instant::now() >= deadline {
            return chain.confirmed().clone();
        }
        if interrupted {
            keeper.hurry();
        }
        let _ = wait.recv_timeout(FRAME);
    }
}

/// The bot at its pace.
struct Player {
    bot: Bot,
    rng: Xoshiro256PlusPlus,
    pause: Duration,
    refused: u64,
}

impl Player {
    fn new(args: &PlayArgs) -> Self {
        let pause = Duration::from_secs(1) / args.actions_per_second;
        Self { bot: Bot::new(args.seed), rng: Xoshiro256PlusPlus::seed_from_u64(args.seed), pause, refused: 0 }
    }

    /// Plays until `end` or Ctrl-C; gives the reason when the session is lost before.
    fn play(
        &mut self,
        chain: &mut Chain<Rules>,
        end: Instant,
        interrupt: &mut Interrupt,
        progress: &mut Progress,
    ) -> Option<String> {
        let begun = Instant::now();
        let (mut frame, mut turn) = (begun, begun);
        while frame < end && !interrupt.wait_until(frame) {
            frame += FRAME;
            for outcome in chain.drain() {
                note(&outcome, progress);
            }
            if matches!(chain.status().phase, Phase::Draining(_) | Phase::Stopped) {
                let reason = chain.status().last_error.clone();
                return Some(reason.unwrap_or_else(|| "the contract takes nothing more from it".to_owned()));
            }
            let now = Instant::now();
            if now >= turn {
                // A late frame is no reason to hurry after lost turns.
                turn = (turn + self.pause).max(now);
                if !self.act(chain) {
                    turn = now + self.rng.random_range(self.pause..REACTION_MAX);
                }
            }
            progress.tick(|| line(begun.elapsed(), chain));
        }
        None
    }

    /// Takes a turn; false when there is nothing to do.
    fn act(&mut self, chain: &mut Chain<Rules>) -> bool {
        let Some(action) = self.bot.next(chain.predicted(), chain.now()) else { return false };
        if let Err(error) = chain.act(action) {
            self.refused += 1;
            match error {
                // Expected when the chain is slow: the next turn tries again.
                ActError::Full(_) => tracing::debug!("{error}"),
                _ => tracing::warn!("{error}"),
            }
        }
        true
    }
}

fn note(outcome: &Outcome<Rules>, progress: &mut Progress) {
    match outcome {
        Outcome::Rejected { id, action, reason } => progress.note(&format!("{id} {action:?} rejected: {reason}")),
        Outcome::Expired { id, action } => progress.note(&format!("{id} {action:?} expired")),
        Outcome::Phase(phase) => progress.note(&format!("the chain is {phase:?}")),
        _ => (),
    }
}

fn line(elapsed: Duration, chain: &Chain<Rules>) -> String {
    let status = chain.status();
    let (actions, hero) = (&status.actions, chain.predicted().hero());
    format!(
        "{:>4} s  block {}  acted {}  confirmed {}  waiting {}  rolled back {}  tx {}  level {}  kills {}",
        elapsed.as_secs(),
        status.head_number,
        actions.acted,
        actions.confirmed,
        actions.unresolved,
        status.rollbacks,
        status.transactions.sent,
        hero.level,
        hero.kills
    )
}
