//! The network side: one task that submits in nonce order, one that follows the chain.

use std::time::Duration;

use alloy::primitives::{Address, B256, Bytes};
use crossbeam::channel::{Sender, TrySendError};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;

use super::follow::{FollowSettings, Follower, Progress, follow};
use super::rpc::Rpc;
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
    questions: mpsc::Sender<Question>,
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
        let (questions, to_ask) = mpsc::channel(QUESTIONS);
        let (account, session) = (settings.follow.account, settings.follow.session);
        runtime.spawn(answer(rpc.clone(), account, session, to_ask, events.clone()));
        runtime.spawn(submit(Submitter { first: rpc.clone(), second }, to_send, watch, events.clone()));
        runtime.spawn(follow(rpc, follower, settings, to_watch, events));
        Self { commands, questions, runtime: Some(runtime) }
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
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Answers the lane's questions, one at a time. What fails is not answered, and asked again.
async fn answer(
    rpc: Rpc,
    account: Address,
    session: Address,
    mut questions: mpsc::Receiver<Question>,
    events: Sender<NetEvent>,
) {
    while let Some(question) = questions.recv().await {
        let event = match question {
            Question::Balance => rpc.balance(session).await.map(|wei| NetEvent::Balance(wei.saturating_to())),
            Question::Account => {
                rpc.code(account).await.map(|code| NetEvent::Account { ours: runs_session_wallet(&code) })
            }
        };
        if !deliver(&events, event.unwrap_or_else(|fault| NetEvent::Trouble(fault.to_string()))).await {
            return;
        }
    }
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
