//! The network side of a session: one task that submits in nonce order, one that follows the chain, one that answers the
//! lane's questions.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use alloy::primitives::{Address, B256, Bytes};
use crossbeam::channel::{Sender, TrySendError};
use tokio::runtime::Handle;
use tokio::sync::{Notify, broadcast, mpsc, watch};
use tokio::task::AbortHandle;

use super::fault::RpcFault;
use super::follow::{FollowSettings, Follower, Progress, ToldHead, follow};
use super::rpc::Rpc;
use super::signing::LaneId;
use super::submit::{Submitter, submit};
use crate::contracts::abi::SessionWallet;
use crate::contracts::runs_session_wallet;
use crate::lane::{DrainReason, Question, Restored};
use crate::pure::Accepted;
use crate::session::terms_digest;

/// Submissions that may wait for the network. More than the in-flight window can never be useful.
const COMMANDS: usize = 32;

/// Questions that may wait; the lane asks each again.
const QUESTIONS: usize = 4;

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
    /// An endpoint has answered a submission with a receipt that says success.
    Preconfirmed { nonce: u64, hash: B256 },
    /// The canonical chain went on, or elsewhere.
    Progress(Progress),
    /// The session key's native coin, in wei.
    Balance(u128),
    /// What has become of the session, if it is not what it was at the start.
    Session(Option<DrainReason>),
    /// The chain could not be followed this time; it is tried again.
    Trouble(String),
}

/// What one session follows.
#[derive(Clone, Debug)]
pub(crate) struct NetSettings {
    pub(crate) follow: FollowSettings,
    /// What the session was granted with, as [`terms_digest`] says.
    pub(crate) terms: B256,
    /// How long the endpoint may take to answer a submission with the receipt, where it does that (EIP-7966).
    pub(crate) sync: Option<Duration>,
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
    pub(crate) open: watch::Receiver<bool>,
    /// Wakes one who waits for room among the events.
    pub(crate) room: Arc<Notify>,
}

impl Outlet {
    /// A way that opens when the signing thread has the lane.
    pub(crate) fn new(
        lane: LaneId,
        events: Sender<(LaneId, NetEvent)>,
        room: Arc<Notify>,
    ) -> (Self, watch::Sender<bool>) {
        let (opener, open) = watch::channel(false);
        (Self { lane, events, open, room }, opener)
    }

    /// Hands an event over, waiting while there is no room; false when nobody listens any more.
    pub(super) async fn deliver(&self, event: NetEvent) -> bool {
        let (mut event, mut open) = ((self.lane, event), self.open.clone());
        loop {
            // A session that has ended never opens.
            if open.wait_for(|open| *open).await.is_err() {
                return false;
            }
            let mut room = pin!(self.room.notified());
            // Before the look, or room that is made between the two would go unseen.
            room.as_mut().enable();
            match self.events.try_send(event) {
                Ok(()) => return true,
                Err(TrySendError::Disconnected(_)) => return false,
                Err(TrySendError::Full(back)) => event = back,
            }
            room.await;
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
        let asked = Asked {
            rpc: rpc.clone(),
            account: settings.follow.account,
            session: settings.follow.session,
            terms: settings.terms,
        };
        let mut follower = Follower::new(rpc.clone(), settings.follow);
        for Restored { nonce, variants, .. } in settings.restored {
            variants.into_iter().for_each(|(hash, raw)| follower.watch(nonce, hash, raw));
        }
        let submitter = Submitter { first: rpc.clone(), second: second.cloned(), sync: settings.sync };
        let answer = runtime.spawn(answer(asked, to_ask, outlet.clone()));
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

/// Whom the lane's questions are about.
struct Asked {
    rpc: Rpc,
    account: Address,
    session: Address,
    terms: B256,
}

impl Asked {
    async fn answer(&self, question: Question) -> Result<NetEvent, RpcFault> {
        match question {
            Question::Balance => self.rpc.balance(self.session).await.map(|wei| NetEvent::Balance(wei.saturating_to())),
            Question::Session => self.session().await.map(NetEvent::Session),
        }
    }

    /// Why the session is no longer what it was at the start, if it is not.
    async fn session(&self) -> Result<Option<DrainReason>, RpcFault> {
        if !runs_session_wallet(&self.rpc.code(self.account).await?) {
            return Ok(Some(DrainReason::DelegatedElsewhere));
        }
        match self.rpc.view(self.account, &SessionWallet::sessionCall { key: self.session }).await {
            Ok(now) => Ok((terms_digest(&now) != self.terms).then_some(DrainReason::PolicyChanged)),
            Err(RpcFault::Refused { data: Some(_), .. }) => Ok(Some(DrainReason::Revoked)),
            Err(fault) => Err(fault),
        }
    }
}

/// Answers the lane's questions, one at a time. What fails is not answered, and asked again.
async fn answer(asked: Asked, mut questions: mpsc::Receiver<Question>, outlet: Outlet) {
    while let Some(question) = questions.recv().await {
        let event = asked.answer(question).await.unwrap_or_else(|fault| NetEvent::Trouble(fault.to_string()));
        if !outlet.deliver(event).await {
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
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let (events, told) = crossbeam::channel::bounded(1);
        let (outlet, opener) = Outlet::new(LaneId(7), events, Arc::default());
        let mut delivery = pin!(outlet.deliver(NetEvent::Balance(1)));
        let first = {
            let _inside = runtime.enter();
            delivery.as_mut().poll(&mut Context::from_waker(Waker::noop()))
        };
        assert!(first.is_pending() && told.is_empty(), "a thread that does not know the lane yet would drop it");
        opener.send_replace(true);
        assert!(runtime.block_on(delivery));
        assert!(matches!(told.try_recv(), Ok((LaneId(7), NetEvent::Balance(1)))));
    }

    #[test]
    fn what_finds_no_room_goes_on_when_some_is_made_and_nobody_waits_for_the_dead() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let (events, told) = crossbeam::channel::bounded(1);
        let room = Arc::<Notify>::default();
        let (outlet, opener) = Outlet::new(LaneId(7), events, room.clone());
        opener.send_replace(true);
        let deliver = |wei| outlet.deliver(NetEvent::Balance(wei));
        assert!(runtime.block_on(deliver(1)));
        let (mut second, mut third) = (pin!(deliver(2)), pin!(deliver(3)));
        let mut idle = Context::from_waker(Waker::noop());
        assert!(second.as_mut().poll(&mut idle).is_pending() && third.as_mut().poll(&mut idle).is_pending());
        for delivery in [second, third] {
            assert!(told.try_recv().is_ok());
            room.notify_one();
            assert!(runtime.block_on(delivery), "one for each event that was taken");
        }
        assert!(told.try_recv().is_ok());
        opener.send_replace(false);
        drop(opener);
        assert!(!runtime.block_on(deliver(4)), "its session is gone");
    }
}
