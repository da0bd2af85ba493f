//! The signing thread: drives a [`Lane`] with the wall clock, the game's actions and the network's events.

use std::collections::VecDeque;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, RecvError, Sender, TryRecvError, TrySendError, never, select};

use super::follow::Progress;
use super::net::{Net, NetCommand, NetEvent};
use crate::journal::Gate;
use crate::lane::{Input, Lane, Output, Update};
use crate::model::ActionId;
use crate::pure::PackedCall;
use crate::telemetry::SigningMeters;

/// Longest sleep of the thread: the end of the session is noticed within it.
const LONGEST_WAIT: Duration = Duration::from_millis(500);

/// How long the thread looks for more work before it lies down.
///
/// A thread that lies down is up again 35 µs after it was called (two-core virtual machine, median); looking for as
/// long costs at most that much again, and what comes within it is taken up in less than a microsecond.
const SPIN: Duration = Duration::from_micros(50);

/// How long the thread lies down at a time while the player acts.
///
/// It is not called then, it gets up by itself: calling it takes the *caller* 15 to 40 µs of system call, and the
/// caller is the game's frame. A millisecond is little beside a batch's linger; getting up costs 35 µs (the same
/// machine), a thirtieth of a core.
const NAP: Duration = Duration::from_millis(1);

/// How long after the player's last action the thread goes on napping; then it sleeps until it is called.
const ACTIVE: Duration = Duration::from_secs(2);

/// What the game thread says.
#[derive(Debug)]
pub(crate) enum Message {
    /// The player acted.
    Act(ActionId, PackedCall),
    /// Sign nothing new.
    Drain,
}

/// Handle to the thread; it ends when the game thread's sender is dropped.
pub(crate) struct SigningThread(Option<JoinHandle<()>>);

impl SigningThread {
    /// Starts the thread. It owns the lane, and with it the session's private key.
    pub(crate) fn start(
        lane: Lane,
        gate: Gate,
        net: Net,
        messages: Receiver<Message>,
        events: Receiver<NetEvent>,
        updates: Sender<Update>,
    ) -> std::io::Result<Self> {
        // With a single core, looking for work keeps others from making it.
        let spin =
            if std::thread::available_parallelism().is_ok_and(|cores| cores.get() > 1) { SPIN } else { Duration::ZERO };
        let origin = Instant::now();
        let worker = Worker {
            lane,
            gate,
            net,
            origin,
            last_act: None,
            spin,
            updates,
            outbox: VecDeque::new(),
            meters: SigningMeters::new(),
        };
        let thread = std::thread::Builder::new().name("latchkey-sign".to_owned());
        thread.spawn(move || worker.run(&messages, &events)).map(|handle| Self(Some(handle)))
    }

    /// Waits for the thread to end.
    pub(crate) fn join(&mut self) {
        if let Some(handle) = self.0.take()
            && handle.join().is_err()
        {
            tracing::error!(target: "latchkey::sign", "the signing thread panicked");
        }
    }
}

struct Worker {
    lane: Lane,
    gate: Gate,
    net: Net,
    origin: Instant,
    last_act: Option<Instant>,
    spin: Duration,
    updates: Sender<Update>,
    outbox: VecDeque<Update>,
    meters: SigningMeters,
}

impl Worker {
    fn run(mut self, messages: &Receiver<Message>, events: &Receiver<NetEvent>) {
        let closed = never();
        let mut out = Vec::new();
        loop {
            // A game that does not drain holds the network back, and so does a full disk: nothing piles up here.
            let events = if self.flush() && self.gate.retry_at().is_none() { events } else { &closed };
            let Ok(input) = self.look(messages, events).unwrap_or_else(|| self.rest(messages, events)) else { return };
            if matches!(input, Input::Act(..)) {
                self.last_act = Some(Instant::now());
            }
            self.step(input, &mut out);
        }
    }

