//! Steers a proxy while it runs.

use std::{
    collections::BTreeMap,
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::Arc,
    thread::{self, JoinHandle},
};

use alloy::transports::http::reqwest::Url;
use tokio::{runtime, sync::oneshot};

use super::{
    book::MAX_RULES,
    http, message,
    rule::{Rule, RuleId},
    shared::{Order, Shared},
};

/// Why a proxy cannot be started or steered.
#[derive(Debug, thiserror::Error)]
pub enum ProxyError {
    /// The endpoint behind it is not one that it can speak to.
    #[error("{url:?} cannot stand behind the proxy: {reason}; give http://host:port")]
    Target {
        /// What was given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The system refuses the port or the thread.
    #[error("the proxy cannot listen on port {port}: {source}; choose another port, or 0 for any")]
    Listen {
        /// The port asked for.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
    /// Too many rules are in force: remove some.
    #[error("{MAX_RULES} rules are in force; remove one first")]
    TooManyRules,
}

/// A running proxy on loopback. Dropping it closes the port and every connection.
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl FaultProxy {
    /// Listens on `127.0.0.1:port`, any free port for 0, and passes everything on to the endpoint at `target`.
    ///
    /// `target` is an `http://` URL; WebSockets go to the same host and port. Behind `https://`, only HTTP passes.
    ///
    /// # Errors
    ///
    /// [`ProxyError::Target`] and [`ProxyError::Listen`].
    pub fn start(target: &str, port: u16) -> Result<Self, ProxyError> {
        let refuse = |reason: String| ProxyError::Target { url: target.to_owned(), reason };
        let parsed = Url::parse(target).map_err(|error| refuse(error.to_string()))?;
        if !matches!(parsed.scheme(), "http" | "https") {
            return Err(refuse(format!("scheme {} is not spoken", parsed.scheme())));
        }
        let failed = |source| ProxyError::Listen { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let runtime = runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let shared = Arc::new(Shared::new(parsed));
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new()
            .name("fault-proxy".to_owned())
            .spawn({
                let shared = shared.clone();
                move || runtime.block_on(http::serve(shared, listener, stopped))
            })
            .map_err(failed)?;
        Ok(Self { address, shared, stop: Some(stop), thread: Some(thread) })
    }

    /// URL for HTTP clients.
    pub fn http_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// URL for WebSocket clients.
    pub fn ws_url(&self) -> String {
        format!("ws://{}", self.address)
    }

    /// Puts a rule in force, behind those that are.
    ///
    /// # Errors
    ///
    /// [`ProxyError::TooManyRules`].
    pub fn inject(&self, rule: Rule) -> Result<RuleId, ProxyError> {
        self.shared.book().add(rule).ok_or(ProxyError::TooManyRules)
    }

    /// Ends a rule and says how often it has struck.
    pub fn remove(&self, rule: RuleId) -> u64 {
        self.shared.book().remove(rule)
    }

    /// Ends every rule. An outage goes on.
    pub fn clear(&self) {
        self.shared.book().clear();
    }

    /// How often a rule has struck so far; 0 for one that was removed.
    pub fn fired(&self, rule: RuleId) -> u64 {
        self.shared.book().fired(rule)
    }

    /// Breaks every connection and every new one, until [`restore`](Self::restore). What happens meanwhile is not
    /// counted.
    pub fn cut(&self) {
        self.shared.set_link(false);
    }

    /// Ends an outage.
    pub fn restore(&self) {
        self.shared.set_link(true);
    }

    /// Breaks every open WebSocket off without a word; they may come back at once.
    pub fn close_sockets(&self) {
        self.order(Order::Close);
    }

    /// Sends every open WebSocket an error that answers no request.
    pub fn stray_error(&self) {
        self.order(Order::Tell(message::stray_error()));
    }

    /// Requests of this method so far, struck ones too; a batch counts by its members.
    pub fn requests(&self, method: &str) -> u64 {
        self.shared.book().count(method)
    }

    /// Requests so far by method; what subscriptions pushed counts under [`NOTIFICATION`](super::NOTIFICATION).
    pub fn counts(&self) -> BTreeMap<String, u64> {
        self.shared.book().counts().clone()
    }

    /// Raw transactions handed over since the last call, in order of arrival and those that met a fault too; the
    /// latest 1,024.
    pub fn take_submissions(&self) -> Vec<String> {
        self.shared.book().take_submissions()
    }

    /// How often the endpoint itself answered with an error, by the error's words.
    pub fn refusals(&self) -> BTreeMap<String, u64> {
        self.shared.book().refusals().clone()
    }

    fn order(&self, order: Order) {
        // Without an open socket there is nobody to tell.
        let _ = self.shared.orders.send(order);
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // An ended thread needs no word.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was reported when it happened.
            let _ = thread.join();
        }
    }
}
