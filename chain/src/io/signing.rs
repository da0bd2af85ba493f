//! A signing thread: drives the [`Lane`]s of its sessions with the wall clock, the games' actions and the network's
//! events.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, RecvError, Sender, TryRecvError, select};
use tokio::sync::Notify;

use super::follow::Progress;
use super::net::NetEvent;
use super::station::Station;
use crate::lane::{Input, Output};
use crate::model::ActionId;
use crate::pure::PackedCall;

/// Longest sleep of a session's lane: the end of the session is noticed within it.
const LONGEST_WAIT: Duration = Duration::from_millis(500);

/// How long the thread looks for more work before it lies down.
///
/// A thread that lies down is up again 35 µs after it was called (two-core virtual machine, median); looking for as
/// long costs at most that much again, and what comes within it is taken up in less than a microsecond.
const SPIN: Duration = Duration::from_micros(50);

/// How long the thread lies down at a time while a player acts.
///
/// It is not called then, it gets up by itself: calling it takes the *caller* 15 to 40 µs of system call, and the
/// caller is the game's frame. A millisecond is little beside a batch's linger; getting up costs 35 µs (the same
/// machine), a thirtieth of a core.
const NAP: Duration = Duration::from_millis(1);

/// How long after the last player's last action the thread goes on napping; then it sleeps until it is called.
const ACTIVE: Duration = Duration::from_secs(2);

/// Number of a session's lane, unique in the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct LaneId(pub(crate) u64);

/// What is said to a signing thread.
pub(crate) enum Message {
    /// A session begins. The thread owns its lane from here on, and with it the private key.
    Open(LaneId, Box<Station>),
    /// A player acted.
    Act(LaneId, ActionId, PackedCall),
    /// Sign nothing new for a session.
    Drain(LaneId),
    /// A session ends; the sender is dropped when nothing is left of it.
    Close(LaneId, Sender<()>),
}

/// Starts a thread; it ends when nobody can say anything to it any more.
pub(crate) fn start(
    messages: Receiver<Message>,
    events: Receiver<(LaneId, NetEvent)>,
    room: Arc<Notify>,
) -> std::io::Result<()> {
    // With a single core, looking for work keeps others from making it.
    let several = std::thread::available_parallelism().is_ok_and(|cores| cores.get() > 1);
    let worker = Worker {
        messages,
        events,
        room,
        origin: Instant::now(),
        spin: if several { SPIN } else { Duration::ZERO },
        last_act: None,
        stations: HashMap::new(),
        wakes: BTreeSet::new(),
        out: Vec::new(),
    };
    std::thread::Builder::new().name("latchkey-sign".to_owned()).spawn(move || worker.run()).map(drop)
}

struct Worker {
    messages: Receiver<Message>,
    events: Receiver<(LaneId, NetEvent)>,
    /// Told of each event that was taken.
    room: Arc<Notify>,
    origin: Instant,
    spin: Duration,
    last_act: Option<Instant>,
    stations: HashMap<LaneId, Box<Station>>,
    /// When each lane wants to be called again.
    wakes: BTreeSet<(Instant, LaneId)>,
    out: Vec<Output>,
}

enum Heard {
    Message(Message),
    Event(LaneId, NetEvent),
    Nothing,
}

