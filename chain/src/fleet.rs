//! Many sessions in one process, on shared threads.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crossbeam::channel::{Receiver, Sender, bounded};
use tokio::runtime::{Handle, Runtime};
use tokio::sync::{Notify, broadcast};

use crate::client::Chain;
use crate::config::ChainBuilder;
use crate::error::StartError;
use crate::io::{Endpoint, LaneId, Message, Net, NetEvent, NetSettings, Outlet, Rpc, Station, ToldHead};
use crate::io::{start_signing, tell_heads};
use crate::journal::Gate;
use crate::lane::{Lane, Update};
use crate::model::{ActionId, Model};
use crate::pure::PackedCall;

/// Messages on their way to one signing thread: sixteen full prediction windows. More is
/// [`ActError::Full`](crate::ActError::Full).
const MESSAGES: usize = 1_024;

/// Network events on their way to one signing thread; while it is full the network waits.
const EVENTS: usize = 1_024;

/// Updates on their way to one game: a block with as many of our transactions as may be in flight. While it is full that
/// session's network waits, and no other's.
const UPDATES: usize = 32;

/// Heads that a session may fall behind before it skips to the newest.
const HEADS: usize = 16;

/// Pause between two polls of an endpoint that does not push, by default: a tenth of a one-second block.
const POLL: Duration = Duration::from_millis(100);

/// Longest wait for the end of a session on its signing thread: a write to the journal may be under way.
const CLOSE_DEADLINE: Duration = Duration::from_secs(5);

/// The threads and the connection that many sessions share: one signing thread per core, one network runtime, one
/// stream of heads.
///
/// Each session keeps its own lane, limits, journal and outcomes, so that one which is slow, refused or never drained
/// costs the others nothing. Clones are the same fleet; its threads end with its last clone and its last session.
///
/// ```no_run
/// # use alloy::primitives::Address;
/// # use latchkey::{Endpoint, Fleet, Model, SessionKey};
/// # fn play<M: Model>(rules: impl Fn() -> M, sessions: Vec<(SessionKey, Address)>) -> Result<(), Box<dyn std::error::Error>> {
/// let fleet = Fleet::builder(Endpoint::url("ws://127.0.0.1:8545")?).start()?;
/// let mut chains = Vec::new();
/// for (key, account) in sessions {
///     chains.push(fleet.chain(rules()).session(key, account).start()?);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Fleet(Arc<Threads>);

struct Threads {
    endpoint: Endpoint,
    rpc: Rpc,
    /// The second endpoint, and the way to it if it answered.
    second: Option<(Endpoint, Option<Rpc>)>,
    signing: Vec<Line>,
    next: AtomicU64,
    heads: broadcast::Sender<ToldHead>,
    runtime: Option<Runtime>,
}

/// Both ways to one signing thread.
struct Line {
    messages: Sender<Message>,
    events: Sender<(LaneId, NetEvent)>,
    /// Told when the thread has taken an event.
    room: Arc<Notify>,
}

/// Describes a [`Fleet`] before it starts.
#[derive(Debug)]
#[must_use = "a builder does nothing until it is started"]
pub struct FleetBuilder {
    endpoint: Endpoint,
    second: Option<Endpoint>,
    threads: usize,
    poll: Duration,
}

impl FleetBuilder {
    /// Signing threads, and threads for the network; default one of each per core.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads.max(1);
        self
    }

    /// Pause between two polls of an endpoint that does not push new blocks; default 100 ms.
    pub fn poll(mut self, poll: Duration) -> Self {
        self.poll = poll.max(Duration::from_millis(1));
        self
    }

    /// A second endpoint of the same chain: it gets the same bytes when the first one is silent or fails. Optional.
    pub fn also(mut self, endpoint: Endpoint) -> Self {
        self.second = Some(endpoint);
        self
    }

    /// Connects and starts the threads. Blocks; call it off the game thread.
    ///
    /// # Errors
    ///
    /// [`StartError::Endpoint`] when nobody answers, [`StartError::Thread`] when the system gives no thread.
    pub fn start(self) -> Result<Fleet, StartError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(self.threads)
            .thread_name("latchkey-net")
            .enable_all()
            .build()?;
        let (rpc, second) = runtime.block_on(async {
            let rpc = Rpc::connect(&self.endpoint).await?;
            let second = match self.second {
                Some(endpoint) => {
                    let beside = rpc.beside(&endpoint).await.ok();
                    Some((endpoint, beside))
                }
                None => None,
            };
            Ok::<_, StartError>((rpc, second))
        })?;
        let signing = (0..self.threads).map(|_| Line::start()).collect::<Result<_, _>>()?;
        let (heads, _) = broadcast::channel(HEADS);
        runtime.spawn(tell_heads(rpc.clone(), self.endpoint.pushes(), self.poll, heads.clone()));
        let (endpoint, next, runtime) = (self.endpoint, AtomicU64::new(0), Some(runtime));
        Ok(Fleet(Arc::new(Threads { endpoint, rpc, second, signing, next, heads, runtime })))
    }
}

