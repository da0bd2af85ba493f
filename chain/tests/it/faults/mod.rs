//! The fifteen cases, each through a proxy that injects its fault, on the devnet or on anvil (`LATCHKEY_ENDPOINT`).
//!
//! | case | what happens | where |
//! |---|---|---|
//! | 1 | 429 on every second send | `submitting` |
//! | 2 | the middle one of three is lost | `submitting` |
//! | 3 | one failure with three in flight | `submitting` |
//! | 4 | two endpoints disagree on the pending count | `watching` |
//! | 5 | a send without an answer was accepted | `submitting` |
//! | 6 | the poller skips the block | `watching` |
//! | 7 | the socket breaks around our block, a frame answers nobody | `watching` |
//! | 8 | preconfirmed, then refused or dropped | `promises` |
//! | 9 | a reorg of three omits, or includes in another order | `reorgs` |
//! | 10 | dropped from the pool | `submitting` |
//! | 11 | the base fee rises while mining is paused | `fees` |
//! | 12 | a revert in the middle of a batch, out of gas of the whole | `batch` |
//! | 13 | revoked, expired or granted anew with eight in flight, the local clock off | `session` |
//! | 14 | `kill -9` at four stages; a second process with the key | `killing` |
//! | 15 | refusals, then an outage, at five transactions a second | `outage` |
//! | – | out of gas money, and a top-up; delegated elsewhere | `session` |
//! | – | the chain has moved on when a run takes up the journal of an earlier one | `resume` |
//! | – | the wrong chain; an endpoint that is gone at the start | `start` |
//! | – | all of it at random, under kills | `random` |
//!
//! Every case ends with [`world::World::verify`]: no action lost, none carried out twice, the client's state equal to
//! the chain's, no gap in the nonces, and one transaction per nonce unless the case is about replacing it.

mod batch;
mod fees;
mod killing;
mod marks;
mod outage;
mod player;
mod promises;
mod random;
mod reorgs;
mod resume;
mod session;
mod start;
mod submitting;
mod watching;
mod world;
