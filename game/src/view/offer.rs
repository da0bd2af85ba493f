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

/// The policy in words, with what of it the player can choose.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terms {
    /// Where the game is played.
    pub endpoint: String,
    /// Account that grants.
    pub account: String,
    /// Session key that receives the grant; empty where it is made only when the player has signed.
    pub key: String,
    /// The policy, line by line.
    pub lines: Vec<String>,
    /// What the player has chosen of it.
    pub choice: Choice,
    /// Whether it is the session of an earlier run, which is gone on with and asks for nothing.
    pub going_on: bool,
    /// The most that could ever be lost.
    pub largest_loss: String,
    /// What is unusually broad about it.
    pub warnings: Vec<String>,
}

/// What of a policy the player chooses; everything else is the game's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// Time from the grant to the end, in minutes.
    pub minutes: u32,
    /// Native coin that the whole session may send to the game, in hundredths of a coin.
    pub native_cents: u32,
    /// Gold that the whole session may spend, whole.
    pub gold: u32,
    /// Transactions per second, before they are fitted to the block time.
    pub transactions_per_s: u16,
}

impl Choice {
    /// Lifetimes to choose from, in minutes: a quarter of an hour to a week.
    pub const MINUTES: [u32; 7] = [15, 60, 120, 240, 720, 1_440, 10_080];
    /// Native totals to choose from, in hundredths of a coin; from none at all to so much that it is warned about.
    pub const NATIVE_CENTS: [u32; 6] = [0, 1, 5, 20, 100, 200];
    /// Gold totals to choose from.
    pub const GOLD: [u32; 6] = [0, 20, 100, 200, 500, 1_000];
    /// Rates to choose from, in transactions per second.
    pub const TRANSACTIONS_PER_S: [u16; 4] = [1, 2, 5, 10];
}

impl Default for Choice {
    /// An evening's session: two hours, a hundred Smites, fifty Tithes, five transactions per second.
    fn default() -> Self {
        Self { minutes: 120, native_cents: 5, gold: 100, transactions_per_s: 5 }
    }
}

/// Whether the session should be renewed, and how far that is.
#[derive(Resource, Debug, Clone, PartialEq, Eq, Default)]
pub enum Renewal {
    /// Most of its life is left.
    #[default]
    NotDue,
    /// Four fifths of its life are over; the words say what a new one allows.
    Due(String),
    /// A new one is granted, and takes over once nothing of the old one is open. Play goes on.
    UnderWay,
    /// It did not work; the words say why. The old one lasts until its end.
    Failed(String),
}

/// Where the player goes once the session is closed.
#[derive(Resource, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum After {
    /// Out of the game.
    #[default]
    Quit,
    /// To the title.
    Title,
    /// To the terms of a new session.
    NewSession,
}

/// What the player answers.
#[derive(Message, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Show the terms with this choice; they come back as [`Offer::Offered`].
    Choose(Choice),
    /// Grant it.
    Confirm,
    /// Prepare again, after a failure.
    Retry,
    /// Revoke the live session and stay: nothing new is signed, what is in flight is followed.
    Revoke,
    /// Grant a new session and go on with it, without leaving.
    Renew,
    /// Revoke the live session, wait for what is in flight, and go on elsewhere.
    End(After),
}
