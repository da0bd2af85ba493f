//! Where the chain is: a URL, or a connection inside the process.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use alloy::pubsub::PubSubConnect;
use alloy::rpc::client::{ClientBuilder, RpcClient};
use alloy::transports::TransportResult;
use alloy::transports::http::reqwest::Url;
use alloy::transports::ws::{WebSocketConfig, WsConnect};
use futures::future::{BoxFuture, FutureExt};

use super::http::{Http, MAX_LIST_BYTES};

/// Longest wait for a connection. A node that does not answer by then is down or somewhere else.
const CONNECT_DEADLINE: Duration = Duration::from_secs(5);

/// Tries that the WebSocket transport makes to come back by itself. Its pauses double up to half a minute, so after a
/// few of them the connection is made anew from outside, once a second.
const RECONNECT_TRIES: u32 = 3;

/// Pause before the transport's second try.
const RECONNECT_PAUSE: Duration = Duration::from_millis(250);

type Connector = Arc<dyn Fn() -> BoxFuture<'static, TransportResult<RpcClient>> + Send + Sync>;

/// A JSON-RPC endpoint that has not been connected yet.
#[derive(Clone)]
pub struct Endpoint {
    label: String,
    pushes: bool,
    connector: Connector,
    /// The same over HTTP, for an endpoint over WebSocket: most nodes speak both at one address.
    polled: Option<Url>,
}

/// Why an endpoint cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// The text is not a URL of a kind that is spoken here.
    #[error("{url:?} is not an endpoint: {reason}; use http://, https://, ws:// or wss://")]
    Url {
        /// What was given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Nobody answers.
    #[error("nobody answers at {endpoint}: {reason}; is the node running, and is the port right?")]
    Unreachable {
        /// Endpoint, without any secret in its path or query.
        endpoint: String,
        /// What the transport said.
        reason: String,
    },
}

impl Endpoint {
    /// An endpoint by URL: `http(s)://` is polled, `ws(s)://` pushes new blocks.
    ///
    /// # Errors
    ///
    /// [`EndpointError::Url`] for anything else. Nothing is connected yet.
    pub fn url(url: &str) -> Result<Self, EndpointError> {
        let refuse = |reason: String| EndpointError::Url { url: url.to_owned(), reason };
        let parsed = Url::parse(url).map_err(|error| refuse(error.to_string()))?;
        let host = parsed.host_str().ok_or_else(|| refuse("it names no host".to_owned()))?;
        // Paths and queries of hosted endpoints carry access keys: they stay out of every message.
        let port = parsed.port().map(|port| format!(":{port}")).unwrap_or_default();
        let label = format!("{}://{host}{port}", parsed.scheme());
        let pushes = matches!(parsed.scheme(), "ws" | "wss");
        let polled = pushes.then(|| over_http(&parsed)).flatten();
        let connector: Connector = match parsed.scheme() {
            "http" | "https" => Arc::new(move || {
                let client = Http::client(parsed.clone());
                async move { Ok(client) }.boxed()
            }),
            "ws" | "wss" => Arc::new(move || {
                let connect = WsConnect::new(parsed.as_str())
                    .with_config(bounded())
                    .with_max_retries(RECONNECT_TRIES)
                    .with_retry_interval(RECONNECT_PAUSE);
                async move { ClientBuilder::default().ws(connect).await }.boxed()
            }),
            other => return Err(refuse(format!("scheme {other} is not spoken"))),
        };
        Ok(Self { label, pushes, connector, polled })
    }

    /// An endpoint over a connection inside the process, such as the embedded devnet's.
    pub fn connection(label: impl Into<String>, connection: impl PubSubConnect + Clone) -> Self {
        let connector: Connector = Arc::new(move || {
            let connection = connection.clone();
            async move { ClientBuilder::default().pubsub(connection).await }.boxed()
        });
        Self { label: label.into(), pushes: true, connector, polled: None }
    }

    /// The endpoint's name for messages; carries no access key.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// True when the endpoint pushes new blocks.
    pub(crate) fn pushes(&self) -> bool {
        self.pushes
    }

    /// A client of the same endpoint over HTTP, which connects when it is used; for an endpoint over WebSocket.
    pub(crate) fn polled(&self) -> Option<RpcClient> {
        self.polled.clone().map(Http::client)
    }

    pub(crate) async fn connect(&self) -> Result<RpcClient, EndpointError> {
        let unreachable = |reason: String| EndpointError::Unreachable { endpoint: self.label.clone(), reason };
        match tokio::time::timeout(CONNECT_DEADLINE, (self.connector)()).await {
            Ok(Ok(client)) => Ok(client),
            Ok(Err(error)) => Err(unreachable(error.to_string())),
            Err(_) => Err(unreachable(format!("no connection within {} s", CONNECT_DEADLINE.as_secs()))),
        }
    }
}

/// A socket that breaks off before a message is longer than an answer may be.
fn bounded() -> WebSocketConfig {
    // What a message is the answer to is not known before it is read.
    WebSocketConfig::default().max_message_size(Some(MAX_LIST_BYTES)).max_frame_size(Some(MAX_LIST_BYTES))
}

fn over_http(socket: &Url) -> Option<Url> {
    let mut url = socket.clone();
    let scheme = if url.scheme() == "wss" { "https" } else { "http" };
    url.set_scheme(scheme).ok().map(|()| url)
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Endpoint").field(&self.label).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_named_without_its_secrets() {
        let endpoint = Endpoint::url("https://user:pass@node.example:8545/v3/secret?key=secret").expect("a URL");
        assert_eq!(endpoint.label(), "https://node.example:8545");
        assert!(!format!("{endpoint:?}").contains("secret"));
    }

    #[test]
    fn a_sockets_address_is_also_tried_over_http() {
        let polled = |url| Endpoint::url(url).expect("a URL").polled.map(String::from);
        assert_eq!(polled("wss://node.example/v3/secret").as_deref(), Some("https://node.example/v3/secret"));
        assert_eq!(polled("ws://127.0.0.1:8545").as_deref(), Some("http://127.0.0.1:8545/"));
        assert_eq!(polled("http://127.0.0.1:8545"), None);
    }

    #[test]
    fn what_is_no_endpoint_is_refused_with_the_reason() {
        for bad in ["", "localhost:8545", "ftp://localhost", "http://"] {
            assert!(matches!(Endpoint::url(bad), Err(EndpointError::Url { .. })), "{bad:?}");
        }
    }
}
