//! The signing thread: drives a [`Lane`] with the wall clock, the game's actions and the network's events.

use std::collections::VecDeque;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, Sender, TrySendError, never, select};

use super::net::{Net, NetCommand, NetEvent};
use crate::lane::{Input, Lane, Output, Update};
use crate::model::ActionId;
use crate::pure::PackedCall;

/// Longest sleep of the thread: the end of the session is noticed within it.
const LONGEST_WAIT: Duration = Duration::from_millis(500);

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
        net: Net,
        messages: Receiver<Message>,
        events: Receiver<NetEvent>,
        updates: Sender<Update>,
    ) -> std::io::Result<Self> {
        let worker = Worker { lane, net, origin: Instant::now(), updates, outbox: VecDeque::new() };
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
    net: Net,
    origin: Instant,
    updates: Sender<Update>,
    outbox: VecDeque<Update>,
}

impl Worker {
    fn run(mut self, messages: &Receiver<Message>, events: &Receiver<NetEvent>) {
        let closed = never();
        let mut out = Vec::new();
        loop {
            // A game that does not drain holds the network back, so that nothing piles up here.
            let events = if self.flush() { events } else { &closed };
            let wait = self.wait();
            let input = select! {
                recv(messages) -> message => match message {
                    Ok(Message::Act(id, call)) => Input::Act(id, call),
                    Ok(Message::Drain) => Input::Drain,
                    Err(_) => return,
                },
                recv(events) -> event => match event {
                    Ok(event) => input(event),
                    Err(_) => return,
                },
                default(wait) => Input::Tick,
            };
            self.step(input, &mut out);
        }
    }

    fn step(&mut self, input: Input, out: &mut Vec<Output>) {
        let now = self.origin.elapsed();
        self.lane.tick(now, input, out);
        for output in out.drain(..) {
            match output {
                Output::Update(update) => self.outbox.push_back(update),
                Output::Send { nonce, hash, raw } => {
                    // A full queue is silence: the lane offers the same bytes again.
                    if !self.net.send(NetCommand { nonce, hash, raw }) {
                        tracing::warn!(target: "latchkey::submit", nonce, "the network queue is full");
                    }
                }
            }
        }
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
        until.unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT)
    }
}

fn input(event: NetEvent) -> Input {
    match event {
        NetEvent::Answer { nonce, accepted, message } => Input::Answer { nonce, accepted, message },
        NetEvent::Progress(super::follow::Progress::Block { head, logs, receipts }) => {
            Input::Block { head, logs, receipts }
        }
        NetEvent::Progress(super::follow::Progress::Reorged) => Input::Reorged,
        NetEvent::Trouble(words) => Input::Trouble(words),
    }
}
