//! The network side: one task that submits in nonce order, one that follows the chain.

use std::time::Duration;

use alloy::primitives::{B256, Bytes};
use crossbeam::channel::{Sender, TrySendError};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tracing::{Instrument, debug_span};

use super::follow::{FollowSettings, Follower, Progress, follow};
use super::rpc::{Rpc, RpcFault};
use crate::lane::Restored;
use crate::pure::Accepted;

/// Submissions that may wait for the network. More than the in-flight window can never be useful.
const COMMANDS: usize = 32;

/// Pause while the signing thread has no room for events.
const FULL_PAUSE: Duration = Duration::from_millis(2);

/// Bytes for the network.
#[derive(Debug)]
pub(crate) struct NetCommand {
    pub(crate) nonce: u64,
    pub(crate) hash: B256,
    pub(crate) raw: Bytes,
}

/// What the network says.
#[derive(Debug)]
pub(crate) enum NetEvent {
    /// An endpoint answered a submission.
    Answer { nonce: u64, accepted: Accepted, message: Option<String> },
    /// The canonical chain went on, or elsewhere.
    Progress(Progress),
    /// The chain could not be followed this time; it is tried again.
    Trouble(String),
}

/// How the chain is followed.
#[derive(Clone, Debug)]
pub(crate) struct NetSettings {
    pub(crate) follow: FollowSettings,
    /// True when the endpoint pushes new heads.
    pub(crate) pushes: bool,
    /// Pause between two polls of an endpoint that does not push.
    pub(crate) poll: Duration,
    /// Transactions of an earlier run, to look out for from the start.
    pub(crate) restored: Vec<Restored>,
}

/// Handle to the network tasks; dropping it ends them.
pub(crate) struct Net {
    commands: mpsc::Sender<NetCommand>,
    runtime: Option<Runtime>,
}

impl Net {
    /// Starts both tasks on `runtime`, which the handle then owns.
    pub(crate) fn start(
        runtime: Runtime,
        rpc: Rpc,
        second: Option<Rpc>,
        settings: NetSettings,
        events: Sender<NetEvent>,
    ) -> Self {
        let (commands, to_send) = mpsc::channel(COMMANDS);
        let (watch, to_watch) = mpsc::channel(COMMANDS);
        let mut follower = Follower::new(rpc.clone(), settings.follow.clone());
        for Restored { nonce, variants, .. } in &settings.restored {
            variants.iter().for_each(|(hash, raw)| follower.watch(*nonce, *hash, raw.clone()));
        }
        runtime.spawn(submit(rpc.clone(), second, to_send, watch, events.clone()));
        runtime.spawn(follow(rpc, follower, settings, to_watch, events));
        Self { commands, runtime: Some(runtime) }
    }

    /// Hands over bytes, or says that the queue is full.
    pub(crate) fn send(&self, command: NetCommand) -> bool {
        self.commands.try_send(command).is_ok()
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn submit(
    rpc: Rpc,
    second: Option<Rpc>,
    mut commands: mpsc::Receiver<NetCommand>,
    watch: mpsc::Sender<(u64, B256, Bytes)>,
    events: Sender<NetEvent>,
) {
    while let Some(NetCommand { nonce, hash, raw }) = commands.recv().await {
        if watch.send((nonce, hash, raw.clone())).await.is_err() {
            return;
        }
        let span = debug_span!(target: "latchkey::submit", "send", nonce, %hash);
        let answer = match (rpc.send_raw(&raw).instrument(span).await, &second) {
            (Err(_), Some(second)) => second.send_raw(&raw).await,
            (answer, _) => answer,
        };
        let (accepted, message) = match answer {
            Ok(_) => (Accepted::Yes, None),
            Err(fault) if already_there(&fault) => (Accepted::Yes, None),
            Err(fault) => (Accepted::Retry, Some(fault.to_string())),
        };
        tracing::debug!(target: "latchkey::submit", nonce, %hash, ?accepted, "submitted");
        if !deliver(&events, NetEvent::Answer { nonce, accepted, message }).await {
            return;
        }
    }
}

/// True when the pool or the chain has our bytes already: an earlier try went through.
///
/// "nonce too low" may also mean that another transaction took the nonce; the follower finds out by the receipt.
fn already_there(fault: &RpcFault) -> bool {
    let RpcFault::Refused { message, .. } = fault else { return false };
    let message = message.to_lowercase();
    ["already known", "already imported", "nonce too low"].iter().any(|words| message.contains(words))
}

/// Hands an event over, waiting while there is no room; false when nobody listens any more.
pub(super) async fn deliver(events: &Sender<NetEvent>, mut event: NetEvent) -> bool {
    loop {
        match events.try_send(event) {
            Ok(()) => return true,
            Err(TrySendError::Disconnected(_)) => return false,
            Err(TrySendError::Full(back)) => event = back,
        }
        tokio::time::sleep(FULL_PAUSE).await;
    }
}
