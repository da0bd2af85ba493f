//! The session that the player is asked to grant.

use bevy::prelude::*;

/// How far the session is.
#[derive(Resource, Debug, Clone, PartialEq, Eq, Default)]
pub enum Offer {
    /// The endpoint is asked, contracts are looked up.
    #[default]
    Preparing,
    /// The player decides.
    Offered(Terms),
    /// The grant is on its way.
    Granting(Terms),
    /// It did not work; the words say why.
    Failed(String),
    /// The session is live.
    Live,
}

/// The policy in words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terms {
    /// Where the game is played.
    pub endpoint: String,
    /// Account that grants.
    pub account: String,
    /// The policy, line by line.
    pub lines: Vec<String>,
    /// The most that could ever be lost.
    pub largest_loss: String,
    /// What is unusually broad about it.
    pub warnings: Vec<String>,
}

/// What the player answers.
#[derive(Message, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Grant it.
    Confirm,
    /// Prepare again, after a failure.
    Retry,
    /// Leave; a live session is revoked.
    Quit,
}
