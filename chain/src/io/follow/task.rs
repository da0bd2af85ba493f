//! What drives the followers: heads as the endpoint pushes them, and polls where it does not or has fallen silent.

use std::sync::Arc;
use std::time::{Duration, Instant};

use alloy::primitives::{B256, Bytes};
use alloy::providers::{Provider, RootProvider};
use alloy::pubsub::Subscription;
use alloy::rpc::types::Header;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc};
use tokio::time::{Interval, MissedTickBehavior, interval, timeout};
use tracing::{Instrument, debug_span};

use super::advance::{Arrival, Follower};
use crate::io::fault::RpcFault;
use crate::io::net::{NetEvent, Outlet};
use crate::io::rpc::Rpc;

/// Longest silence of an endpoint that pushes before it is asked for its head: a lost subscription is noticed within it.
const WATCHDOG: Duration = Duration::from_secs(2);

/// Pause between two tries to connect a lost socket anew.
const RESUBSCRIBE_PAUSE: Duration = Duration::from_secs(1);

/// Longest wait for such a connection, and for a subscription: polls are held up by it.
const RESUBSCRIBE_PATIENCE: Duration = Duration::from_secs(1);

/// A transaction to look out for: nonce, hash, signed bytes.
pub(crate) type ToWatch = (u64, B256, Bytes);

/// A head as the endpoint has told it, or why it has not.
pub(crate) type ToldHead = Result<Arc<Header>, RpcFault>;

/// Asks an endpoint for its heads, once for all sessions that follow it, until the runtime ends.
pub(crate) async fn tell_heads(rpc: Rpc, pushes: bool, poll: Duration, told: broadcast::Sender<ToldHead>) {
    let mut heads = if pushes { subscribe(&rpc).await } else { None };
    let mut tried = Instant::now();
    let pause = |pushed: bool| if pushed { WATCHDOG } else { poll };
    let mut pushed = heads.is_some();
    let mut tick = ticks(pause(pushed));
    loop {
        if pushed != (heads.is_some() && !rpc.is_away()) {
            pushed = !pushed;
            tick = ticks(pause(pushed));
        }
        let header = tokio::select! {
            header = next(&mut heads) => match header {
                Ok(header) => {
                    rpc.is_back();
                    tick.reset();
                    Ok(header)
                }
                // Heads were skipped, which the next one makes up for.
                Err(RecvError::Lagged(_)) => continue,
                Err(RecvError::Closed) => {
                    heads = None;
                    continue;
                }
            },
            // Whoever polls need not wait for the next time to see the block of such a receipt.
            () = rpc.promised(), if !pushed => {
                tick.reset();
                rpc.latest_header().await
            }
            _ = tick.tick() => {
                if pushes && heads.is_none() && tried.elapsed() >= RESUBSCRIBE_PAUSE {
                    heads = resubscribe(&rpc).await;
                    tried = Instant::now();
                }
                rpc.latest_header().await
            }
        };
        // Without a listener there is nobody who would miss it.
        let _ = told.send(header.map(Arc::new));
    }
}

fn ticks(pause: Duration) -> Interval {
    let mut ticks = interval(pause);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// Follows the chain for one session, until nobody listens any more.
pub(crate) async fn follow(
    rpc: Rpc,
    mut follower: Follower,
    mut heads: broadcast::Receiver<ToldHead>,
    mut to_watch: mpsc::Receiver<ToWatch>,
    outlet: Outlet,
) {
    // Others have been told the newest head before this session came.
    let mut header = rpc.latest_header().await.map(Arc::new);
    loop {
        take_all(&mut to_watch, &mut follower);
        if !arrive(&rpc, &mut follower, header, &mut to_watch, &outlet).await {
            return;
        }
        header = loop {
            tokio::select! {
                watched = to_watch.recv() => {
                    let Some((nonce, hash, raw)) = watched else { return };
                    follower.watch(nonce, hash, raw);
                }
                told = heads.recv() => match told {
                    Ok(told) => break told,
                    // Heads were skipped, which the next one makes up for.
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return,
                },
            }
        };
    }
}

/// Goes to a head and tells each step; false when nobody listens any more.
async fn arrive(
    rpc: &Rpc,
    follower: &mut Follower,
    header: ToldHead,
    to_watch: &mut mpsc::Receiver<ToWatch>,
    outlet: &Outlet,
) -> bool {
    let header = match header {
        Ok(header) => header,
        Err(fault) => return outlet.deliver(NetEvent::Trouble(fault.to_string())).await,
    };
    loop {
        let mut progress = Vec::new();
        let span = debug_span!(target: "latchkey::watch", "head", number = header.number);
        // On the heap while it lasts: in place it would be most of what an idle session weighs in memory. The turn ends
        // before the steps are told, since a game that does not drain may hold them up.
        let turn = rpc.turn().await;
        let arrival = Box::pin(follower.advance(Instant::now(), &header, &mut progress)).instrument(span).await;
        drop(turn);
        for step in progress {
            if !outlet.deliver(NetEvent::Progress(step)).await {
                return false;
            }
        }
        match arrival {
            Ok(Arrival::There) => return true,
            Ok(Arrival::OnTheWay) => take_all(to_watch, follower),
            Err(fault) => return outlet.deliver(NetEvent::Trouble(fault.to_string())).await,
        }
    }
}

/// A transaction must be known to the follower before the block that holds it is read.
fn take_all(to_watch: &mut mpsc::Receiver<ToWatch>, follower: &mut Follower) {
    while let Ok((nonce, hash, raw)) = to_watch.try_recv() {
        follower.watch(nonce, hash, raw);
    }
}

/// Connects a lost socket anew; polls go on meanwhile, where the endpoint can be polled.
async fn resubscribe(rpc: &Rpc) -> Option<Subscription<Header>> {
    timeout(RESUBSCRIBE_PATIENCE, rpc.reconnect()).await.ok()?.ok()?;
    let heads = subscribe(rpc).await;
    if heads.is_some() {
        rpc.is_back();
    }
    heads
}

async fn subscribe(rpc: &Rpc) -> Option<Subscription<Header>> {
    let provider: RootProvider = RootProvider::new(rpc.client());
    match timeout(RESUBSCRIBE_PATIENCE, provider.subscribe_blocks()).await {
        Ok(Ok(heads)) => return Some(heads),
        Ok(Err(error)) => {
            tracing::warn!(target: "latchkey::watch", %error, "no subscription to heads; polling instead");
        }
        Err(_) => tracing::warn!(target: "latchkey::watch", "no answer to a subscription to heads; polling instead"),
    }
    None
}

/// The next pushed head; never ends without a subscription.
async fn next(heads: &mut Option<Subscription<Header>>) -> Result<Header, RecvError> {
    match heads {
        Some(heads) => heads.recv().await,
        None => std::future::pending().await,
    }
}
