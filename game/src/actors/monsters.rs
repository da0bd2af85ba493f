//! Twelve monsters: they wander on their own, and live and fall as the chain says.

use bevy::prelude::*;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use super::figure::{self, Pose};
use crate::level::map::{Map, middle};
use crate::rules::Kind;
use crate::rules::balance::MONSTERS;
use crate::theme::art::Art;
use crate::theme::bestiary::looks;
use crate::view::body::{Body, CELL, HeroBody, MonsterBody};
use crate::view::deed::{Deed, Foreign};
use crate::view::realm::Realm;
use crate::view::screen::{Scenery, Screen, Step};

/// How far from home a monster wanders, in world units.
const RANGE: f32 = 2.2 * CELL;
/// How near the hero must be for a monster to turn to it and stay, in world units.
const WARY: f32 = 2.0 * CELL;
/// Opacity of what has fallen by prediction only.
const FAINT: f32 = 0.35;

#[derive(Component, Debug)]
struct Wander {
    home: Vec2,
    to: Vec2,
    pause_s: f32,
    rng: Xoshiro256PlusPlus,
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Scenery), spawn)
        .add_systems(Update, (wander, look).chain().in_set(Step::Move).run_if(in_state(Scenery)))
        .add_systems(Update, (live, react).chain().in_set(Step::Show).run_if(in_state(Screen::Dungeon)));
}

fn spawn(mut commands: Commands, map: Res<Map>, art: Res<Art>) {
    // Homes beyond the twelve are for pictures of the same monsters.
    for (id, home) in (0..MONSTERS).cycle().zip(&map.homes) {
        let home = middle(*home);
        commands.spawn((
            MonsterBody(id),
            Body { at: home, radius: 12.0, seen: false },
            Wander { home, to: home, pause_s: f32::from(id) * 0.3, rng: Xoshiro256PlusPlus::seed_from_u64(id.into()) },
            figure::figure(&art, art.monster(Kind::of(id)), looks(Kind::of(id)).scale, f32::from(id) * 0.37),
            DespawnOnExit(Scenery),
        ));
    }
}

fn wander(
    time: Res<Time>,
    map: Res<Map>,
    realm: Res<Realm>,
    hero: Option<Single<&Body, With<HeroBody>>>,
    mut monsters: Query<(&MonsterBody, &mut Body, &mut Wander, &mut Pose), Without<HeroBody>>,
) {
    let hero = hero.map(|hero| hero.at);
    let dt = time.delta_secs();
    for (monster, mut body, mut wander, mut pose) in &mut monsters {
        pose.walk(false);
        if !realm.stands(monster.0) {
            continue;
        }
        if let Some(to_hero) = hero.map(|at| at - body.at).filter(|way| way.length() < WARY) {
            pose.left = to_hero.x < 0.0;
            continue;
        }
        wander.pause_s -= dt;
        if wander.pause_s > 0.0 {
            continue;
        }
        let way = wander.to - body.at;
        let step = looks(Kind::of(monster.0)).speed * dt;
        let next = map.slide(body.at, way.clamp_length_max(step), body.radius);
        pose.walk(true);
        let stuck = next.distance(body.at) < step * 0.2;
        body.at = next;
        if way.length() <= step || stuck {
            wander.choose();
        } else if way.x.abs() > 1.0 {
            pose.left = way.x < 0.0;
        }
    }
}

impl Wander {
    fn choose(&mut self) {
        let angle = self.rng.random_range(0.0..std::f32::consts::TAU);
        self.to = self.home + Vec2::from_angle(angle) * self.rng.random_range(0.0..RANGE);
        self.pause_s = self.rng.random_range(0.3..1.8);
    }
}

fn look(map: Res<Map>, hero: Single<&Body, With<HeroBody>>, mut others: Query<&mut Body, Without<HeroBody>>) {
    for mut body in &mut others {
        body.seen = map.sees(hero.at, body.at);
    }
}

/// Stands solid, falls faint, and is gone once the chain agrees; rises at home.
fn live(realm: Res<Realm>, mut monsters: Query<(&MonsterBody, &mut Body, &Wander, &mut Pose)>) {
    for (monster, mut body, wander, mut pose) in &mut monsters {
        let (_, confirmed) = realm.monster_health(monster.0);
        let presence = match (realm.stands(monster.0), confirmed == 0.0) {
            (true, _) => 1.0,
            (false, true) => 0.0,
            (false, false) => FAINT,
        };
        if pose.presence == 0.0 && presence == 1.0 {
            body.at = wander.home;
        }
        pose.presence = presence;
        pose.fallen = presence < 1.0;
    }
}

fn react(
    mut deeds: MessageReader<Deed>,
    mut foreign: MessageReader<Foreign>,
    hero: Single<&Body, With<HeroBody>>,
    mut monsters: Query<(&MonsterBody, &Body, &mut Pose), Without<HeroBody>>,
) {
    for deed in deeds.read().filter(|deed| deed.damage > 0) {
        for (monster, body, mut pose) in &mut monsters {
            if monster.0 == deed.action.monster() {
                pose.hit(body.at - hero.at);
                if deed.blow > 0 {
                    pose.lunge(hero.at - body.at);
                }
            }
        }
    }
    for blow in foreign.read().filter(|blow| blow.damage > 0) {
        for (monster, _, mut pose) in &mut monsters {
            if monster.0 == blow.monster {
                pose.hit(Vec2::ZERO);
            }
        }
    }
}
