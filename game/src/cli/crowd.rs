//! `latchkey bot`: a dungeon full of bots, each with an account and a session of its own.

mod mate;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use alloy::signers::local::PrivateKeySigner;
use latchkey::Owner;
use latchkey::devnet::{Server, dev_accounts};
use latchkey_game::onchain::setup::{
    EMBEDDED_GAS_MONEY, GAS_MONEY, Place, RunOptions, SetupError, check_chain, game_contracts, needs,
};

use crate::cli::args::BotArgs;
use crate::cli::failure::Failure;
use crate::cli::interrupt::Interrupt;
use crate::cli::progress::Progress;
use crate::cli::{ended, owner};
use mate::{Mate, Totals, account_key};

/// Time between two looks at the chains.
const FRAME: Duration = Duration::from_nanos(1_000_000_000 / 60);
/// Longest wait for what is unconfirmed at the end: two slow blocks.
const DRAIN_DEADLINE: Duration = Duration::from_secs(30);
/// Pause between two blocks of the embedded chain while nobody plays on it.
const HURRY_EVERY: Duration = Duration::from_millis(50);

/// Plays until the time is over or Ctrl-C, then revokes every session.
///
/// # Errors
/// When the bots cannot be paid or granted, a session cannot be revoked, or a bot's world differs from the chain's.
pub(crate) fn play(args: &BotArgs) -> anyhow::Result<ExitCode> {
    let options = RunOptions {
        rpc: args.rpc.clone(),
        chain_id: args.chain_id,
        owner: owner::load(&args.owner)?,
        block_time: Duration::from_millis(args.block_time.into()),
        gas_money: Some(args.gas_money.unwrap_or(if args.rpc.is_some() { GAS_MONEY } else { EMBEDDED_GAS_MONEY })),
        ..RunOptions::default()
    };
    let mut interrupt = Interrupt::install()?;
    let mut progress = Progress::new(args.quiet);
    let place = Place::open(&options)?;
    let server = serve(&place, args.port, &mut progress)?;

    let mut mates = Vec::new();
    let joined = join(args, &options, &place, &mut mates, &mut interrupt, &mut progress);
    if joined.is_ok() {
        play_until(args.seconds, &mut mates, &mut interrupt, &mut progress);
    }
    progress.clear();
    let totals = part(mates, &place);
    drop(server);
    joined?;
    if !args.quiet {
        println!("{totals}");
    }
    totals.verdict(interrupt.asked()).map_err(Failure::run)?;
    Ok(ended(interrupt.asked()))
}

fn serve(place: &Place, port: Option<u16>, progress: &mut Progress) -> anyhow::Result<Option<Server>> {
    let Some(port) = port else { return Ok(None) };
    let server = place.serve(port)?;
    if let Some(server) = &server {
        progress.note(&format!("others can join at {} and {}", server.http_url(), server.ws_url()));
    }
    Ok(server)
}

/// Pays and grants one bot after the other's payment; the grants go beside each other. Whoever got a session is in
/// `mates`, also after a failure.
fn join(
    args: &BotArgs,
    options: &RunOptions,
    place: &Place,
    mates: &mut Vec<Mate>,
    interrupt: &mut Interrupt,
    progress: &mut Progress,
) -> anyhow::Result<()> {
    let [first, ..] = dev_accounts();
    let signer = options.owner.clone().unwrap_or(first);
    let accounts: Vec<PrivateKeySigner> = (0..args.players).map(|number| account_key(&signer, number)).collect();
    let _hurry = Hurry::start(place);
    pay(place, options, signer, &accounts, interrupt, progress)?;
    if interrupt.asked() {
        return Ok(());
    }
    progress.note(&format!("granting {} sessions", accounts.len()));
    let granted: Vec<anyhow::Result<Mate>> = std::thread::scope(|scope| {
        let granting = |(number, account)| scope.spawn(move || Mate::join(place, options, account, args, number));
        let threads: Vec<_> = (0_u64..).zip(accounts).map(granting).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err(anyhow::anyhow!("a bot fell")))).collect()
    });
    let mut failure = None;
    for mate in granted {
        match mate {
            Ok(mate) => mates.push(mate),
            Err(error) => failure = Some(error),
        }
    }
    failure.map_or(Ok(()), Err)
}

