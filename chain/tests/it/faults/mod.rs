//! The fifteen cases, each through a proxy that injects its fault, on the devnet or on anvil (`LATCHKEY_ENDPOINT`).
//!
//! Every case ends with [`world::World::verify`]: no action lost, none carried out twice, the client's state equal to
//! the chain's, no gap in the nonces, and one transaction per nonce unless the case is about replacing it.

mod batch;
mod marks;
mod reorgs;
mod start;
mod submitting;
mod watching;
mod world;
