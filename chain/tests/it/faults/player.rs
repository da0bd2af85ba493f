//! A client in a process of its own, so that it can be killed.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use alloy::primitives::{Address, B256};
use latchkey::{ActError, Chain, Endpoint, Outcome, StartError};

use crate::faults::marks::{Kind, Mark, Marks, Tally};
use crate::faults::world::{Via, World, session};

/// Name of the test that is the player when it is told to be.
const ENTRY: &str = "faults::player::the_process_that_plays";

/// What it is told, separated by spaces: endpoint, account, journal, first mark, last mark, linger in
/// milliseconds.
const TOLD: &str = "LATCHKEY_PLAYER";

/// What its own lines begin with; the test harness prints too.
const SAYS: &str = "player: ";

/// Lines that may wait to be read.
const LINES: usize = 65_536;

/// Pause of the player between two frames; it acts once in each.
const FRAME: Duration = Duration::from_millis(3);

/// Pause before it tries to start again.
const AGAIN: Duration = Duration::from_millis(50);

/// The player as its parent sees it.
pub(super) struct Player {
    child: Child,
    lines: Receiver<String>,
    journal: PathBuf,
    last: u64,
    linger_ms: u64,
    heard: Instant,
    /// Highest mark that was acted.
    acted: u64,
    /// Marks acted by the process that lives.
    pub(super) fresh: BTreeSet<u64>,
    /// How the marks of all processes ended, as told last.
    pub(super) ends: BTreeMap<u64, String>,
    pub(super) done: Option<Tally>,
    pub(super) earlier: u64,
    reopened: u64,
    starts: u64,
}

impl Player {
    /// Starts a process that notes the marks from 1 to `last`.
    pub(super) fn start(world: &World, last: u64, linger_ms: u64, via: Via) -> Self {
        static RUNS: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let run = RUNS.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let journal = std::env::temp_dir().join(format!("latchkey-random-{}-{run}", std::process::id()));
        // It is there only when a process of the same number has left it.
        let _ = std::fs::remove_dir_all(&journal);
        let (child, lines) = spawn(world, &journal, 1..=last, linger_ms, via);
        Self {
            child,
            lines,
            journal,
            last,
            linger_ms,
            heard: Instant::now(),
            acted: 0,
            fresh: BTreeSet::new(),
            ends: BTreeMap::new(),
            done: None,
            earlier: 0,
            reopened: 0,
            starts: 1,
        }
    }

    /// Ends it as the system ends a process, `kill -9`.
    pub(super) fn kill(&mut self) {
        self.child.kill().expect("it is ours to kill");
        self.child.wait().expect("it has ended");
        // What it had said before is still in the pipe.
        while let Ok(line) = self.lines.recv() {
            self.take(&line);
        }
        self.fresh.clear();
    }

    /// Starts another process, which goes on with the next mark.
    pub(super) fn restart(&mut self, world: &World, via: Via) {
        (self.child, self.lines) = spawn(world, &self.journal, self.acted + 1..=self.last, self.linger_ms, via);
        self.starts += 1;
    }

    /// Takes in what it says within `time`.
    pub(super) fn listen(&mut self, time: Duration) {
        let end = Instant::now() + time;
        loop {
            match self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) => self.take(&line),
                Err(RecvTimeoutError::Timeout) => return,
                Err(RecvTimeoutError::Disconnected) if self.done.is_some() => return,
                Err(RecvTimeoutError::Disconnected) => panic!("the player has ended by itself: {}", self.story()),
            }
        }
    }

    fn take(&mut self, line: &str) {
        let Some((_, said)) = line.split_once(SAYS) else { return };
        let mut words = said.split(' ');
        let word = words.next().unwrap_or_default();
        if word == "done" {
            let (count, digest, holes) = (words.next(), words.next(), words.next());
            let number = |text: Option<&str>| text.and_then(|text| text.parse().ok()).expect("a number");
            let digest: B256 = digest.and_then(|text| text.parse().ok()).expect("a digest");
            self.done = Some(Tally { count: number(count), digest, holes: number(holes) });
            return;
        }
        if word == "earlier" {
            self.earlier += 1;
            return;
        }
        let mark: u64 = words.next().and_then(|mark| mark.parse().ok()).unwrap_or_else(|| panic!("{line}"));
        self.heard = Instant::now();
        match word {
            "acted" => {
                assert_eq!(mark, self.acted + 1, "marks are acted in order");
                self.acted = mark;
                self.fresh.insert(mark);
            }
            "reopened" => {
                self.reopened += 1;
                self.ends.remove(&mark);
            }
            _ => {
                let before = self.ends.insert(mark, word.to_owned());
                assert!(before.is_none(), "mark {mark} ended twice: {before:?}, then {word}");
            }
        }
    }

    /// Where its journal is.
    pub(super) fn journal(&self) -> &Path {
        &self.journal
    }

    pub(super) fn acted(&self) -> u64 {
        self.acted
    }

    pub(super) fn has_acted_all(&self) -> bool {
        self.acted == self.last
    }

    pub(super) fn is_done(&self) -> bool {
        self.done.is_some()
    }

    /// True when the process that lives has acted, or has nothing left to act.
    pub(super) fn has_spoken(&self) -> bool {
        !self.fresh.is_empty() || self.has_acted_all()
    }

    /// Time since any of its processes last said something.
    pub(super) fn quiet(&self) -> Duration {
        self.heard.elapsed()
    }

    pub(super) fn story(&self) -> String {
        let confirmed = self.ends.values().filter(|end| *end == "confirmed").count();
        format!(
            "{} acted by {} processes, {confirmed} told as confirmed, {} ends taken back, {} ends of earlier processes",
            self.acted, self.starts, self.reopened, self.earlier
        )
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        // Both fail only when the process is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.journal);
    }
}

