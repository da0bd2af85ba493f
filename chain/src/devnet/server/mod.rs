//! The devnet with a thread of its own and ways to reach it.
//!
//! | file | what lives there |
//! |---|---|
//! | `devnet` | [`Devnet`] and its builder; the thread that mines |
//! | `shared` | the chain behind its lock, and the notices to subscribers |
//! | `file`, `keeper` | the state file, and the thread that saves |
//! | `session`, `subscriptions` | one client; what it asked for and what it is sent |
//! | `sync` | sending and waiting for the receipt |
//! | `connection` | [`Connection`]: alloy transport inside the process |
//! | `http` | [`Server`]: HTTP and WebSocket on loopback |
//! | `origin` | refuses requests that a browser makes for another site |
//! | `socket`, `text` | WebSocket; JSON-RPC as text |

mod connection;
mod devnet;
mod error;
mod file;
mod http;
mod keeper;
mod origin;
mod session;
mod shared;
mod socket;
mod subscriptions;
mod sync;
mod text;

pub use connection::Connection;
pub use devnet::{Devnet, DevnetBuilder};
pub use error::DevnetError;
pub use file::StateFileError;
pub use http::Server;
