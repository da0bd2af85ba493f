//! A run without a window: the bot plays through the same engine, then the figures.

use std::process::ExitCode;
use std::sync::mpsc::TryRecvError;
use std::time::{Duration, Instant};

use latchkey::{Chain, Outcome, Phase};
use latchkey_game::onchain::setup::{Keeper, Prepared, Run, StillLive, prepare};
use latchkey_game::rules::{Rules, World};

use crate::cli::args::PlayArgs;
use crate::cli::failure::Failure;
use crate::cli::interrupt::Interrupt;
use crate::cli::pace::Pace;
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
/// Longest wait after Ctrl-C for a grant on its way, which can then be revoked: one block of a second and a little.
const GRANT_INTERRUPTED: Duration = Duration::from_millis(1_500);
/// Longest wait for the engine's thread to end once nothing is unconfirmed.
const STOP_DEADLINE: Duration = Duration::from_millis(50);

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
    for line in prepared.lines() {
        progress.note(&format!("  {line}"));
    }
    progress.note(&format!("  {}", prepared.policy().largest_loss()));
    let Run { mut chain, keeper } = start(prepared, &mut interrupt)?;

    let mut player = Pace::new(args.seed, args.actions_per_second);
    let begun = Instant::now();
    let lost = play_until(begun + args.headless_length(), &mut player, &mut chain, &mut interrupt, &mut progress);
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

/// Grants and starts, and does not hold Ctrl-C up for longer than a grant usually takes.
fn start(prepared: Prepared, interrupt: &mut Interrupt) -> anyhow::Result<Run> {
    let (account, key) = (prepared.account(), prepared.session_key());
    let (tell, told) = std::sync::mpsc::sync_channel(1);
    let worker = std::thread::Builder::new().name("latchkey-grant".to_owned());
    worker.spawn(move || drop(tell.send(prepared.start()))).map_err(Failure::machine)?;
    while !interrupt.wait_until(Instant::now() + FRAME) {
        match told.try_recv() {
            Ok(started) => return started,
            Err(TryRecvError::Empty) => {}
            Err(TryRecvError::Disconnected) => anyhow::bail!("the granting thread ended without a result"),
        }
    }
    told.recv_timeout(GRANT_INTERRUPTED).unwrap_or_else(|_| {
        Err(Failure::interrupted(format!(
            "left while the grant was on its way. If the chain still takes it, {key} is a session of {account}, and \
             nobody has its key any more; to be sure, call `latchkey sessions revoke {key}` with the owner's key."
        )))
    })
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

/// Plays until `end` or Ctrl-C; gives the reason when the session is lost before.
fn play_until(
    end: Instant,
    player: &mut Pace,
    chain: &mut Chain<Rules>,
    interrupt: &mut Interrupt,
    progress: &mut Progress,
) -> Option<String> {
    let begun = Instant::now();
    let mut frame = begun;
    while frame < end && !interrupt.wait_until(frame) {
        frame += FRAME;
        for outcome in chain.drain() {
            note(&outcome, progress);
        }
        if matches!(chain.status().phase, Phase::Draining(_) | Phase::Stopped) {
            let reason = chain.status().last_error.clone();
            return Some(reason.unwrap_or_else(|| "the contract takes nothing more from it".to_owned()));
        }
        player.step(chain);
        progress.tick(|| line(begun.elapsed(), chain));
    }
    None
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
