//! Threads and network. Stages talk through bounded queues and never import each other.

mod blocks;
mod endpoint;
mod fault;
mod follow;
mod http;
mod meters;
mod net;
mod owner;
mod rpc;
mod signing;
mod station;
mod submit;

pub use endpoint::{Endpoint, EndpointError};
pub use fault::RpcFault;
pub use owner::{AccountForm, Grant, Owner, OwnerError, SignedGrant, SignedRevocation};

pub(crate) use follow::{FollowSettings, TokensSpent, ToldHead, tell_heads};
pub(crate) use net::{Net, NetEvent, NetSettings, Outlet};
pub(crate) use rpc::Rpc;
pub(crate) use signing::{LaneId, Message, start as start_signing};
pub(crate) use station::Station;
