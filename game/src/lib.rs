//! The demo game of Latchkey: an action RPG whose every hit is a transaction, signed by a session key.
//!
//! Imports go down only: what draws reads state and never writes it; `onchain` and `input` are the
//! only ones that know the engine; [`rules`] are pure integers.

pub mod rules;
