//! End-to-end tests, in one binary.

mod cli;
mod play;
mod tidy;
