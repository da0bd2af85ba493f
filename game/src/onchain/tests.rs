//! Whole runs on the embedded chain, without window or renderer; the engine checks itself at each step.

use std::time::{Duration, Instant};

use alloy::primitives::Address;
use bevy::input::InputPlugin;
use bevy::prelude::*;
use bevy::state::app::StatesPlugin;
use serde_json::json;

use super::granting::{Desk, Stage};
use super::{Outbox, RunOptions, prepare};
use crate::rules::Action;
use crate::view::deed::{Deed, Fate, Order, Settled};
use crate::view::offer::{After, Answer, Offer, Renewal};
use crate::view::panel::ChainPanel;
use crate::view::realm::Realm;
use crate::view::screen::{Menu, Screen};

/// Longest wait for anything, on a busy machine.
const DEADLINE: Duration = Duration::from_secs(60);

/// What was done, and what ended.
#[derive(Resource, Default)]
struct Seen {
    deeds: usize,
    ends: usize,
}

fn watch(mut seen: ResMut<Seen>, mut deeds: MessageReader<Deed>, mut settled: MessageReader<Settled>) {
    seen.deeds += deeds.read().count();
    let ended = |end: &&Settled| matches!(end.fate, Fate::Held | Fate::Undone(_));
    seen.ends += settled.read().filter(ended).count();
}

/// A game whose player has signed and stands in the dungeon.
fn playing() -> App {
    let options = RunOptions { block_time: Duration::from_millis(50), sync_test: true, ..RunOptions::default() };
    let prepared = prepare(&options).expect("the embedded chain starts");
    let mut app = App::new();
    app.add_plugins((MinimalPlugins, StatesPlugin, InputPlugin))
        .insert_resource(Desk::new(options, prepared))
        .init_resource::<Seen>()
        .add_plugins(crate::window::plugin)
        .add_systems(Last, watch);
    app.update();
    app.world_mut().resource_mut::<NextState<Screen>>().set(Screen::Session);
    sign(&mut app);
    app
}

fn sign(app: &mut App) {
    until(app, "the terms", |world| matches!(world.resource(), Offer::Offered(_)));
    app.world_mut().write_message(Answer::Confirm);
    until(app, "the dungeon", |world| *world.resource::<State<Screen>>().get() == Screen::Dungeon);
}

/// Frames until `there`, which must come.
#[track_caller]
fn until(app: &mut App, what: &str, mut there: impl FnMut(&mut World) -> bool) {
    let end = Instant::now() + DEADLINE;
    while !there(app.world_mut()) {
        assert!(Instant::now() < end, "waited in vain for {what}");
        app.update();
        std::thread::yield_now();
    }
}

fn strike(app: &mut App, monster: u8) {
    app.world_mut().write_message(Order(Action::Attack { monster }));
    app.update();
}

fn with_keeper<T>(world: &mut World, ask: impl FnOnce(&super::Keeper) -> T) -> T {
    match world.resource_mut::<Desk>().stage.get() {
        Stage::Live(keeper) => ask(keeper),
        _ => panic!("no session is live"),
    }
}

fn session_keys(world: &mut World) -> Vec<Address> {
    let owner = with_keeper(world, super::Keeper::owner);
    owner.sessions().expect("an answer").iter().map(|session| session.key).collect()
}

#[test]
fn a_second_run_finds_the_world_of_the_first() {
    let mut app = playing();
    strike(&mut app, 2);
    let wounded = |world: &mut World| world.resource::<Realm>().confirmed.monsters[2].health < 80;
    until(&mut app, "a confirmed blow", wounded);
    app.world_mut().write_message(Answer::End(After::NewSession));
    until(&mut app, "the session's end", |world| *world.resource::<State<Screen>>().get() == Screen::Leaving);
    sign(&mut app);
    let outbox = app.world().resource::<Outbox>().clone();
    let endings = outbox.take();
    let [ending] = &endings[..] else { panic!("one run has ended: {endings:?}") };
    assert!(ending.report.is_some() && ending.still_live.is_none() && ending.failure.is_none(), "{ending:?}");
    assert_eq!(ending.differences.as_deref(), Some(&[][..]), "as the chain has it");
    until(&mut app, "the same world", wounded);
    assert_eq!(session_keys(app.world_mut()).len(), 1, "the first session is over");
    app.world_mut().write_message(Answer::End(After::Quit));
    until(&mut app, "the way out", |_| !outbox.take().is_empty());
}

#[test]
fn a_session_is_renewed_in_play_and_no_action_is_lost() {
    let mut app = playing();
    let first = with_keeper(app.world_mut(), super::Keeper::key);
    with_keeper(app.world_mut(), |keeper| {
        let embedded = keeper.embedded().expect("it is embedded").clone();
        embedded.devnet.request("evm_increaseTime", json!([6_000])).expect("time goes on");
    });
    until(&mut app, "the prompt", |world| matches!(world.resource(), Renewal::Due(_)));
    app.world_mut().write_message(Answer::Renew);
    app.update();
    // The player never rests, and does not wait either.
    let mut turn = 0;
    until(&mut app, "the next session", |world| {
        let chain = world.resource::<ChainPanel>();
        if chain.queued + chain.in_flight < 3 {
            turn = (turn + 1) % 12;
            world.write_message(Order(Action::Attack { monster: turn }));
        }
        *world.resource::<Renewal>() == Renewal::NotDue
    });
    let second = with_keeper(app.world_mut(), super::Keeper::key);
    assert_ne!(first, second);
    let standing = |world: &mut World| (0..12).find(|id| world.resource::<Realm>().stands(*id));
    until(&mut app, "somebody to strike", |world| standing(world).is_some());
    let monster = standing(app.world_mut()).expect("somebody stands");
    let before = app.world().resource::<Seen>().deeds;
    strike(&mut app, monster);
    assert!(app.world().resource::<Seen>().deeds > before, "and play goes on");
    until(&mut app, "every end", |world| {
        let seen = world.resource::<Seen>();
        seen.deeds > 0 && seen.deeds == seen.ends
    });
    until(&mut app, "the first session's revocation", |world| session_keys(world) == [second]);
}

#[test]
fn a_session_that_is_revoked_from_outside_says_so_and_offers_another() {
    let mut app = playing();
    with_keeper(app.world_mut(), |keeper| keeper.owner().revoke(keeper.key()).expect("the owner may"));
    strike(&mut app, 0);
    until(&mut app, "the sheet", |world| *world.resource::<State<Menu>>().get() == Menu::Over);
    let words = app.world().resource::<ChainPanel>().over.clone().expect("a reason");
    assert!(words.contains("revoked"), "{words}");
    app.world_mut().write_message(Answer::End(After::NewSession));
    until(&mut app, "the session's end", |world| *world.resource::<State<Screen>>().get() == Screen::Leaving);
    sign(&mut app);
}
