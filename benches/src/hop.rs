//! From the game thread to a thread that waits for work, over the queue that the engine uses.

use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, TryRecvError, bounded};
use serde::Serialize;

use crate::rounds::Spread;

/// Messages that are sent; enough for a steady median, and over in a quarter of a second.
const HOPS: usize = 4_000;

/// Room of the queue, as between the engine's threads.
const QUEUE: usize = 256;

/// Pause between two messages to a spinning thread: it has been looking for a while.
const SPINNING_PAUSE: Duration = Duration::from_micros(20);

/// Pause between two messages to a parked thread: it has been asleep for a while.
const PARKED_PAUSE: Duration = Duration::from_micros(300);

/// Time of a hop.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Hop {
    /// Whether the receiver was looking for work, as the signing thread does after each input, or asleep.
    pub spinning: bool,
    /// From before the send to after the receive, in µs: median and quartiles.
    pub us: Spread,
}

/// Both kinds; none on a machine with a single hardware thread, where nothing can spin beside the sender.
pub fn measure() -> Vec<Hop> {
    if std::thread::available_parallelism().map_or(1, usize::from) < 2 {
        return Vec::new();
    }
    let hop = |spinning| Some(Hop { spinning, us: Spread::of(times_us(spinning))? });
    [true, false].into_iter().filter_map(hop).collect()
}

fn times_us(spinning: bool) -> Vec<f64> {
    let (send, messages) = bounded::<Instant>(QUEUE);
    let receiver = std::thread::spawn(move || if spinning { spin(&messages) } else { park(&messages) });
    let pause = if spinning { SPINNING_PAUSE } else { PARKED_PAUSE };
    for _ in 0..HOPS {
        let begun = Instant::now();
        while begun.elapsed() < pause {
            std::hint::spin_loop();
        }
        if send.send(Instant::now()).is_err() {
            break;
        }
    }
    drop(send);
    receiver.join().unwrap_or_default()
}

/// The engine's way after each input: look, and look again.
fn spin(messages: &Receiver<Instant>) -> Vec<f64> {
    let mut times = Vec::with_capacity(HOPS);
    loop {
        match messages.try_recv() {
            Ok(sent) => times.push(us(sent)),
            Err(TryRecvError::Empty) => std::hint::spin_loop(),
            Err(TryRecvError::Disconnected) => return times,
        }
    }
}

fn park(messages: &Receiver<Instant>) -> Vec<f64> {
    messages.iter().map(us).collect()
}

fn us(sent: Instant) -> f64 {
    sent.elapsed().as_nanos() as f64 / 1e3
}
