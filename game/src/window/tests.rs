use std::time::Duration;

use bevy::input::ButtonState;
use bevy::input::InputPlugin;
use bevy::input::keyboard::{Key, KeyboardInput};
use bevy::prelude::*;
use bevy::state::app::StatesPlugin;
use bevy::time::TimeUpdateStrategy;

use crate::rules::{Action, Monster, Skill};
use crate::view::body::{Body, CELL, Errand, HeroBody, MonsterBody, Wish};
use crate::view::deed::Order;
use crate::view::realm::Realm;
use crate::view::screen::{Menu, Screen};

const FALLEN: Monster = Monster { health: 0, generation: 1, respawn_at: u64::MAX, loot_generation: 0 };

#[derive(Resource, Default)]
struct Seen(Vec<Action>);

/// The whole game without window, renderer or chain, in the dungeon, with monster 0 beside the hero and no other.
fn dungeon() -> App {
    let mut app = App::new();
    app.add_plugins((MinimalPlugins, StatesPlugin, InputPlugin, crate::window::plugin))
        .init_resource::<Seen>()
        .add_systems(Last, |mut orders: MessageReader<Order>, mut seen: ResMut<Seen>| {
            seen.0.extend(orders.read().map(|order| order.0));
        });
    app.world_mut().resource_mut::<NextState<Screen>>().set(Screen::Dungeon);
    app.world_mut().resource_mut::<Realm>().predicted.monsters[1..].fill(FALLEN);
    frame(&mut app, 0);
    let hero = app.world_mut().query_filtered::<&Body, With<HeroBody>>().single(app.world()).expect("one hero").at;
    place(&mut app, 0, hero + Vec2::X * CELL);
    frame(&mut app, 1);
    app
}

fn place(app: &mut App, id: u8, at: Vec2) {
    let mut monsters = app.world_mut().query::<(&MonsterBody, &mut Body)>();
    for (monster, mut body) in monsters.iter_mut(app.world_mut()) {
        if monster.0 == id {
            body.at = at;
        }
    }
}

/// One frame that takes as long as `fixed_steps` steps of the fixed clock.
fn frame(app: &mut App, fixed_steps: u32) {
    let step = Duration::from_secs(1) / 64;
    app.insert_resource(TimeUpdateStrategy::ManualDuration(step * fixed_steps));
    app.update();
}

fn key(app: &mut App, key_code: KeyCode, state: ButtonState) {
    let message = KeyboardInput {
        key_code,
        logical_key: Key::Dead(None),
        state,
        text: None,
        repeat: false,
        window: Entity::PLACEHOLDER,
    };
    app.world_mut().write_message(message);
}

fn tap(app: &mut App, code: KeyCode, fixed_steps: u32) {
    key(app, code, ButtonState::Pressed);
    frame(app, fixed_steps);
    key(app, code, ButtonState::Released);
    frame(app, fixed_steps);
}

fn seen(app: &App) -> &[Action] {
    &app.world().resource::<Seen>().0
}

#[test]
fn each_press_is_one_order_however_long_the_frame() {
    for fixed_steps in [0, 1, 2] {
        let mut app = dungeon();
        for _ in 0..3 {
            tap(&mut app, KeyCode::Space, fixed_steps);
        }
        assert_eq!(seen(&app), [Action::Attack { monster: 0 }; 3], "{fixed_steps} fixed steps a frame");
    }
}

#[test]
fn two_keys_in_one_frame_are_two_orders() {
    let mut app = dungeon();
    key(&mut app, KeyCode::Space, ButtonState::Pressed);
    key(&mut app, KeyCode::Digit1, ButtonState::Pressed);
    frame(&mut app, 1);
    let firebolt = Action::UseSkill { skill: Skill::Firebolt, monster: 0 };
    assert_eq!(seen(&app), [Action::Attack { monster: 0 }, firebolt]);
}

#[test]
fn a_held_key_repeats_at_its_pace() {
    let mut app = dungeon();
    key(&mut app, KeyCode::Space, ButtonState::Pressed);
    for _ in 0..64 {
        frame(&mut app, 1);
    }
    assert_eq!(seen(&app).len(), 4, "at once, and after 0.3, 0.6 and 0.9 s");
}

#[test]
fn out_of_reach_the_hero_walks_and_strikes_once_on_arrival() {
    let mut app = dungeon();
    let hero = app.world_mut().query_filtered::<&Body, With<HeroBody>>().single(app.world()).expect("one hero").at;
    place(&mut app, 0, hero + Vec2::X * 4.0 * CELL);
    tap(&mut app, KeyCode::Space, 1);
    assert_eq!(seen(&app), [], "too far");
    for _ in 0..120 {
        frame(&mut app, 1);
    }
    assert_eq!(seen(&app), [Action::Attack { monster: 0 }], "one press, one blow");
}

#[test]
fn nothing_is_ordered_against_the_fallen_or_behind_the_menu() {
    let mut app = dungeon();
    let mut realm = app.world_mut().resource_mut::<Realm>();
    realm.predicted.monsters =
        std::array::from_fn(|id| Monster { health: 0, respawn_at: 9, ..Monster::fresh(id as u8) });
    tap(&mut app, KeyCode::Space, 1);
    assert_eq!(seen(&app), [], "all have fallen");

    app.world_mut().insert_resource(Realm::default());
    app.world_mut().resource_mut::<NextState<Menu>>().set(Menu::Pause);
    frame(&mut app, 1);
    tap(&mut app, KeyCode::Space, 1);
    assert_eq!(seen(&app), [], "the menu is open");
}

#[test]
fn steering_cancels_an_errand() {
    let mut app = dungeon();
    let mut wishes = app.world_mut().query::<&mut Wish>();
    wishes.single_mut(app.world_mut()).expect("one hero").errand = Some(Errand::Walk(Vec2::ZERO));
    key(&mut app, KeyCode::KeyW, ButtonState::Pressed);
    frame(&mut app, 1);
    assert_eq!(wishes.single(app.world()).expect("one hero").errand, None);
}
