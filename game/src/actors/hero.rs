//! The hero: walks where the player wants, stopped by walls, and acts once on arrival.

use bevy::prelude::*;

use super::figure::{self, HERO_SCALE, Pose};
use crate::level::map::{Cell, Map, cell_at, middle};
use crate::level::route;
use crate::rules::Action;
use crate::theme::art::Art;
use crate::view::body::{Body, CELL, Errand, HeroBody, LootBody, MonsterBody, Wish, in_reach};
use crate::view::deed::{Deed, Order};
use crate::view::realm::Realm;
use crate::view::screen::{Menu, Screen, Step};

/// Walking speed, in world units per second.
const SPEED: f32 = 5.2 * CELL;
/// Longest step of one frame, in seconds; a stall must not carry the hero through a wall a cell thick.
const STEP_MAX_S: f32 = 0.1;
/// How near to the middle of a cell counts as there, in world units.
const ARRIVED: f32 = 4.0;

/// The way that the hero is walking.
#[derive(Component, Debug, Default)]
struct Way {
    to: Cell,
    cells: Vec<Cell>,
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Screen::Dungeon), spawn)
        .add_systems(Update, (walk, act_on_arrival).chain().in_set(Step::Move).run_if(playing))
        .add_systems(Update, react.in_set(Step::Show).run_if(in_state(Screen::Dungeon)));
}

fn playing(screen: Res<State<Screen>>, menu: Res<State<Menu>>) -> bool {
    *screen.get() == Screen::Dungeon && *menu.get() == Menu::Closed
}

fn spawn(mut commands: Commands, map: Res<Map>, art: Res<Art>) {
    commands.spawn((
        HeroBody,
        Wish::default(),
        Way::default(),
        Body { at: middle(map.start), radius: 13.0, seen: true },
        figure::figure(&art, &art.hero, HERO_SCALE, 0.0),
        DespawnOnExit(Screen::Dungeon),
    ));
}

type Targets<'w, 's> =
    Query<'w, 's, (&'static Body, Option<&'static MonsterBody>, Option<&'static LootBody>), Without<HeroBody>>;

/// Place of what `action` is done to.
fn target<'a>(targets: &'a Targets, action: &Action) -> Option<&'a Body> {
    targets.iter().find_map(|(body, monster, loot)| {
        let it = match action {
            Action::Pickup { loot: wanted } => loot.is_some_and(|loot| loot.0 == *wanted),
            _ => monster.is_some_and(|monster| monster.0 == action.monster()),
        };
        it.then_some(body)
    })
}

fn walk(
    time: Res<Time>,
    map: Res<Map>,
    targets: Targets,
    hero: Single<(&mut Body, &mut Wish, &mut Way, &mut Pose), With<HeroBody>>,
) {
    let (mut body, mut wish, mut way, mut pose) = hero.into_inner();
    if wish.steer != Vec2::ZERO {
        wish.errand = None;
    }
    let (direction, limit) = match wish.errand {
        None => (wish.steer, f32::INFINITY),
        Some(errand) => match towards(&map, &targets, &body, &mut way, &errand) {
            Some(to) => ((to - body.at).normalize_or_zero(), to.distance(body.at)),
            None => {
                if matches!(errand, Errand::Walk(_)) {
                    wish.errand = None;
                }
                (Vec2::ZERO, 0.0)
            }
        },
    };
    let length = (SPEED * time.delta_secs().min(STEP_MAX_S)).min(limit);
    body.at = map.slide(body.at, direction * length, body.radius);
    let moving = direction != Vec2::ZERO;
    pose.walk(moving);
    if direction.x.abs() > 0.1 {
        pose.left = direction.x < 0.0;
    }
}

/// The next place to walk to, or `None` on arrival or where there is no way.
fn towards(map: &Map, targets: &Targets, body: &Body, way: &mut Way, errand: &Errand) -> Option<Vec2> {
    let goal = match errand {
        Errand::Walk(to) => *to,
        Errand::Do(action) => {
            let target = target(targets, action)?;
            if in_reach(body, target, action) {
                return None;
            }
            target.at
        }
    };
    if matches!(errand, Errand::Walk(_)) && body.at.distance(goal) < ARRIVED {
        return None;
    }
    let (from, to) = (cell_at(body.at), cell_at(goal));
    if from == to {
        return Some(goal);
    }
    if way.to != to || way.cells.is_empty() {
        *way = Way { to, cells: route::find(map, from, to)? };
    }
    while way.cells.first().is_some_and(|cell| middle(*cell).distance(body.at) < ARRIVED) {
        way.cells.remove(0);
    }
    let next = way.cells.first().map(|cell| middle(*cell))?;
    // Off the way, by steering or by sliding along a wall: ask for a new one in the next frame.
    if next.distance(body.at) > 2.0 * CELL {
        way.cells.clear();
    }
    Some(next)
}

fn act_on_arrival(
    targets: Targets,
    realm: Res<Realm>,
    hero: Single<(&Body, &mut Wish), With<HeroBody>>,
    mut orders: MessageWriter<Order>,
) {
    let (body, mut wish) = hero.into_inner();
    let Some(Errand::Do(action)) = wish.errand else { return };
    // Somebody else was faster; the walk is over.
    if !matches!(action, Action::Pickup { .. }) && !realm.stands(action.monster()) {
        wish.errand = None;
        return;
    }
    match target(&targets, &action) {
        Some(target) if in_reach(body, target, &action) => {
            orders.write(Order(action));
            wish.errand = None;
        }
        Some(_) => {}
        None => wish.errand = None,
    }
}

fn react(mut deeds: MessageReader<Deed>, targets: Targets, mut hero: Single<(&Body, &mut Pose), With<HeroBody>>) {
    for deed in deeds.read() {
        let (body, pose) = &mut *hero;
        let towards = target(&targets, &deed.action).map_or(Vec2::ZERO, |target| target.at - body.at);
        pose.lunge(towards);
        if deed.blow > 0 {
            pose.hit(-towards);
        }
        if deed.died {
            pose.fall();
        }
    }
}
