//! From the game thread to a thread that waits for work, over the queue that the engine uses.

use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, TryRecvError, bounded};
use serde::Serialize;

use crate::rounds::Spread;

/// Ways there and back to a spinning thread. Those during which the system ran something else on either core are few by
/// number, however long they take, so that the median is of the others.
const SPINNING_TRIPS: usize = 50_000;

/// Longest time for them; on a busy machine both threads seldom run at once.
const SPINNING_DEADLINE: Duration = Duration::from_secs(3);

/// Messages to a parked thread.
const PARKED_HOPS: usize = 1_000;

/// Room of the queue, as between the engine's threads.
const QUEUE: usize = 256;

/// Pause between two messages to a parked thread: it has been asleep for a while.
const PARKED_PAUSE: Duration = Duration::from_micros(300);

/// Time of a hop.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Hop {
    /// Whether the receiver was looking for work, as the signing thread does after each input, or asleep.
    pub spinning: bool,
    /// Spinning: half of the way there and back. Parked: from before the send to after the receive. In µs, median and
    /// quartiles.
    pub us: Spread,
}

/// Both kinds; none on a machine with a single hardware thread, where nothing can spin beside the sender.
pub fn measure() -> Vec<Hop> {
    if std::thread::available_parallelism().map_or(1, usize::from) < 2 {
        return Vec::new();
    }
    let hop = |spinning, times| Some(Hop { spinning, us: Spread::of(times)? });
    [hop(true, spinning_us()), hop(false, parked_us())].into_iter().flatten().collect()
}

fn spinning_us() -> Vec<f64> {
    let (question, questions) = bounded::<()>(QUEUE);
    let (answer, answers) = bounded::<()>(QUEUE);
    let other = std::thread::spawn(move || while look(&questions) && answer.send(()).is_ok() {});
    let (begun, mut times) = (Instant::now(), Vec::with_capacity(SPINNING_TRIPS));
    while times.len() < SPINNING_TRIPS && begun.elapsed() < SPINNING_DEADLINE {
        let sent = Instant::now();
        if question.send(()).is_err() || !look(&answers) {
            break;
        }
        times.push(us(sent) / 2.0);
    }
    drop(question);
    // It has ended with its queue; a panic in it has ended the loop above.
    drop(other.join());
    times
}

/// The engine's way after each input: look, and look again. False when nobody can say anything any more.
fn look(messages: &Receiver<()>) -> bool {
    loop {
        match messages.try_recv() {
            Ok(()) => return true,
            Err(TryRecvError::Empty) => std::hint::spin_loop(),
            Err(TryRecvError::Disconnected) => return false,
        }
    }
}

fn parked_us() -> Vec<f64> {
    let (send, messages) = bounded::<Instant>(QUEUE);
    let receiver = std::thread::spawn(move || messages.iter().map(us).collect::<Vec<_>>());
    for _ in 0..PARKED_HOPS {
        let begun = Instant::now();
        while begun.elapsed() < PARKED_PAUSE {
            std::hint::spin_loop();
        }
        if send.send(Instant::now()).is_err() {
            break;
        }
    }
    drop(send);
    receiver.join().unwrap_or_default()
}

fn us(sent: Instant) -> f64 {
    sent.elapsed().as_nanos() as f64 / 1e3
}
