//! The way out: what is in flight is awaited, the session is revoked, the figures are handed over.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bevy::platform::cell::SyncCell;
use bevy::prelude::*;
use latchkey::bevy::{ChainHandle, ChainState};
use latchkey::{Chain, Report};

use super::granting::{Desk, Stage};
use super::setup::{Keeper, Spent, StillLive};
use super::waiting::Waiting;
use crate::rules::{Rules, World as Confirmed};
use crate::view::offer::{After, Answer, Offer, Renewal};
use crate::view::panel::{ChainPanel, Notice};
use crate::view::realm::Realm;
use crate::view::screen::Screen;
use crate::view::sessions::Sessions;

/// Longest wait for what is in flight: two slow blocks.
const DRAIN_DEADLINE: Duration = Duration::from_secs(25);
/// Longest wait for the engine's threads once nothing is in flight.
pub(super) const STOP_DEADLINE: Duration = Duration::from_secs(2);
/// Longest wait of the window for all of it, in seconds; longer than the two and a revocation together.
const CLOSE_MAX_S: f32 = 60.0;
/// Longest wait for a grant on its way, in seconds; two blocks of the embedded chain.
const GRANT_MAX_S: f32 = 3.0;
/// Pause between two looks at what is in flight.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How a run in a window ended.
#[derive(Debug, Default)]
pub struct Ending {
    /// Figures of the run; none when it never began.
    pub report: Option<Report>,
    /// The world as the chain had confirmed it.
    pub world: Option<Confirmed>,
    /// Where that differed from what the contracts say, in words; none when they could not be asked.
    pub differences: Option<Vec<String>>,
    /// What the session had spent of its caps; none when the contract could not be asked.
    pub spent: Option<Spent>,
    /// Time between blocks.
    pub block_time: Option<Duration>,
    /// Set when the session could not be seen to end.
    pub still_live: Option<StillLive>,
    /// Why there was no run, in words.
    pub failure: Option<String>,
}

/// Where each run's [`Ending`] is left for whoever started the window.
#[derive(Resource, Debug, Clone, Default)]
pub struct Outbox(Arc<Mutex<Vec<Ending>>>);

impl Outbox {
    /// Takes what was left, the runs in their order.
    pub fn take(&self) -> Vec<Ending> {
        self.0.lock().map(|mut endings| std::mem::take(&mut *endings)).unwrap_or_default()
    }

    pub(super) fn leave(&self, ending: Ending) {
        if let Ok(mut endings) = self.0.lock() {
            endings.push(ending);
        }
    }
}

/// The ending under way.
#[derive(Resource, Default)]
struct Closing {
    work: Option<SyncCell<Waiting<Ending>>>,
    waited_s: f32,
    over: bool,
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Closing>()
        .init_resource::<Outbox>()
        .add_systems(PreUpdate, leave)
        .add_systems(Update, close.run_if(in_state(Screen::Leaving)));
}

fn leave(
    mut answers: MessageReader<Answer>,
    screen: Res<State<Screen>>,
    mut after: ResMut<After>,
    mut next: ResMut<NextState<Screen>>,
) {
    for answer in answers.read() {
        let Answer::End(to) = answer else { continue };
        // Who closes the window while a session ends does not want to see the title.
        if *screen.get() != Screen::Leaving || *to == After::Quit {
            *after = *to;
            next.set(Screen::Leaving);
        }
    }
}

fn close(world: &mut World) {
    let passed_s = world.resource::<Time>().delta_secs();
    let mut closing = world.resource_mut::<Closing>();
    // The window may draw once more after the exit is asked for.
    if closing.over {
        return;
    }
    closing.waited_s += passed_s;
    let waited_s = closing.waited_s;
    let ending = match step(world) {
        Some(ending) => ending,
        None if waited_s > GRANT_MAX_S && granting(world) => left_behind(world),
        None if waited_s > CLOSE_MAX_S => {
            Ending { failure: Some("closing took too long and was given up".to_owned()), ..default() }
        }
        None => return,
    };
    let complaint = ending.still_live.as_ref().map(ToString::to_string).or_else(|| ending.failure.clone());
    world.resource::<Outbox>().leave(ending);
    let to = match *world.resource::<After>() {
        After::Quit => {
            world.resource_mut::<Closing>().over = true;
            world.write_message(AppExit::Success);
            return;
        }
        After::Title => Screen::Title,
        After::NewSession => Screen::Session,
    };
    begin_anew(world, to);
    if let Some(words) = complaint {
        world.resource_mut::<Notice>().say(words, true);
    }
}

