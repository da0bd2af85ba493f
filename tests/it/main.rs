//! End-to-end tests, in one binary.

mod cli;
mod ground;
mod owner;
mod parity;
mod play;
mod resume;
mod rivals;
mod tidy;