impl Line {
    fn start() -> Result<Self, StartError> {
        let (messages, said) = bounded(MESSAGES);
        let (events, told) = bounded(EVENTS);
        let room = Arc::<Notify>::default();
        start_signing(said, told, room.clone())?;
        Ok(Self { messages, events, room })
    }
}

impl Fleet {
    /// Starts describing a fleet on this endpoint.
    pub fn builder(endpoint: Endpoint) -> FleetBuilder {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        FleetBuilder { endpoint, second: None, threads, poll: POLL }
    }

    /// Starts describing a session of this fleet; it needs a session key and an account, and no endpoint.
    pub fn chain<M: Model>(&self, rules: M) -> ChainBuilder<M> {
        Chain::builder(rules).fleet(self)
    }

    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.0.endpoint
    }

    /// The second endpoint, and the way to it if it answered at the start.
    pub(crate) fn second(&self) -> Option<(&Endpoint, Option<&Rpc>)> {
        self.0.second.as_ref().map(|(endpoint, rpc)| (endpoint, rpc.as_ref()))
    }

    pub(crate) fn rpc(&self) -> &Rpc {
        &self.0.rpc
    }

    pub(crate) fn runtime(&self) -> &Handle {
        self.0.runtime.as_ref().expect("it is taken on drop alone").handle()
    }

    /// Puts a lane on the next signing thread, with what it follows; its updates come out of the receiver.
    pub(crate) fn open(&self, lane: Lane, gate: Gate, settings: NetSettings) -> (Berth, Receiver<Update>) {
        let number = self.0.next.fetch_add(1, Ordering::Relaxed);
        let line = &self.0.signing[number as usize % self.0.signing.len()];
        let id = LaneId(number);
        // The lane opens it: what is read before the thread has the lane would be lost.
        let (outlet, open) = Outlet::new(id, line.events.clone(), line.room.clone());
        let second = self.second().and_then(|(_, rpc)| rpc);
        let net = Net::start(self.runtime(), &self.0.rpc, second, settings, self.0.heads.subscribe(), outlet);
        let (updates, told) = bounded(UPDATES);
        let station = Box::new(Station::new(lane, gate, net, updates, open));
        let berth = Berth { id, messages: line.messages.clone(), fleet: self.clone() };
        // A thread that is gone is told of by the first action.
        let _ = berth.messages.send(Message::Open(id, station));
        (berth, told)
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl std::fmt::Debug for Fleet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fleet").field("endpoint", &self.0.endpoint).field("threads", &self.0.signing.len()).finish()
    }
}

/// A session's place in a fleet; dropping it ends the session.
pub(crate) struct Berth {
    id: LaneId,
    messages: Sender<Message>,
    fleet: Fleet,
}

impl Berth {
    pub(crate) fn is_full(&self) -> bool {
        self.messages.is_full()
    }

    /// Says that the player acted; false when there is no room any more or nobody listens.
    pub(crate) fn act(&self, action: ActionId, call: PackedCall) -> bool {
        self.messages.try_send(Message::Act(self.id, action, call)).is_ok()
    }

    /// Asks that nothing new is signed; false when it must be said again.
    pub(crate) fn drain(&self) -> bool {
        self.messages.try_send(Message::Drain(self.id)).is_ok()
    }

    /// Requests that all sessions of the fleet have made.
    pub(crate) fn requests(&self) -> u64 {
        self.fleet.rpc().requests()
    }

    /// Ends the session and waits until its key and its journal are let go.
    pub(crate) fn close(self) {
        let done = self.leave();
        // An error is what is waited for: the thread drops its end.
        let _ = done.recv_timeout(CLOSE_DEADLINE);
    }

    fn leave(&self) -> Receiver<()> {
        let (end, done) = bounded(0);
        // The thread never waits for a game, so that this one does not wait long.
        let _ = self.messages.send(Message::Close(self.id, end));
        done
    }
}

impl Drop for Berth {
    fn drop(&mut self) {
        drop(self.leave());
    }
}
