//! How the chain is doing, in numbers and words.

use std::collections::VecDeque;

use bevy::prelude::*;

/// Figures of the run, refreshed every frame.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct ChainPanel {
    /// Phase of the client, in one word.
    pub phase: &'static str,
    /// Whether the phase calls for attention.
    pub troubled: bool,
    /// Why the session takes nothing more, in words; none while it does.
    pub over: Option<String>,
    /// Seconds until the session ends.
    pub session_left_s: u64,
    /// Seconds from the session's start to its end.
    pub session_length_s: u64,
    /// Actions not yet in a transaction.
    pub queued: u64,
    /// Actions in a transaction whose end is not known.
    pub in_flight: u64,
    /// Actions of earlier runs whose end is not known.
    pub earlier: u64,
    /// Actions that the chain carried out.
    pub confirmed: u64,
    /// Actions that were shown and had to be taken back.
    pub rolled_back: u64,
    /// Transactions per second over the last few seconds.
    pub transactions_per_s: f32,
    /// The most that the contract allows, in transactions per second.
    pub cap_per_s: f32,
    /// Half of the actions were confirmed within this many milliseconds.
    pub latency_p50_ms: Option<u64>,
    /// All but one in a hundred were confirmed within this many milliseconds.
    pub latency_p99_ms: Option<u64>,
    /// From act to confirmed for each of the latest actions, in milliseconds, oldest first; at most [`LATENCIES`].
    pub latencies_ms: VecDeque<u32>,
    /// What the session has spent of its caps.
    pub caps: Vec<Cap>,
    /// The latest transactions, newest first.
    pub recent: Vec<Sent>,
    /// Latest block.
    pub block: u64,
    /// Latest error, in words.
    pub last_error: Option<String>,
}

/// Latencies that the panel draws: one a pixel column of its graph.
pub const LATENCIES: usize = 120;

/// How much of a cap is used.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cap {
    /// What is capped, such as `coin` or `GOLD`.
    pub name: String,
    /// Spent and most, in words, such as `0.0015 of 0.05`.
    pub words: String,
    /// Spent as a share of the most, from 0 to 1.
    pub share: f32,
}

/// A transaction as the panel lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Its hash, in full.
    pub hash: String,
    /// Number of actions in it.
    pub actions: usize,
    /// Where it is; `None` while it is in flight, then whether the chain carried it out.
    pub carried_out: Option<bool>,
}

/// The latest thing that the player should read, such as why an action was refused.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct Notice {
    /// The words; empty for none.
    pub text: String,
    /// Seconds for which it has been shown.
    pub age_s: f32,
    /// Whether it reports something taken back.
    pub grave: bool,
}

impl Notice {
    /// Shows `text` in place of what was there.
    pub fn say(&mut self, text: impl Into<String>, grave: bool) {
        *self = Self { text: text.into(), age_s: 0.0, grave };
    }
}
