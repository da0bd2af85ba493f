//! Chips that fly from what is struck and fall, and the jolt that goes with a blow to the hero.

use bevy::prelude::*;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use crate::level::tiles::depth;
use crate::rules::Kind;
use crate::theme::bestiary::looks;
use crate::view::body::{Body, CELL, MonsterBody};
use crate::view::deed::{Deed, Foreign};
use crate::view::feel::Jolt;
use crate::view::realm::Realm;
use crate::view::screen::{Screen, Step};
use crate::view::settings::{Settings, Shake};

/// Most chips at once; a flurry beyond them throws none.
const CHIPS_MAX: usize = 128;
/// Chips of a blow, and of a fall.
const CHIPS: (usize, usize) = (5, 14);
/// Side of a chip, in world units: one pixel of a sprite.
const SIDE: f32 = 3.0;
/// Seconds that a chip is seen.
const LENGTH_S: f32 = 0.5;
/// Pull towards the floor, in world units per second squared.
const PULL: f32 = 520.0;

#[derive(Component, Debug)]
struct Chip {
    age_s: f32,
    speed: Vec2,
    floor: f32,
}

/// The chips' own chance: pictures need none of the game's.
#[derive(Resource)]
struct Dice(Xoshiro256PlusPlus);

pub(super) fn plugin(app: &mut App) {
    app.insert_resource(Dice(Xoshiro256PlusPlus::seed_from_u64(1)))
        .add_systems(Update, (burst, jolt, fall).chain().in_set(Step::Show).run_if(in_state(Screen::Dungeon)));
}

fn burst(
    mut commands: Commands,
    mut deeds: MessageReader<Deed>,
    mut foreign: MessageReader<Foreign>,
    monsters: Query<(&MonsterBody, &Body)>,
    chips: Query<(), With<Chip>>,
    mut dice: ResMut<Dice>,
) {
    let own = deeds.read().filter(|deed| deed.damage > 0).map(|deed| (deed.action.monster(), deed.felled));
    let others = foreign.read().filter(|blow| blow.damage > 0).map(|blow| (blow.monster, false));
    let mut room = CHIPS_MAX.saturating_sub(chips.iter().count());
    for (id, felled) in own.chain(others) {
        let Some((_, body)) = monsters.iter().find(|(monster, _)| monster.0 == id) else { continue };
        for _ in 0..if felled { CHIPS.1 } else { CHIPS.0 }.min(room) {
            room -= 1;
            let angle = dice.0.random_range(0.3..std::f32::consts::PI - 0.3);
            let speed = Vec2::from_angle(angle) * dice.0.random_range(60.0..190.0);
            let floor = body.at.y + dice.0.random_range(-8.0..8.0);
            commands.spawn((
                Chip { age_s: 0.0, speed, floor },
                Sprite { color: looks(Kind::of(id)).chips, custom_size: Some(Vec2::splat(SIDE)), ..default() },
                Transform::from_translation((body.at + Vec2::Y * 0.4 * CELL).extend(depth::EFFECT)),
                DespawnOnExit(Screen::Dungeon),
            ));
        }
    }
}

/// A blow jolts the picture by its share of the hero's health; a fall does so fully.
fn jolt(mut deeds: MessageReader<Deed>, realm: Res<Realm>, mut picture: ResMut<Jolt>, settings: Res<Settings>) {
    let full = f32::from(realm.predicted.hero().max_health());
    for deed in deeds.read().filter(|_| settings.shake == Shake::On) {
        if deed.died {
            picture.hit(1.0);
        } else if deed.blow > 0 {
            picture.hit(0.15 + f32::from(deed.blow) / full);
        }
    }
}

fn fall(mut commands: Commands, time: Res<Time>, mut chips: Query<(Entity, &mut Chip, &mut Transform, &mut Sprite)>) {
    let dt = time.delta_secs();
    for (entity, mut chip, mut transform, mut sprite) in &mut chips {
        chip.age_s += dt;
        chip.speed.y -= PULL * dt;
        transform.translation += (chip.speed * dt).extend(0.0);
        if transform.translation.y <= chip.floor {
            transform.translation.y = chip.floor;
            chip.speed = Vec2::ZERO;
        }
        sprite.color.set_alpha((2.0 * (1.0 - chip.age_s / LENGTH_S)).clamp(0.0, 1.0));
        if chip.age_s >= LENGTH_S {
            commands.entity(entity).despawn();
        }
    }
}