impl Worker {
    fn run(mut self) {
        while let Ok(heard) = self.look().unwrap_or_else(|| self.rest()) {
            match heard {
                Heard::Message(message) => self.take(message),
                Heard::Event(lane, event) => {
                    self.room.notify_one();
                    self.step(lane, input(event));
                }
                Heard::Nothing => {}
            }
            self.wake_due();
        }
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Open(lane, station) => {
                self.stations.insert(lane, station);
                self.step(lane, Input::Tick);
            }
            Message::Act(lane, action, call) => {
                self.last_act = Some(Instant::now());
                self.step(lane, Input::Act(action, call));
            }
            Message::Drain(lane) => self.step(lane, Input::Drain),
            Message::Close(lane, done) => {
                let gone = self.stations.remove(&lane);
                if let Some(at) = gone.as_ref().and_then(|station| station.wake) {
                    self.wakes.remove(&(at, lane));
                }
                drop(gone);
                drop(done);
            }
        }
    }

    fn wake_due(&mut self) {
        let now = Instant::now();
        while let Some((_, lane)) = self.wakes.first().copied().filter(|(at, _)| *at <= now) {
            self.step(lane, Input::Tick);
        }
    }

    fn step(&mut self, lane: LaneId, input: Input) {
        // An event that was on its way when its session ended.
        let Some(station) = self.stations.get_mut(&lane) else { return };
        let now = Instant::now();
        station.step(now, now - self.origin, input, &mut self.out);
        let wish = station.wake_at(self.origin).unwrap_or(now + LONGEST_WAIT).min(now + LONGEST_WAIT);
        // A wish that this step has not fulfilled must not keep the thread from everybody else.
        let wake = if wish > now { wish } else { now + NAP };
        if let Some(before) = station.wake.replace(wake) {
            self.wakes.remove(&(before, lane));
        }
        self.wakes.insert((wake, lane));
    }

    /// Looks for an input without sleeping, and uses the time that is left to prepare signatures.
    fn look(&self) -> Option<Result<Heard, RecvError>> {
        let begun = Instant::now();
        let wait = self.wait();
        let mut more = true;
        loop {
            // Messages first: the prediction windows bound how many can follow each other.
            let said = self.messages.try_recv().map(Heard::Message);
            match said
                .or_else(|nothing| if nothing.is_empty() { self.events.try_recv().map(told) } else { Err(nothing) })
            {
                Ok(heard) => return Some(Ok(heard)),
                Err(TryRecvError::Disconnected) => return Some(Err(RecvError)),
                Err(TryRecvError::Empty) => {}
            }
            let looked = begun.elapsed();
            more = more && looked < wait && self.stations.values().any(|station| station.lane.prepare());
            if !more && looked >= self.spin.min(wait) {
                return None;
            }
            std::hint::spin_loop();
        }
    }

    /// Sleeps until there is an input or a lane wants to be called.
    fn rest(&self) -> Result<Heard, RecvError> {
        let begun = Instant::now();
        let wait = self.wait();
        while self.last_act.is_some_and(|at| at.elapsed() < ACTIVE) {
            let left = wait.saturating_sub(begun.elapsed());
            select! {
                recv(self.events) -> event => return event.map(told),
                default(NAP.min(left)) => {}
            }
            match self.messages.try_recv() {
                Ok(message) => return Ok(Heard::Message(message)),
                Err(TryRecvError::Disconnected) => return Err(RecvError),
                Err(TryRecvError::Empty) if left.is_zero() => return Ok(Heard::Nothing),
                Err(TryRecvError::Empty) => {}
            }
        }
        select! {
            recv(self.messages) -> message => message.map(Heard::Message),
            recv(self.events) -> event => event.map(told),
            default(wait.saturating_sub(begun.elapsed())) => Ok(Heard::Nothing),
        }
    }

    fn wait(&self) -> Duration {
        let first = self.wakes.first().map(|(at, _)| at.saturating_duration_since(Instant::now()));
        first.unwrap_or(LONGEST_WAIT)
    }
}

fn told((lane, event): (LaneId, NetEvent)) -> Heard {
    Heard::Event(lane, event)
}

fn input(event: NetEvent) -> Input {
    match event {
        NetEvent::Answer { nonce, accepted, message } => Input::Answer { nonce, accepted, message },
        NetEvent::Preconfirmed { nonce, hash } => Input::Preconfirmed { nonce, hash },
        NetEvent::Progress(Progress::Block { head, floor, behind, logs, receipts }) => {
            Input::Block { head, floor, behind, logs, receipts }
        }
        NetEvent::Progress(Progress::Reorged { to }) => Input::Reorged { to },
        NetEvent::Balance(balance) => Input::Balance(balance),
        NetEvent::Session(over) => Input::Session(over),
        NetEvent::Trouble(words) => Input::Trouble(words),
    }
}