/// Everything as it was at the start, but for the chain itself.
fn begin_anew(world: &mut World, to: Screen) {
    world.insert_resource(Closing::default());
    world.insert_resource(Realm::default());
    world.insert_resource(ChainPanel::default());
    world.insert_resource(Renewal::default());
    world.insert_resource(Sessions::default());
    world.resource_mut::<NextState<ChainState>>().set(ChainState::Offline);
    let offer = world.get_resource_mut::<Desk>().map(|mut desk| desk.again()).unwrap_or_default();
    world.insert_resource(offer);
    world.resource_mut::<NextState<Screen>>().set(to);
}

fn granting(world: &mut World) -> bool {
    world.get_resource_mut::<Desk>().is_some_and(|mut desk| matches!(desk.stage.get(), Stage::Granting(_)))
}

/// What is told when a grant does not come: it may still do so.
fn left_behind(world: &World) -> Ending {
    let (key, account) = match world.resource::<Offer>() {
        Offer::Granting(terms) => (terms.key.as_str(), terms.account.as_str()),
        _ => ("the session key", "the account"),
    };
    let words = format!(
        "left while the grant was on its way. If the chain still takes it, {key} is a session of {account}, and nobody \
         has its key any more; to be sure, call `latchkey sessions revoke {key}` with the owner's key"
    );
    Ending { failure: Some(words), ..default() }
}

/// One look at the way out; the ending once it is there.
fn step(world: &mut World) -> Option<Ending> {
    if let Some(waiting) = &mut world.resource_mut::<Closing>().work {
        let result = waiting.get().look()?;
        return Some(result.unwrap_or_else(failed));
    }
    let failure = match world.resource::<Offer>() {
        Offer::Failed(reason) => Some(reason.clone()),
        _ => None,
    };
    let nothing = Ending { failure, ..default() };
    let chain = world.remove_resource::<ChainHandle<Rules>>();
    let after = *world.resource::<After>();
    let Some(mut desk) = world.get_resource_mut::<Desk>() else { return Some(nothing) };
    if after == After::Quit {
        desk.leave();
    }
    let stage = desk.stage.get();
    let (chain, keeper) = match (std::mem::replace(stage, Stage::Gone), chain) {
        (Stage::Live(keeper), Some(chain)) => (chain.0, *keeper),
        // A grant on its way cannot be called back: it is awaited, then revoked.
        (Stage::Granting(waiting), _) => match waiting.look() {
            None => {
                *stage = Stage::Granting(waiting);
                return None;
            }
            Some(Ok(run)) => (run.chain, run.keeper),
            Some(Err(error)) => return Some(failed(error)),
        },
        _ => return Some(nothing),
    };
    match Waiting::on_thread("latchkey-close", move || Ok(end(chain, &keeper))) {
        Ok(waiting) => {
            world.resource_mut::<Closing>().work = Some(SyncCell::new(waiting));
            None
        }
        Err(error) => Some(failed(error)),
    }
}

fn failed(error: anyhow::Error) -> Ending {
    Ending { failure: Some(format!("{error:#}")), ..default() }
}

/// Waits, stops, compares, revokes. Blocks.
fn end(mut chain: Chain<Rules>, keeper: &Keeper) -> Ending {
    let deadline = Instant::now() + DRAIN_DEADLINE;
    let (_never, wait) = std::sync::mpsc::sync_channel::<()>(1);
    loop {
        chain.drain();
        if chain.status().actions.unresolved == 0 || Instant::now() >= deadline {
            break;
        }
        keeper.hurry();
        // Nobody ever sends; this only waits.
        let _ = wait.recv_timeout(LOOK_EVERY);
    }
    let world = chain.confirmed().clone();
    let report = chain.shutdown(STOP_DEADLINE);
    let differences = keeper.truth().map(|truth| truth.differences(&world)).ok();
    Ending {
        report: Some(report),
        world: Some(world),
        differences,
        spent: keeper.spent().ok().flatten(),
        block_time: Some(keeper.block_time()),
        still_live: keeper.revoke().err(),
        failure: None,
    }
}