    /// Looks for an input without sleeping, and uses the time that is left to prepare signatures.
    fn look(&self, messages: &Receiver<Message>, events: &Receiver<NetEvent>) -> Option<Result<Input, RecvError>> {
        let begun = Instant::now();
        let wait = self.wait();
        let mut more = true;
        loop {
            // Messages first: the prediction window bounds how many can follow each other.
            let said = messages.try_recv().map(said);
            match said.or_else(|nothing| if nothing.is_empty() { events.try_recv().map(input) } else { Err(nothing) }) {
                Ok(input) => return Some(Ok(input)),
                Err(TryRecvError::Disconnected) => return Some(Err(RecvError)),
                Err(TryRecvError::Empty) => {}
            }
            let looked = begun.elapsed();
            more = more && looked < wait && self.lane.prepare();
            if !more && looked >= self.spin.min(wait) {
                return None;
            }
            std::hint::spin_loop();
        }
    }

    /// Sleeps until there is an input or the lane wants to be called.
    fn rest(&self, messages: &Receiver<Message>, events: &Receiver<NetEvent>) -> Result<Input, RecvError> {
        let begun = Instant::now();
        let wait = self.wait();
        while self.last_act.is_some_and(|at| at.elapsed() < ACTIVE) {
            let left = wait.saturating_sub(begun.elapsed());
            select! {
                recv(events) -> event => return event.map(input),
                default(NAP.min(left)) => {}
            }
            match messages.try_recv() {
                Ok(message) => return Ok(said(message)),
                Err(TryRecvError::Disconnected) => return Err(RecvError),
                Err(TryRecvError::Empty) if left.is_zero() => return Ok(Input::Tick),
                Err(TryRecvError::Empty) => {}
            }
        }
        select! {
            recv(messages) -> message => message.map(said),
            recv(events) -> event => event.map(input),
            default(wait.saturating_sub(begun.elapsed())) => Ok(Input::Tick),
        }
    }

    fn step(&mut self, input: Input, out: &mut Vec<Output>) {
        let now = Instant::now();
        let span = tracing::trace_span!(target: "latchkey::sign", "tick").entered();
        self.lane.tick(now - self.origin, input, out);
        self.meters.ticked(now.elapsed(), out, self.lane.is_limited(now - self.origin));
        drop(span);
        let (net, outbox) = (&self.net, &mut self.outbox);
        self.gate.pass(now, out, |output| match output {
            Output::Update(update) => outbox.push_back(update),
            Output::Record(_) => {}
            // A full queue forgets the question, and the lane asks again.
            Output::Ask(question) => drop(net.ask(question)),
            Output::Send { nonce, hash, raw } => {
                // A full queue is silence: the lane offers the same bytes again.
                if !net.send(NetCommand { nonce, hash, raw }) {
                    tracing::warn!(target: "latchkey::submit", nonce, "the network queue is full");
                }
            }
        });
    }

    /// Hands updates to the game thread; true when all have gone.
    fn flush(&mut self) -> bool {
        while let Some(update) = self.outbox.pop_front() {
            if let Err(TrySendError::Full(back)) = self.updates.try_send(update) {
                self.outbox.push_front(back);
                return false;
            }
        }
        true
    }

    fn wait(&self) -> Duration {
        let until = self.lane.wake_at().map(|at| at.saturating_sub(self.origin.elapsed()));
        let retry = self.gate.retry_at().map(|at| at.saturating_duration_since(Instant::now()));
        // While nothing can be kept, the lane's own wishes must wait as well.
        retry.or(until).unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT)
    }
}

fn said(message: Message) -> Input {
    match message {
        Message::Act(id, call) => Input::Act(id, call),
        Message::Drain => Input::Drain,
    }
}

fn input(event: NetEvent) -> Input {
    match event {
        NetEvent::Answer { nonce, accepted, message } => Input::Answer { nonce, accepted, message },
        NetEvent::Progress(Progress::Block { head, floor, behind, logs, receipts }) => {
            Input::Block { head, floor, behind, logs, receipts }
        }
        NetEvent::Progress(Progress::Reorged { to }) => Input::Reorged { to },
        NetEvent::Balance(balance) => Input::Balance(balance),
        NetEvent::Account { ours } => Input::Account { ours },
        NetEvent::Trouble(words) => Input::Trouble(words),
    }
}
