//! What the developer menu can break, and what is broken.

use bevy::prelude::*;

/// A fault that can be made between the engine and the embedded chain.
#[derive(Message, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The endpoint does not answer for a while.
    Cut,
    /// Every answer comes late for a while.
    Delay,
    /// What waits for a block is forgotten, and the next submissions are lost.
    Drop,
    /// The latest three blocks are replaced by others.
    Reorg,
    /// The owner revokes the session from elsewhere.
    Revoke,
}

impl Fault {
    /// All of them, in the order of their keys.
    pub const ALL: [Self; 5] = [Self::Cut, Self::Delay, Self::Drop, Self::Reorg, Self::Revoke];

    /// The key that makes it while the menu is open.
    pub const fn key(self) -> KeyCode {
        match self {
            Self::Cut => KeyCode::F2,
            Self::Delay => KeyCode::F3,
            Self::Drop => KeyCode::F4,
            Self::Reorg => KeyCode::F5,
            Self::Revoke => KeyCode::F6,
        }
    }

    /// What it does, in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Cut => "F2  cut the endpoint for 20 s",
            Self::Delay => "F3  answer 1.5 s late for 20 s",
            Self::Drop => "F4  drop transactions",
            Self::Reorg => "F5  reorganise 3 blocks",
            Self::Revoke => "F6  revoke from outside",
        }
    }
}

/// State of the developer menu.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct Faults {
    /// Whether there is anything to break: on the embedded chain alone.
    pub available: bool,
    /// Whether the menu is shown.
    pub open: bool,
    /// Seconds for which the endpoint stays cut.
    pub cut_s: f32,
    /// Seconds for which answers stay late.
    pub late_s: f32,
    /// What was last done, in words.
    pub said: String,
}
