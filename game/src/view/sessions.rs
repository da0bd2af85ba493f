//! The account's live sessions, as the chain has them.

use alloy::primitives::Address;
use bevy::prelude::*;

use super::panel::Cap;

/// What is known of the account's sessions; `onchain` writes it when a [`SessionsWish`] asks for it.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub enum Sessions {
    /// Nobody has asked yet.
    #[default]
    Unread,
    /// The chain is being asked; the words say what for.
    Asking(&'static str),
    /// The sessions that are live, those that end first before the others.
    Known(Vec<LiveSession>),
    /// The chain could not be asked, or refused; the words say why and what to do.
    Failed(String),
}

/// A session that is live on chain.
#[derive(Debug, Clone, PartialEq)]
pub struct LiveSession {
    /// Its key.
    pub key: Address,
    /// Whether this run plays with it.
    pub ours: bool,
    /// Its whole policy with what remains, line by line.
    pub lines: Vec<String>,
    /// What it has spent of each cap.
    pub caps: Vec<Cap>,
    /// Seconds of chain time until it ends.
    pub left_s: u64,
}

/// What the player wants of the account's sessions.
#[derive(Message, Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionsWish {
    /// Read them from the chain again.
    Read,
    /// Revoke the session of this key, with the owner's key, then read again.
    Revoke(Address),
    /// Revoke all of them at once, then read again.
    RevokeAll,
}
