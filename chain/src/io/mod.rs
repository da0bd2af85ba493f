//! Threads and network. Stages talk through bounded queues and never import each other.

mod endpoint;
mod follow;
mod net;
mod owner;
mod rpc;
mod signing;
mod submit;

pub use endpoint::{Endpoint, EndpointError};
pub use owner::{AccountForm, Grant, Owner, OwnerError, SignedGrant, SignedRevocation};
pub use rpc::RpcFault;

pub(crate) use follow::{FollowSettings, TokensSpent};
pub(crate) use net::{Net, NetSettings};
pub(crate) use rpc::Rpc;
pub(crate) use signing::{Message, SigningThread};
