//! The network side of a session: one task that submits in nonce order, one that follows the chain, one that answers the
//! lane's questions.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use alloy::primitives::{Address, B256, Bytes};
use crossbeam::channel::{Sender, TrySendError};
use tokio::runtime::Handle;
use tokio::sync::{broadcast, mpsc};
use tokio::task::AbortHandle;

use super::follow::{FollowSettings, Follower, Progress, ToldHead, follow};
use super::rpc::Rpc;
use super::signing::LaneId;
use super::submit::{Submitter, submit};
use crate::contracts::runs_session_wallet;
use crate::lane::{Question, Restored};
use crate::pure::Accepted;

/// Submissions that may wait for the network. More than the in-flight window can never be useful.
const COMMANDS: usize = 32;

/// Questions that may wait; the lane asks each again.
const QUESTIONS: usize = 4;

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
    /// The session key's native coin, in wei.
    Balance(u128),
    /// Whether the account still runs the session wallet.
    Account { ours: bool },
    /// The chain could not be followed this time; it is tried again.
    Trouble(String),
}

/// What one session follows.
#[derive(Clone, Debug)]
pub(crate) struct NetSettings {
    pub(crate) follow: FollowSettings,
    /// Transactions of an earlier run, to look out for from the start.
    pub(crate) restored: Vec<Restored>,
}

/// One session's way to the signing thread.
#[derive(Clone, Debug)]
pub(crate) struct Outlet {
    pub(crate) lane: LaneId,
    pub(crate) events: Sender<(LaneId, NetEvent)>,
    /// False until the signing thread has the lane, and while the session's game does not drain or its journal cannot be
    /// written: its events wait here then, and no other session's do.
    pub(crate) open: Arc<AtomicBool>,
}

impl Outlet {
    /// A way that opens when the signing thread has the lane.
    pub(crate) fn new(lane: LaneId, events: Sender<(LaneId, NetEvent)>) -> Self {
        Self { lane, events, open: Arc::new(AtomicBool::new(false)) }
    }

    /// Hands an event over, waiting while there is no room; false when nobody listens any more.
    pub(super) async fn deliver(&self, event: NetEvent) -> bool {
        let mut event = (self.lane, event);
        loop {
            if self.open.load(Ordering::Acquire) {
                match self.events.try_send(event) {
                    Ok(()) => return true,
                    Err(TrySendError::Disconnected(_)) => return false,
                    Err(TrySendError::Full(back)) => event = back,
                }
            }
            tokio::time::sleep(FULL_PAUSE).await;
        }
    }
}

/// Handle to one session's network tasks; dropping it ends them.
pub(crate) struct Net {
    commands: mpsc::Sender<NetCommand>,
    questions: mpsc::Sender<Question>,
    tasks: [AbortHandle; 3],
}

impl Net {
    /// Starts the tasks on `runtime`.
    pub(crate) fn start(
        runtime: &Handle,
        rpc: &Rpc,
        second: Option<&Rpc>,
        settings: NetSettings,
        heads: broadcast::Receiver<ToldHead>,
        outlet: Outlet,
    ) -> Self {
        let (commands, to_send) = mpsc::channel(COMMANDS);
        let (watch, to_watch) = mpsc::channel(COMMANDS);
        let (questions, to_ask) = mpsc::channel(QUESTIONS);
        let (account, session) = (settings.follow.account, settings.follow.session);
        let mut follower = Follower::new(rpc.clone(), settings.follow);
        for Restored { nonce, variants, .. } in settings.restored {
            variants.into_iter().for_each(|(hash, raw)| follower.watch(nonce, hash, raw));
        }
        let submitter = Submitter { first: rpc.clone(), second: second.cloned() };
        let answer = runtime.spawn(answer(rpc.clone(), account, session, to_ask, outlet.clone()));
        let submit = runtime.spawn(submit(submitter, to_send, watch, outlet.clone()));
        let follow = runtime.spawn(follow(rpc.clone(), follower, heads, to_watch, outlet));
        Self { commands, questions, tasks: [answer, submit, follow].map(|task| task.abort_handle()) }
    }

    /// Hands over bytes, or says that the queue is full.
    pub(crate) fn send(&self, command: NetCommand) -> bool {
        self.commands.try_send(command).is_ok()
    }

    /// Asks the endpoint, or says that too many questions wait.
    pub(crate) fn ask(&self, question: Question) -> bool {
        self.questions.try_send(question).is_ok()
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}

/// Answers the lane's questions, one at a time. What fails is not answered, and asked again.
async fn answer(rpc: Rpc, account: Address, session: Address, mut questions: mpsc::Receiver<Question>, outlet: Outlet) {
    while let Some(question) = questions.recv().await {
        let event = match question {
            Question::Balance => rpc.balance(session).await.map(|wei| NetEvent::Balance(wei.saturating_to())),
            Question::Account => {
                rpc.code(account).await.map(|code| NetEvent::Account { ours: runs_session_wallet(&code) })
            }
        };
        if !outlet.deliver(event.unwrap_or_else(|fault| NetEvent::Trouble(fault.to_string()))).await {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::*;

    #[test]
    fn what_the_network_brings_before_the_thread_has_the_lane_waits_for_it() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        let (events, told) = crossbeam::channel::bounded(1);
        let outlet = Outlet::new(LaneId(7), events);
        let mut delivery = pin!(outlet.deliver(NetEvent::Balance(1)));
        let first = {
            let _inside = runtime.enter();
            delivery.as_mut().poll(&mut Context::from_waker(Waker::noop()))
        };
        assert!(first.is_pending() && told.is_empty(), "a thread that does not know the lane yet would drop it");
        outlet.open.store(true, Ordering::Release);
        assert!(runtime.block_on(delivery));
        assert!(matches!(told.try_recv(), Ok((LaneId(7), NetEvent::Balance(1)))));
    }
}
