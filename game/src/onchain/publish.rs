//! What the engine knows, as the plain resources and messages that the picture is made from.

use std::collections::VecDeque;

use alloy::primitives::{Address, B256, U256};
use bevy::prelude::*;
use latchkey::bevy::{ChainHandle, ChainSystems, OutcomeMessage, running};
use latchkey::pure::Ending;
use latchkey::{DrainReason, Outcome, Phase, RecentTransaction, SessionFacts, Status, TransactionState};

use super::setup::whole;
use super::submit::sentence;
use crate::rules::{Event, Rules};
use crate::view::deed::{Fate, Foreign, Settled};
use crate::view::panel::{Cap, ChainPanel, LATENCIES, Notice, Sent};
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
        // Another session counts from nothing.
        if self.0.back().is_some_and(|(_, before)| sent < *before) {
            self.0.clear();
        }
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
    mut seen: Local<Seen>,
) {
    let status = chain.status();
    (panel.phase, panel.troubled) = phase(status.phase);
    panel.over = over(status.phase);
    panel.session_length_s = status.session.valid_until.saturating_sub(status.session.valid_after);
    panel.session_left_s = status.session.valid_until.saturating_sub(chain.now());
    panel.queued = status.actions.queued;
    panel.in_flight = status.actions.in_flight;
    panel.earlier = status.actions.earlier;
    panel.confirmed = status.actions.confirmed;
    panel.rolled_back = status.rollbacks;
    panel.cap_per_s = cap(status);
    panel.block = status.head_number;
    // Of the same moment as the counts, or the two would contradict each other.
    let listed = |listed: &Seen| listed.iter().copied().eq(status.recent.iter().map(key));
    if !listed(&seen) {
        *seen = status.recent.iter().map(key).collect();
        panel.recent = status.recent.iter().map(sent).collect();
    }
    *unread_s -= time.delta_secs();
    if *unread_s > 0.0 {
        return;
    }
    *unread_s = READ_EVERY_S;
    panel.transactions_per_s = readings.rate(time.elapsed_secs(), status.transactions.sent);
    if panel.confirmed > 0 {
        let latency = chain.report().act_to_confirmed_ms;
        panel.latency_p50_ms = Some(latency.p50 as u64);
        panel.latency_p99_ms = Some(latency.p99 as u64);
    }
    panel.caps = caps(&status.session);
    panel.last_error = trouble(status);
}

/// The transactions that the list shows, and their states.
type Seen = Vec<(B256, TransactionState)>;

fn key(transaction: &RecentTransaction) -> (B256, TransactionState) {
    (transaction.hash, transaction.state)
}

fn cap(status: &Status) -> f32 {
    f32::from(status.session.tx_limit) / status.session.tx_period_s.max(1) as f32
}

/// What the session has spent, as the engine knows it.
fn caps(session: &SessionFacts) -> Vec<Cap> {
    let cap = |name: &str, spent: u128, total: u128| Cap {
        name: name.to_owned(),
        words: format!("{} of {}", whole(U256::from(spent)), whole(U256::from(total))),
        share: if total == 0 { 0.0 } else { (spent as f64 / total as f64).min(1.0) as f32 },
    };
    let native = cap("coin", session.native_spent, session.native_total);
    // The demo's sessions cap one token, which is the game's Gold.
    std::iter::once(native).chain(session.tokens.iter().map(|token| cap("Gold", token.spent, token.total))).collect()
}

fn sent(transaction: &RecentTransaction) -> Sent {
    Sent {
        hash: transaction.hash.to_string(),
        actions: transaction.actions,
        carried_out: match transaction.state {
            TransactionState::InFlight => None,
            TransactionState::Confirmed => Some(true),
            TransactionState::Reverted => Some(false),
        },
    }
}

fn phase(phase: Phase) -> (&'static str, bool) {
    match phase {
        Phase::Starting => ("Starting", false),
        Phase::Ready => ("Ready", false),
        Phase::Degraded(_) => ("Degraded", true),
        Phase::Draining(_) => ("Draining", true),
        Phase::Stopped => ("Stopped", true),
        _ => ("Unknown", true),
    }
}

