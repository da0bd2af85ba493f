//! Hands signed bytes to the endpoints, in nonce order as far as their answers allow.

use std::time::Duration;

use alloy::primitives::{B256, Bytes};
use futures::StreamExt;
use futures::future::{Either, select};
use futures::stream::FuturesUnordered;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout, timeout_at};
use tracing::{Instrument, debug_span};

use super::fault::RpcFault;
use super::net::{NetCommand, NetEvent, Outlet};
use super::rpc::Rpc;
use crate::pure::{Accepted, understand};

/// Submissions on their way at once: what pools hold of one sender.
const ON_THE_WAY: usize = 16;

/// Longest wait for the answer to the transaction before. Pools keep what comes out of order; a slow answer must not
/// hold a second's worth of transactions back.
const ORDER_PATIENCE: Duration = Duration::from_millis(50);

/// Silence of the first endpoint after which the second one gets the same bytes.
const SILENCE: Duration = Duration::from_millis(300);

/// Pause without submissions that are answered with the receipt, after one that failed: the plain way tells more.
const SYNC_PAUSE: Duration = Duration::from_secs(30);

/// One endpoint, and perhaps another that gets identical bytes, which is harmless.
#[derive(Clone, Debug)]
pub(super) struct Submitter {
    pub(super) first: Rpc,
    pub(super) second: Option<Rpc>,
    /// How long the first endpoint may take to answer with the receipt, where it does that (EIP-7966).
    pub(super) sync: Option<Duration>,
}

impl Submitter {
    /// Submits once, with the receipt for an answer if `sync` and the endpoint can; true when that says that the
    /// transaction was carried out.
    async fn submit(&self, raw: &Bytes, hash: B256, sync: bool) -> Result<bool, RpcFault> {
        if let Some(wait) = self.sync.filter(|_| sync)
            && let Some(told) = self.first.send_sync(raw, hash, wait).await
        {
            return told;
        }
        self.send(raw).await.map(|_| false)
    }

    async fn send(&self, raw: &Bytes) -> Result<B256, RpcFault> {
        let Some(second) = &self.second else { return self.first.send_raw(raw).await };
        let mut first = Box::pin(self.first.send_raw(raw));
        match timeout(SILENCE, &mut first).await {
            Ok(Err(fault)) if is_about_the_endpoint(&fault) => {
                second.send_raw(raw).await.map_err(|other| graver(fault, other))
            }
            Ok(answer) => answer,
            Err(_) => match select(first, Box::pin(second.send_raw(raw))).await {
                Either::Left((Ok(hash), _)) | Either::Right((Ok(hash), _)) => Ok(hash),
                Either::Left((Err(fault), other)) => other.await.map_err(|other| graver(fault, other)),
                Either::Right((Err(fault), other)) => other.await.map_err(|other| graver(fault, other)),
            },
        }
    }
}

/// True when another endpoint may well take what this one did not.
fn is_about_the_endpoint(fault: &RpcFault) -> bool {
    let RpcFault::Refused { code, message, .. } = fault else { return true };
    matches!(understand(*code, message), Accepted::Throttled(_) | Accepted::PoolFull | Accepted::Retry)
}

/// Of two failures the one that says more: words about the transaction, then about the pace, then silence.
fn graver(one: RpcFault, other: RpcFault) -> RpcFault {
    let weight = |fault: &RpcFault| match fault {
        RpcFault::Refused { .. } => 2,
        RpcFault::Overloaded { .. } => 1,
        _ => 0,
    };
    if weight(&other) > weight(&one) { other } else { one }
}

/// Submits until nobody hands anything over any more. Each transaction is made known to the follower first.
pub(super) async fn submit(
    submitter: Submitter,
    mut commands: mpsc::Receiver<NetCommand>,
    watch: mpsc::Sender<(u64, B256, Bytes)>,
    outlet: Outlet,
) {
    let mut on_the_way = FuturesUnordered::new();
    let mut before: Option<(oneshot::Receiver<()>, Instant)> = None;
    let (mut next, mut sync_from) = (0, Instant::now());
    loop {
        tokio::select! {
            Some((sync, nonce, hash, answer)) = on_the_way.next() => {
                let answer: Result<bool, RpcFault> = answer;
                if sync && answer.as_ref().is_err_and(|fault| !is_waited_in_vain(fault)) {
                    sync_from = Instant::now() + SYNC_PAUSE;
                }
                // What an endpoint expects is told before its answer can end anything.
                let promised = matches!(answer, Ok(true));
                if promised && !outlet.deliver(NetEvent::Preconfirmed { nonce, hash }).await {
                    return;
                }
                if !outlet.deliver(event(nonce, hash, answer)).await {
                    return;
                }
            }
            command = commands.recv(), if on_the_way.len() < ON_THE_WAY => {
                let Some(NetCommand { nonce, hash, raw }) = command else { return };
                if watch.send((nonce, hash, raw.clone())).await.is_err() {
                    return;
                }
                // Held until it is mined, the answer comes late: nothing that must follow soon, or was sent before,
                // goes that way.
                let idle = on_the_way.is_empty() && commands.is_empty();
                let sync = idle && nonce >= next && Instant::now() >= sync_from;
                next = next.max(nonce.saturating_add(1));
                let (answered, over) = oneshot::channel::<()>();
                let turn = before.replace((over, Instant::now()));
                let submitter = submitter.clone();
                on_the_way.push(async move {
                    if let Some((turn, since)) = turn {
                        // Dropped by the one before when it has its answer.
                        let _ = timeout_at(since + ORDER_PATIENCE, turn).await;
                    }
                    let span = debug_span!(target: "latchkey::submit", "send", nonce, %hash);
                    let answer = submitter.submit(&raw, hash, sync).instrument(span).await;
                    drop(answered);
                    (sync, nonce, hash, answer)
                });
            }
        }
    }
}

/// True for an endpoint that took the transaction, and saw it in no block while it waited (EIP-7966).
fn is_waited_in_vain(fault: &RpcFault) -> bool {
    matches!(fault, RpcFault::Refused { code, message, .. } if understand(*code, message) == Accepted::Yes)
}

fn event(nonce: u64, hash: B256, answer: Result<bool, RpcFault>) -> NetEvent {
    let accepted = match &answer {
        Ok(_) => Accepted::Yes,
        Err(RpcFault::Refused { code, message, .. }) => understand(*code, message),
        Err(RpcFault::Overloaded { retry_after, .. }) => Accepted::Throttled(*retry_after),
        Err(_) => Accepted::Retry,
    };
    tracing::debug!(target: "latchkey::submit", nonce, %hash, ?accepted, "submitted");
    let fine = matches!(accepted, Accepted::Yes | Accepted::Used);
    NetEvent::Answer { nonce, accepted, message: answer.err().filter(|_| !fine).map(|fault| fault.to_string()) }
}
