//! How fast this machine signs, and what the best of the alternatives is.
//!
//! `latchkey bench` and the small binary `side-by-side` run the same [`command`]. Everything is measured on the
//! library alone, so that this crate builds without the game.
//!
//! | module | what lives there |
//! |---|---|
//! | [`world`] | what the criterion benches measure: filled, warmed up, the same on every run |
//! | [`candidate`] | something that signs, and how a sample of it is taken |
//! | [`ours`], [`peer`] | the library's own signers in this process; the peers in processes of their own |
//! | [`hop`] | from the game thread to a thread that waits for work |
//! | [`rounds`] | candidates in turn, medians and ratios |
//! | [`goals`] | what the figures must show |
//! | [`machine`], [`report`], [`page`] | where it was measured; the figures as JSON and text, and as a page with charts |
//! | [`command`] | the command line over all of it |

#![forbid(unsafe_code)]

pub mod candidate;
pub mod command;
pub mod goals;
pub mod hop;
pub mod machine;
pub mod ours;
pub mod page;
pub mod peer;
pub mod report;
pub mod rounds;
pub mod world;
