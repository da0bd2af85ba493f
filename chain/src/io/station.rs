//! One session on its signing thread: the lane, and what stands between it and the world.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crossbeam::channel::{Sender, TrySendError};
use tokio::sync::watch;

use super::meters::SigningMeters;
use super::net::{Net, NetCommand};
use crate::journal::Gate;
use crate::lane::{Input, Lane, Output, Update};

/// Pause between two looks whether a game that did not drain has made room.
const FLUSH_PAUSE: Duration = Duration::from_millis(5);

/// Updates that the outbox keeps room for: what one block with our transactions brings.
const OUTBOX_KEPT: usize = 8;

/// One session's lane with its journal, network and game.
pub(crate) struct Station {
    pub(super) lane: Lane,
    gate: Gate,
    net: Net,
    updates: Sender<Update>,
    /// Whether the network may bring more; see [`Outlet`](super::net::Outlet).
    open: watch::Sender<bool>,
    outbox: VecDeque<Update>,
    meters: SigningMeters,
    /// When the signing thread will call again.
    pub(super) wake: Option<Instant>,
}

impl Station {
    pub(crate) fn new(lane: Lane, gate: Gate, net: Net, updates: Sender<Update>, open: watch::Sender<bool>) -> Self {
        Self { lane, gate, net, updates, open, outbox: VecDeque::new(), meters: SigningMeters::new(), wake: None }
    }

    /// Takes one input at `now`, which is `since` after the lane's origin.
    pub(super) fn step(&mut self, now: Instant, since: Duration, input: Input, out: &mut Vec<Output>) {
        let span = tracing::trace_span!(target: "latchkey::sign", "tick").entered();
        self.lane.tick(since, input, out);
        self.meters.ticked(now.elapsed(), out, self.lane.is_limited(since));
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
        self.flush();
        // A game that does not drain holds its network back, and so does a full disk: nothing piles up here.
        let room = self.outbox.is_empty() && self.gate.retry_at().is_none();
        self.open.send_if_modified(|open| std::mem::replace(open, room) != room);
    }

    /// Latest time by which [`step`](Self::step) wants to be called again, for a lane that began at `origin`.
    pub(super) fn wake_at(&self, origin: Instant) -> Option<Instant> {
        let flush = (!self.outbox.is_empty()).then(|| Instant::now() + FLUSH_PAUSE);
        // While nothing can be kept, the lane's own wishes must wait as well.
        let wish = self.gate.retry_at().or_else(|| origin.checked_add(self.lane.wake_at()?));
        [flush, wish].into_iter().flatten().min()
    }

    /// Hands updates to the game thread, as far as there is room.
    fn flush(&mut self) {
        while let Some(update) = self.outbox.pop_front() {
            if let Err(TrySendError::Full(back)) = self.updates.try_send(update) {
                self.outbox.push_front(back);
                return;
            }
        }
        // One burst must not be paid for until the session ends.
        self.outbox.shrink_to(OUTBOX_KEPT);
    }
}
