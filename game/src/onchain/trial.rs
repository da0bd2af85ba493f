//! A bot that plays at a given pace without walking, on the chain and on the rules alone by turns: what the
//! measurement of frames compares.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bevy::prelude::*;
use latchkey::bevy::{ChainHandle, ChainSystems};
use serde_json::json;

use super::setup::{Keeper, Prepared, Run};
use crate::bot::Bot;
use crate::rules::play::Times;
use crate::rules::{Action, Rules, World as State};
use crate::view::deed::{Deed, Fate, Settled};
use crate::view::offer::Choice;
use crate::view::realm::Realm;
use crate::view::screen::Step;

/// How fast chain time passes there, in chain seconds per second. Monsters rise ten of them after they fell, and
/// otherwise there would be nothing to do most of the time.
const HASTE: u64 = 20;
/// Pause between two jumps of chain time.
const JUMP_EVERY: Duration = Duration::from_millis(500);
/// Seconds from an action on the rules alone to its end, about as long as the chain takes.
const SETTLE_S: f64 = 0.6;
/// The widest session there is: nothing of it must run out.
const WIDEST: Choice = Choice { minutes: 10_080, native_cents: 200, gold: 1_000, transactions_per_s: 10 };

/// What is played on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ground {
    /// The chain, through the plugin.
    Chain,
    /// The rules alone: the plugin rests.
    Rules,
}

/// The play that is measured.
#[derive(Resource)]
pub(crate) struct Trial {
    pub(crate) ground: Ground,
    /// Whether the bot plays on; it rests before the ground is changed.
    pub(crate) playing: bool,
    /// Actions per second that the bot tries.
    pub(crate) pace: u32,
    /// Actions so far.
    pub(crate) acted: u64,
    /// Longest of each frame's time in the plugin's systems and in `act`, in nanoseconds, taken by who measures.
    pub(crate) spent_ns: u64,
    aside: Option<ChainHandle<Rules>>,
    alone: State,
    pending: VecDeque<(f64, u64, Action, u64)>,
    bot: Bot,
    due: f64,
    entered: Option<Instant>,
    haste: Arc<AtomicBool>,
    _keeper: Keeper,
}

impl Drop for Trial {
    fn drop(&mut self) {
        self.haste.store(false, Ordering::Relaxed);
    }
}

/// Grants a session on the embedded chain, whose time then passes faster. Blocks.
///
/// # Errors
/// As [`Prepared::start`]; or the system gives no thread.
pub(crate) fn begin(mut prepared: Prepared, pace: u32) -> anyhow::Result<Trial> {
    prepared.choose(WIDEST)?;
    let Run { chain, keeper } = prepared.start()?;
    let haste = Arc::new(AtomicBool::new(true));
    if let Some(embedded) = keeper.embedded().cloned() {
        let hasten = haste.clone();
        std::thread::Builder::new().name("latchkey-haste".to_owned()).spawn(move || {
            let step = HASTE * JUMP_EVERY.as_millis() as u64 / 1_000;
            while hasten.load(Ordering::Relaxed) {
                // A chain that does not answer shows in the figures.
                drop(embedded.devnet.request("evm_increaseTime", json!([step])));
                std::thread::park_timeout(JUMP_EVERY);
            }
        })?;
    }
    Ok(Trial {
        ground: Ground::Rules,
        playing: true,
        pace,
        acted: 0,
        spent_ns: 0,
        alone: chain.confirmed().clone(),
        aside: Some(ChainHandle(chain)),
        pending: VecDeque::new(),
        bot: Bot::new(1),
        due: 0.0,
        entered: None,
        haste,
        _keeper: keeper,
    })
}

pub(crate) fn plugin(app: &mut App) {
    app.add_systems(PreUpdate, (enter.before(ChainSystems::Receive), leave.after(ChainSystems::Reconcile)))
        .add_systems(Update, act.in_set(Step::Order))
        .add_systems(PostUpdate, (enter.before(ChainSystems::Submit), leave.after(ChainSystems::Flush)));
}

fn enter(mut trial: ResMut<Trial>) {
    trial.entered = Some(Instant::now());
}

fn leave(mut trial: ResMut<Trial>) {
    if let Some(entered) = trial.entered.take() {
        trial.spent_ns += entered.elapsed().as_nanos() as u64;
    }
}

impl Trial {
    /// Whether nothing is on its way, so that the ground may change.
    pub(crate) fn is_settled(&self, chain: Option<&ChainHandle<Rules>>) -> bool {
        self.pending.is_empty() && chain.is_none_or(|chain| chain.status().actions.unresolved == 0)
    }
}

/// Whether the ground may be changed now.
pub(crate) fn settled(trial: &Trial, world: &World) -> bool {
    trial.is_settled(world.get_resource::<ChainHandle<Rules>>())
}

/// Changes the ground; the chain rests meanwhile, with its threads.
pub(crate) fn change(world: &mut World) {
    world.resource_scope(|world, mut trial: Mut<Trial>| {
        trial.playing = true;
        trial.due = 0.0;
        trial.ground = match world.remove_resource::<ChainHandle<Rules>>() {
            Some(chain) => {
                trial.alone.clone_from(chain.confirmed());
                trial.aside = Some(chain);
                Ground::Rules
            }
            None => {
                if let Some(chain) = trial.aside.take() {
                    world.insert_resource(chain);
                }
                Ground::Chain
            }
        };
    });
}

fn act(
    time: Res<Time<Real>>,
    mut trial: ResMut<Trial>,
    mut chain: Option<ResMut<ChainHandle<Rules>>>,
    mut realm: ResMut<Realm>,
    mut deeds: MessageWriter<Deed>,
    mut settled: MessageWriter<Settled>,
) {
    let trial = &mut *trial;
    let now_s = time.elapsed_secs_f64();
    if trial.ground == Ground::Rules {
        // The same clock as on the chain, near enough.
        realm.now = trial.aside.as_ref().map_or(0, |chain| chain.now()) + (now_s * HASTE as f64) as u64;
        while trial.pending.front().is_some_and(|(due_s, ..)| *due_s <= now_s) {
            if let Some((_, key, action, at)) = trial.pending.pop_front() {
                // It held when it was played, and nobody else plays here.
                let _ = trial.alone.play(&action, Times::exactly(at));
                settled.write(Settled { key, fate: Fate::Held });
            }
        }
        realm.confirmed.clone_from(&trial.alone);
    }
    trial.due += if trial.playing { time.delta_secs_f64() * f64::from(trial.pace) } else { 0.0 };
    // A stall is no reason to hurry.
    trial.due = trial.due.min(f64::from(trial.pace) / 4.0);
    while trial.due >= 1.0 {
        trial.due -= 1.0;
        let Some(action) = trial.bot.next(&realm.predicted, realm.now) else { break };
        let before = realm.predicted.clone();
        let key = match &mut chain {
            Some(chain) => {
                let begun = Instant::now();
                let result = chain.act(action);
                trial.spent_ns += begun.elapsed().as_nanos() as u64;
                let Ok(id) = result else { break };
                realm.predicted.clone_from(chain.predicted());
                id.0
            }
            None => {
                let at = realm.now;
                if realm.predicted.play(&action, Times::exactly(at)).is_err() {
                    break;
                }
                // Beyond every number that the chain gives.
                let key = u64::MAX - trial.acted;
                trial.pending.push_back((now_s + SETTLE_S, key, action, at));
                key
            }
        };
        trial.acted += 1;
        deeds.write(Deed::between(key, action, &before, &realm.predicted, realm.now));
    }
}
