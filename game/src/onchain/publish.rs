//! What the engine knows, as the plain resources and messages that the picture is made from.

use std::collections::VecDeque;

use bevy::prelude::*;
use latchkey::bevy::{ChainHandle, ChainSystems, OutcomeMessage, running};
use latchkey::{Outcome, Phase, Status};

use super::submit::sentence;
use crate::rules::{Event, Rules};
use crate::view::deed::{Fate, Foreign, Settled};
use crate::view::panel::{ChainPanel, Notice};
use crate::view::realm::Realm;

/// Seconds over which the transaction rate is taken: long enough for blocks of a second to even out.
const RATE_WINDOW_S: f32 = 5.0;
/// Seconds between two readings of rate and percentiles, which cost more than counts; nobody reads faster.
const READ_EVERY_S: f32 = 0.25;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(PreUpdate, (realm, panel, settle).after(ChainSystems::Reconcile).run_if(running::<Rules>));
}

fn realm(chain: Res<ChainHandle<Rules>>, mut realm: ResMut<Realm>) {
    realm.predicted.clone_from(chain.predicted());
    realm.confirmed.clone_from(chain.confirmed());
    realm.now = chain.now();
}

/// When transactions were counted, in seconds since the start, and how many there were.
#[derive(Default)]
struct Readings(VecDeque<(f32, u64)>);

impl Readings {
    /// Adds a reading and gives the rate over the window, per second.
    fn rate(&mut self, now_s: f32, sent: u64) -> f32 {
        self.0.push_back((now_s, sent));
        while self.0.len() > 2 && self.0.front().is_some_and(|(at, _)| now_s - at > RATE_WINDOW_S) {
            self.0.pop_front();
        }
        match self.0.front() {
            Some((at, before)) if now_s > *at => (sent - before) as f32 / (now_s - at),
            _ => 0.0,
        }
    }
}

fn panel(
    time: Res<Time>,
    chain: Res<ChainHandle<Rules>>,
    mut panel: ResMut<ChainPanel>,
    mut readings: Local<Readings>,
    mut unread_s: Local<f32>,
) {
    let status = chain.status();
    (panel.phase, panel.troubled) = phase(status.phase);
    panel.session_left_s = status.session.valid_until.saturating_sub(chain.now());
    panel.queued = status.actions.queued;
    panel.in_flight = status.actions.in_flight;
    panel.confirmed = status.actions.confirmed;
    panel.rolled_back = status.rollbacks;
    panel.cap_per_s = cap(status);
    panel.block = status.head_number;
    *unread_s -= time.delta_secs();
    if *unread_s > 0.0 {
        return;
    }
    *unread_s = READ_EVERY_S;
    panel.transactions_per_s = readings.rate(time.elapsed_secs(), status.transactions.sent);
    panel.latency_p50_ms = (panel.confirmed > 0).then(|| chain.report().act_to_confirmed_ms.p50 as u64);
    panel.last_error = status.last_error.clone().filter(|_| panel.troubled);
}

fn cap(status: &Status) -> f32 {
    f32::from(status.session.tx_limit) / status.session.tx_period_s.max(1) as f32
}

fn phase(phase: Phase) -> (&'static str, bool) {
    match phase {
        Phase::Starting => ("Starting", false),
        Phase::Ready => ("Ready", false),
        Phase::Degraded => ("Degraded", true),
        Phase::Draining => ("Draining", true),
        Phase::Stopped => ("Stopped", true),
        _ => ("Unknown", true),
    }
}

fn settle(
    mut outcomes: MessageReader<OutcomeMessage<Rules>>,
    mut settled: MessageWriter<Settled>,
    mut foreign: MessageWriter<Foreign>,
    mut notice: ResMut<Notice>,
) {
    for OutcomeMessage(outcome) in outcomes.read() {
        let (id, reason) = match outcome {
            Outcome::Confirmed { id, .. } => {
                settled.write(Settled { key: id.0, fate: Fate::Held });
                continue;
            }
            Outcome::Rejected { id, reason, .. } => (id, format!("the chain refused it: {reason}")),
            Outcome::Conflicted { id, reason, .. } => (id, format!("it no longer holds: {reason}")),
            Outcome::Expired { id, .. } => (id, "it was never sent".to_owned()),
            Outcome::Event { event: Event::Struck { id, damage, .. }, ours: None } => {
                foreign.write(Foreign { monster: *id, damage: *damage });
                continue;
            }
            Outcome::Phase(Phase::Draining) => {
                notice.say("The session takes nothing more. Press Esc to leave, then start a new one.", true);
                continue;
            }
            _ => continue,
        };
        notice.say(format!("Taken back: {}", sentence(&reason)), true);
        settled.write(Settled { key: id.0, fate: Fate::Undone(reason) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_taken_over_the_window() {
        let mut readings = Readings::default();
        assert_eq!(readings.rate(0.0, 0), 0.0);
        for tenth in 1..=100 {
            readings.rate(tenth as f32 / 10.0, tenth / 2);
        }
        let rate = readings.rate(10.1, 50);
        assert!((rate - 5.0).abs() < 0.3, "half an action each tenth of a second, got {rate}");
    }
}
