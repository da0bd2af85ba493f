//! The devnet with a thread of its own and ways to reach it.
//!
//! | file | what lives there |
//! |---|---|
//! | `devnet` | [`Devnet`] and its builder; the thread that mines |
//! | `shared` | the chain behind its lock, and the notices to subscribers |
//! | `subscriptions` | what a subscriber asked for and what it is sent |
//! | `connection` | [`Connection`]: alloy transport inside the process |
//! | `http` | [`Server`]: HTTP and WebSocket on loopback |
//! | `origin` | refuses requests that a browser makes for another site |

mod connection;
mod devnet;
mod error;
mod http;
mod origin;
mod shared;
mod subscriptions;

pub use connection::Connection;
pub use devnet::{Devnet, DevnetBuilder};
pub use error::DevnetError;
pub use http::Server;