/// Why the session takes nothing more.
fn over(phase: Phase) -> Option<String> {
    match phase {
        // The screen that lists the sessions asks for it.
        Phase::Draining(DrainReason::Asked) => Some("The chain no longer lists it: it was revoked.".to_owned()),
        Phase::Draining(reason) => Some(sentence(&reason.to_string())),
        _ => None,
    }
}

/// What the player should know while the phase calls for attention; the endpoint's own words are in the log.
fn trouble(status: &Status) -> Option<String> {
    match status.phase {
        Phase::Degraded(reason) => {
            let reason = sentence(&reason.to_string());
            Some(format!("{reason} Nothing is lost: what you do waits, and goes out by itself."))
        }
        // The sheet that comes up then says why; an error of long ago would only confuse.
        Phase::Draining(_) => None,
        _ => status.last_error.clone().filter(|_| phase(status.phase).1),
    }
}

fn settle(
    mut outcomes: MessageReader<OutcomeMessage<Rules>>,
    mut settled: MessageWriter<Settled>,
    mut foreign: MessageWriter<Foreign>,
    mut notice: ResMut<Notice>,
    mut panel: ResMut<ChainPanel>,
    realm: Res<Realm>,
) {
    let (mut reopened, mut earlier) = (0, [0; 2]);
    for OutcomeMessage(outcome) in outcomes.read() {
        let (id, reason) = match outcome {
            Outcome::Confirmed { id, latency, .. } => {
                panel.latencies_ms.push_back(latency.as_millis().try_into().unwrap_or(u32::MAX));
                if panel.latencies_ms.len() > LATENCIES {
                    panel.latencies_ms.pop_front();
                }
                settled.write(Settled { key: id.0, fate: Fate::Held });
                continue;
            }
            Outcome::Rejected { id, reason, .. } => (id, format!("the chain refused it: {reason}")),
            Outcome::Conflicted { id, reason, .. } => (id, format!("it no longer holds: {reason}")),
            Outcome::Expired { id, .. } => (id, "it was never sent".to_owned()),
            Outcome::Event { event, ours: None } => {
                foreign.write_batch(deed_of_another(event, realm.confirmed.me));
                continue;
            }
            Outcome::Preconfirmed { id } => {
                settled.write(Settled { key: id.0, fate: Fate::Expected });
                continue;
            }
            Outcome::Reopened { id, .. } => {
                reopened += 1;
                settled.write(Settled { key: id.0, fate: Fate::Open });
                continue;
            }
            Outcome::Earlier { ending, .. } => {
                earlier[usize::from(*ending != Ending::Confirmed)] += 1;
                continue;
            }
            Outcome::GasMoney { .. } => {
                notice.say("The session key has no coin left for fees; actions wait. Esc ends the session, and a new one brings more.", true);
                continue;
            }
            _ => continue,
        };
        notice.say(format!("Taken back: {}", sentence(&reason)), true);
        settled.write(Settled { key: id.0, fate: Fate::Undone(reason) });
    }
    if reopened > 0 {
        notice.say(format!("The chain took back blocks: {} open again.", actions(reopened)), true);
    }
    match earlier {
        [0, 0] => {}
        [held, 0] => notice.say(format!("Of the last run, {} carried out.", actions(held)), false),
        [held, lost] => {
            notice.say(format!("Of the last run, {} carried out and {lost} not.", actions(held)), false);
        }
    }
}

fn actions(count: usize) -> String {
    if count == 1 { "1 action is".to_owned() } else { format!("{count} actions are") }
}

/// What another player than `me` did; an earlier run's late deed is nobody else's.
fn deed_of_another(event: &Event, me: Address) -> Option<Foreign> {
    let (monster, damage) = match *event {
        Event::Struck { id, damage, .. } => (id, damage),
        Event::PickedUp { loot, .. } => (loot.monster, 0),
    };
    (event.player() != me).then(|| Foreign { player: event.player(), monster, damage })
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
        assert_eq!(readings.rate(10.2, 0), 0.0, "another session");
        assert!((readings.rate(11.2, 3) - 3.0).abs() < 0.01);
    }
}