fn spawn(
    world: &World,
    journal: &Path,
    marks: RangeInclusive<u64>,
    linger_ms: u64,
    via: Via,
) -> (Child, Receiver<String>) {
    let url = if via == Via::Http { world.proxy.http_url() } else { world.proxy.ws_url() };
    let told = format!("{url} {} {} {} {} {linger_ms}", world.account, journal.display(), marks.start(), marks.end());
    let mut child = Command::new(std::env::current_exe().expect("a test knows its own path"))
        .args(["--exact", ENTRY, "--nocapture"])
        .env(TOLD, told)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a test can start itself");
    let stdout = child.stdout.take().expect("it was asked to be piped");
    let (send, lines) = sync_channel(LINES);
    std::thread::spawn(move || {
        BufReader::new(stdout).lines().map_while(Result::ok).try_for_each(|line| send.send(line))
    });
    (child, lines)
}

/// Does nothing unless it is told to play.
#[test]
fn the_process_that_plays() {
    let Ok(told) = std::env::var(TOLD) else { return };
    let words: Vec<&str> = told.split(' ').collect();
    let &[url, account, journal, first, last, linger_ms] = &words[..] else { panic!("{told}") };
    let number = |text: &str| text.parse::<u64>().expect("a number");
    let linger = Duration::from_millis(number(linger_ms));
    let mut chain = begin(url, account.parse().expect("an address"), journal, linger);
    let (mut next, last) = (number(first), number(last));
    loop {
        if next <= last {
            match chain.act(Mark { number: next, kind: Kind::Plain }) {
                Ok(_) => {
                    println!("{SAYS}acted {next}");
                    next += 1;
                }
                Err(ActError::Full(_)) => {}
                Err(refused) => panic!("{refused}"),
            }
        }
        for outcome in chain.drain() {
            match outcome {
                Outcome::Confirmed { action, .. } => println!("{SAYS}confirmed {}", action.number),
                Outcome::Rejected { action, reason, .. } => println!("{SAYS}rejected:{reason:?} {}", action.number),
                Outcome::Expired { action, .. } => println!("{SAYS}expired {}", action.number),
                Outcome::Earlier { id, ending, .. } => println!("{SAYS}earlier {id} {ending:?}"),
                Outcome::Reopened { action, .. } => println!("{SAYS}reopened {}", action.number),
                _ => {}
            }
        }
        let actions = chain.status().actions;
        if next > last && actions.unresolved + actions.earlier == 0 {
            let Tally { count, digest, holes } = *chain.confirmed();
            println!("{SAYS}done {count} {digest} {holes}");
            return;
        }
        std::thread::park_timeout(FRAME);
    }
}

/// Starts the engine; an endpoint in trouble is tried again.
fn begin(url: &str, account: Address, journal: &str, linger: Duration) -> Chain<Marks> {
    let endpoint = Endpoint::url(url).expect("the proxy's URL");
    loop {
        let poll = Duration::from_millis(10);
        let builder = Chain::builder(Marks).endpoint(endpoint.clone()).session(session(), account).poll(poll);
        match builder.linger(linger).journal(journal).start() {
            Ok(chain) => return chain,
            Err(StartError::Endpoint(_) | StartError::Rpc(_) | StartError::CatchUp(_)) => {
                std::thread::park_timeout(AGAIN);
            }
            Err(refused) => panic!("{refused}"),
        }
    }
}
