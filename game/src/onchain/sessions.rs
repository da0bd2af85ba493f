//! The account's sessions for the screen that shows them: asked for and revoked with the owner's key, off the frame.

use std::sync::Arc;

use alloy::primitives::{Address, U256};
use bevy::platform::cell::SyncCell;
use bevy::prelude::*;
use latchkey::Owner;
use latchkey::bevy::{ChainHandle, running};
use latchkey::contracts::abi::SessionView;
use latchkey::contracts::gold;
use latchkey::session::describe_session;

use super::granting::{Desk, Stage};
use super::setup::{known_policy, whole};
use super::waiting::Waiting;
use crate::rules::Rules;
use crate::view::offer::Answer;
use crate::view::panel::{Cap, Notice};
use crate::view::sessions::{LiveSession, Sessions, SessionsWish};

/// The question under way, and what came of earlier ones.
#[derive(Resource, Default)]
struct Asking {
    waiting: Option<SyncCell<Waiting<Vec<LiveSession>>>>,
    /// Key of this run's session, where there was one when the question was asked.
    ours: Option<Address>,
    /// Whether the chain no longer knows that session.
    over: bool,
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Asking>().add_systems(
        PreUpdate,
        (revoke_own, ask, look, wind_down.run_if(running::<Rules>)).chain().run_if(resource_exists::<Desk>),
    );
}

/// The panel's revoke button is a wish like any other.
fn revoke_own(
    mut answers: MessageReader<Answer>,
    mut desk: ResMut<Desk>,
    mut wishes: MessageWriter<SessionsWish>,
    mut notice: ResMut<Notice>,
) {
    if answers.read().any(|answer| *answer == Answer::Revoke)
        && let Stage::Live(keeper) = desk.stage.get()
    {
        notice.say("Revoking the session...", false);
        wishes.write(SessionsWish::Revoke(keeper.key()));
    }
}

fn ask(
    mut wishes: MessageReader<SessionsWish>,
    mut desk: ResMut<Desk>,
    mut asking: ResMut<Asking>,
    mut sessions: ResMut<Sessions>,
) {
    // One question at a time; the answer to the running one is as fresh as the next one's would be.
    let Some(wish) = wishes.read().last().copied() else { return };
    if asking.waiting.is_some() && wish == SessionsWish::Read {
        return;
    }
    let (owner, ours) = match desk.stage.get() {
        Stage::Offered(prepared) => (prepared.owner(), None),
        Stage::Live(keeper) => (keeper.owner(), Some(keeper.key())),
        _ => {
            *sessions = Sessions::Failed("The chain is not connected yet. Try again in a moment.".to_owned());
            return;
        }
    };
    *sessions = Sessions::Asking(match wish {
        SessionsWish::Read => "Reading the sessions from the chain...",
        SessionsWish::Revoke(_) => "Revoking the session and waiting for the chain...",
        SessionsWish::RevokeAll => "Revoking every session and waiting for the chain...",
    });
    match Waiting::on_thread("latchkey-sessions", move || answer(&owner, ours, wish)) {
        Ok(waiting) => (asking.waiting, asking.ours) = (Some(SyncCell::new(waiting)), ours),
        Err(error) => *sessions = Sessions::Failed(format!("{error:#}")),
    }
}

fn look(mut asking: ResMut<Asking>, mut sessions: ResMut<Sessions>) {
    let Some(result) = asking.waiting.as_mut().and_then(|waiting| waiting.get().look()) else { return };
    asking.waiting = None;
    *sessions = match result {
        Ok(known) => {
            asking.over = asking.ours.is_some() && !known.iter().any(|session| session.ours);
            Sessions::Known(known)
        }
        Err(error) => Sessions::Failed(format!("{error:#}")),
    };
}

/// A session that the chain no longer knows signs nothing more; no action has to be refused to find that out.
fn wind_down(mut asking: ResMut<Asking>, mut chain: ResMut<ChainHandle<Rules>>) {
    if asking.over {
        asking.over = !chain.wind_down();
    }
}

/// Does what is wished and reads the sessions. Blocks.
fn answer(owner: &Arc<Owner>, ours: Option<Address>, wish: SessionsWish) -> anyhow::Result<Vec<LiveSession>> {
    match wish {
        SessionsWish::Read => {}
        SessionsWish::Revoke(key) => owner.revoke(key)?,
        SessionsWish::RevokeAll => owner.revoke_all()?,
    }
    let known = known_policy()?;
    let stored = owner.sessions()?;
    // The earliest that any may act again is this block's time, unless all have just acted.
    let now: u64 = stored.iter().map(|session| session.nextAllowedAt.to()).min().unwrap_or_default();
    let mut live: Vec<LiveSession> = stored
        .iter()
        .map(|session| {
            let until: u64 = session.validUntil.to();
            LiveSession {
                key: session.key,
                ours: ours == Some(session.key),
                lines: describe_session(session, Some(&known)),
                caps: caps(session),
                left_s: until.saturating_sub(now),
            }
        })
        .filter(|session| session.left_s > 0)
        .collect();
    live.sort_by_key(|session| session.left_s);
    Ok(live)
}

fn caps(session: &SessionView) -> Vec<Cap> {
    let cap = |name: String, spent: U256, total: U256| Cap {
        name,
        words: format!("{} of {}", whole(spent), whole(total)),
        share: if total.is_zero() { 0.0 } else { (f64::from(spent) / f64::from(total)).min(1.0) as f32 },
    };
    let native = cap("coin".to_owned(), session.nativeSpent, session.nativeTotal);
    let tokens = session.tokens.iter().map(|token| {
        let name = if token.token == gold() { "Gold".to_owned() } else { token.token.to_string() };
        cap(name, token.spent, token.total)
    });
    std::iter::once(native).chain(tokens).collect()
}
