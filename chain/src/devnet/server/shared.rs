//! The chain behind its lock, and the notices to subscribers.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use crossbeam::channel::{Receiver, Sender, bounded};
use serde_json::Value;
use tokio::sync::{Semaphore, broadcast};

use crate::devnet::{
    DevChain, Notice, RpcError,
    limits::{MAX_NOTICES_BEHIND, MAX_SYNC_WAITERS},
    rpc::SEND_SYNC,
};

/// Characters of a refusal that are logged; what a client sent may be quoted in it.
const LOGGED_CHARACTERS: usize = 200;

/// What subscribers hear.
#[derive(Clone, Debug)]
pub(super) enum Heard {
    Notice(Notice),
    Stopped,
}

/// The chain as all its clients and the mining thread see it.
#[derive(Debug)]
pub(super) struct Shared {
    chain: Mutex<DevChain>,
    heard: broadcast::Sender<Heard>,
    wake: Sender<()>,
    stopped: AtomicBool,
    /// Places for those who wait for a receipt.
    pub(super) waiters: Semaphore,
    last_subscription: AtomicU64,
}

impl Shared {
    /// The shared chain, and what wakes its mining thread.
    pub(super) fn new(chain: DevChain) -> (Self, Receiver<()>) {
        // One waiting wake-up says everything: the thread looks at the chain itself.
        let (wake, woken) = bounded(1);
        let shared = Self {
            chain: Mutex::new(chain),
            heard: broadcast::channel(MAX_NOTICES_BEHIND).0,
            wake,
            stopped: AtomicBool::new(false),
            waiters: Semaphore::new(MAX_SYNC_WAITERS),
            last_subscription: AtomicU64::new(0),
        };
        (shared, woken)
    }

    /// Runs `work` on the chain at the wall's time and tells subscribers what came of it.
    pub(super) fn with<T>(&self, work: impl FnOnce(&mut DevChain) -> T) -> T {
        // A panic of another caller leaves the chain as it was between two transactions.
        let mut chain = self.chain.lock().unwrap_or_else(PoisonError::into_inner);
        chain.observe(unix_ms());
        let due = chain.due_ms();
        let result = work(&mut chain);
        for notice in chain.take_notices() {
            // Nobody listening is no fault.
            let _ = self.heard.send(Heard::Notice(notice));
        }
        if chain.due_ms() != due {
            let _ = self.wake.try_send(());
        }
        result
    }

    /// Answers a request at once, whatever it is.
    pub(super) fn request(&self, method: &str, params: Value) -> Result<Value, RpcError> {
        if self.is_stopped() {
            return Err(RpcError::stopped());
        }
        let answer = self.with(|chain| chain.request(method, params));
        answer.inspect_err(|error| log_refusal(method, error))
    }

    /// Answers a request; sending may wait for the receipt.
    pub(super) async fn answer(&self, method: &str, params: Value) -> Result<Value, RpcError> {
        let answer = match method {
            // Subscribing takes a connection that stays; whoever has one asks its session.
            "eth_subscribe" | "eth_unsubscribe" => Err(RpcError::no_notifications()),
            SEND_SYNC if !self.is_stopped() => self.send_sync(params).await,
            _ => return self.request(method, params),
        };
        answer.inspect_err(|error| log_refusal(method, error))
    }

    pub(super) fn listen(&self) -> broadcast::Receiver<Heard> {
        self.heard.subscribe()
    }

    pub(super) fn next_subscription(&self) -> u64 {
        self.last_subscription.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
        let _ = self.heard.send(Heard::Stopped);
        let _ = self.wake.try_send(());
    }
}

/// One line per refused request. Quoted, so that no client can write lines of its own.
pub(super) fn log_refusal(method: &str, error: &RpcError) {
    let clip = |text: &str| text.chars().take(LOGGED_CHARACTERS).collect::<String>();
    tracing::info!(method = ?clip(method), code = error.code, reason = ?clip(&error.message), "refused");
}

/// The wall's time in milliseconds since the Unix epoch.
pub(super) fn unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
