//! A proxy that injects faults between a client and a real JSON-RPC endpoint, over HTTP and WebSocket.
//!
//! | file | what lives there |
//! |---|---|
//! | `rule` | [`Fault`], and [`Rule`]: which requests meet it |
//! | `book` | the rules in force, and the counts by method |
//! | `handle` | [`FaultProxy`]: steers the proxy while it runs |
//! | `shared` | what connections share: the book, the link, the orders |
//! | `http` | connections; requests over HTTP |
//! | `socket` | WebSockets |
//! | `message` | JSON-RPC as text |
//!
//! Faults come by count or by seeded choice, never by the clock, so that a run can be repeated. The proxy listens on
//! loopback only, refuses browsers, and holds at most [`MAX_CONNECTIONS`](super::limits::MAX_CONNECTIONS) connections.
//!
//! ```
//! use latchkey::devnet::{Devnet, Fault, FaultProxy, Rule};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let devnet = Devnet::builder().on_demand().spawn()?;
//! let server = devnet.serve(0)?;
//! let proxy = FaultProxy::start(&server.http_url(), 0)?;
//! // Every second submission is answered 429, and the endpoint never sees it.
//! proxy.inject(Rule::new(Fault::Refuse).on("eth_sendRawTransaction").every(2))?;
//! let endpoint = latchkey::Endpoint::url(&proxy.http_url())?;
//! # let _ = endpoint;
//! # Ok(())
//! # }
//! ```

mod book;
mod handle;
mod http;
mod message;
mod rule;
mod shared;
mod socket;

pub use handle::{FaultProxy, ProxyError};
pub use rule::{Fault, NOTIFICATION, Rule, RuleId};