/// The owner puts the contracts on the chain and tops every bot's account up.
fn pay(
    place: &Place,
    options: &RunOptions,
    signer: PrivateKeySigner,
    accounts: &[PrivateKeySigner],
    interrupt: &mut Interrupt,
    progress: &mut Progress,
) -> anyhow::Result<()> {
    let owner =
        Owner::connect(place.endpoint(), signer).map_err(|error| SetupError::from_owner("look up the owner", error))?;
    check_chain(place.label(), &owner, options.chain_id)?;
    owner
        .ensure_deployed(&game_contracts())
        .map_err(|error| SetupError::from_owner("deploy the game's contracts", error))?;
    let needs = needs(options.gas_money.unwrap_or(GAS_MONEY));
    for (number, account) in accounts.iter().enumerate() {
        if interrupt.wait_until(Instant::now()) {
            return Ok(());
        }
        let failed = |error| SetupError::from_owner("pay a bot", error);
        let has = owner.balance_of(account.address()).map_err(failed)?;
        if let Some(missing) = needs.checked_sub(has).filter(|missing| !missing.is_zero()) {
            progress.note(&format!("paying bot {} of {}: {}", number + 1, accounts.len(), account.address()));
            owner.pay(account.address(), missing).map_err(failed)?;
        }
    }
    Ok(())
}

fn play_until(seconds: Option<u32>, mates: &mut [Mate], interrupt: &mut Interrupt, progress: &mut Progress) {
    let begun = Instant::now();
    let end = seconds.map(|seconds| begun + Duration::from_secs(seconds.into()));
    let mut frame = begun;
    while end.is_none_or(|end| frame < end) && !interrupt.wait_until(frame) {
        frame += FRAME;
        mates.iter_mut().for_each(Mate::step);
        if mates.iter().all(Mate::is_lost) {
            return;
        }
        progress.tick(|| Totals::of(mates).line(begun.elapsed()));
    }
}

/// Waits until nothing is unconfirmed and everybody has seen the same block, then revokes all beside each other.
fn part(mut mates: Vec<Mate>, place: &Place) -> Totals {
    let _hurry = Hurry::start(place);
    let deadline = Instant::now() + DRAIN_DEADLINE;
    let (_never, wait) = std::sync::mpsc::sync_channel::<()>(1);
    while Instant::now() < deadline {
        mates.iter_mut().for_each(Mate::drain);
        if mates.iter().all(Mate::is_settled) {
            break;
        }
        // Nobody ever sends; this only waits.
        let _ = wait.recv_timeout(FRAME);
    }
    let height = mates.iter().map(Mate::head).max().unwrap_or_default();
    while Instant::now() < deadline && mates.iter().any(|mate| mate.head() < height) {
        mates.iter_mut().for_each(Mate::drain);
        let _ = wait.recv_timeout(FRAME);
    }
    let mut totals = Totals::of(&mates);
    std::thread::scope(|scope| {
        let parting: Vec<_> = mates.into_iter().map(|mate| scope.spawn(move || mate.part())).collect();
        for thread in parting {
            totals.add_end(thread.join().ok());
        }
    });
    totals
}

/// Mines the embedded chain quickly while it lives, so that beginning and end need not wait for block times.
struct Hurry {
    stop: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Hurry {
    fn start(place: &Place) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (place, stopped) = (place.clone(), stop.clone());
        let work = move || {
            while !stopped.load(Ordering::Relaxed) {
                place.hurry();
                std::thread::park_timeout(HURRY_EVERY);
            }
        };
        // Without the thread everything merely takes its time.
        let thread = std::thread::Builder::new().name("latchkey-hurry".to_owned()).spawn(work).ok();
        Self { stop, thread }
    }
}

impl Drop for Hurry {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A panic of the thread was reported when it happened.
            drop(thread.join());
        }
    }
}
