//! Swings, bolts and bursts: seen at once, for they are the player's own doing.

use bevy::prelude::*;

use crate::level::tiles::depth;
use crate::rules::{Action, Skill};
use crate::theme::art::{self, Art};
use crate::theme::palette;
use crate::view::body::{Body, CELL, HeroBody, MonsterBody};
use crate::view::deed::Deed;
use crate::view::screen::{Screen, Step};

/// Stars that fly from a hero who rises a level.
const RAYS: usize = 12;

/// A picture that moves, grows and fades, and is gone after its time.
#[derive(Component, Debug)]
struct Spark {
    age_s: f32,
    length_s: f32,
    from: Vec2,
    to: Vec2,
    grow: f32,
    colour: Color,
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, (strike, burn).chain().in_set(Step::Show).run_if(in_state(Screen::Dungeon)));
}

fn strike(
    mut commands: Commands,
    mut deeds: MessageReader<Deed>,
    art: Res<Art>,
    hero: Single<&Body, With<HeroBody>>,
    monsters: Query<(&MonsterBody, &Body)>,
) {
    let chest = Vec2::Y * CELL * 0.45;
    for deed in deeds.read() {
        let Some((_, target)) = monsters.iter().find(|(monster, _)| monster.0 == deed.action.monster()) else {
            continue;
        };
        let (from, to) = (hero.at + chest, target.at + chest);
        let glow = |cells: f32| {
            let custom_size = Some(Vec2::splat(cells * CELL));
            Sprite { image: art.glow.clone(), custom_size, ..default() }
        };
        let mut spark = |picture: Sprite, turn: f32, spark: Spark| {
            commands.spawn((
                Sprite { color: spark.colour, ..picture },
                Transform::from_translation(spark.from.extend(depth::EFFECT))
                    .with_rotation(Quat::from_rotation_z(turn)),
                spark,
                DespawnOnExit(Screen::Dungeon),
            ));
        };
        let still = |at: Vec2, length_s: f32, grow: f32, colour: Color| Spark {
            age_s: 0.0,
            length_s,
            from: at,
            to: at,
            grow,
            colour,
        };
        match deed.action {
            Action::Attack { .. } => {
                let turn = (to - from).to_angle();
                let swing = Spark { to: from.lerp(to, 0.75), ..still(from.lerp(to, 0.45), 0.18, 0.2, palette::WHITE) };
                spark(art.square(art.slash, art::side(4.0)), turn, swing);
            }
            Action::UseSkill { skill: Skill::Firebolt, .. } => {
                let bolt = Spark { to, ..still(from, 0.22, 0.0, palette::FLAME) };
                spark(glow(1.2), 0.0, bolt);
                spark(glow(0.6), 0.0, Spark { to, ..still(from, 0.22, 0.0, palette::GLOW) });
                spark(glow(2.2), 0.0, still(to, 0.45, 0.8, palette::FLAME.with_alpha(0.8)));
            }
            Action::UseSkill { skill: Skill::Smite, .. } => {
                let sky = to + Vec2::Y * 5.0 * CELL;
                spark(glow(1.6), 0.0, Spark { to, ..still(sky, 0.16, 0.3, palette::GLOW) });
                let column = Sprite { custom_size: Some(Vec2::new(0.7 * CELL, 9.0 * CELL)), ..glow(1.0) };
                spark(column, 0.0, still(to + Vec2::Y * 3.0 * CELL, 0.4, 0.0, palette::WHITE));
                spark(glow(3.6), 0.0, still(to, 0.6, 0.6, palette::SKY));
            }
            Action::UseSkill { skill: Skill::Tithe, .. } => {
                spark(glow(0.8), 0.0, Spark { to, ..still(from, 0.26, 0.4, palette::GOLD) });
                spark(glow(2.6), 0.0, still(to, 0.5, 0.5, palette::GOLD));
                spark(glow(2.2), 0.0, still(from, 0.7, 0.6, palette::LIME));
            }
            Action::Pickup { .. } => spark(glow(1.6), 0.0, still(from, 0.4, 0.6, palette::GOLD)),
        }
        if deed.level_up {
            spark(glow(4.0), 0.0, still(from, 0.9, 0.5, palette::GOLD.with_alpha(0.35)));
            for ray in 0..RAYS {
                let away = Vec2::from_angle(std::f32::consts::TAU * ray as f32 / RAYS as f32);
                let star =
                    Spark { to: from + away * 2.2 * CELL, ..still(from + away * 0.5 * CELL, 0.8, 0.0, palette::WHITE) };
                spark(art.square(art.sparkle[ray % 2], CELL), 0.0, star);
            }
        }
    }
}

fn burn(mut commands: Commands, time: Res<Time>, mut sparks: Query<(Entity, &mut Spark, &mut Sprite, &mut Transform)>) {
    for (entity, mut spark, mut sprite, mut transform) in &mut sparks {
        spark.age_s += time.delta_secs();
        let done = (spark.age_s / spark.length_s).min(1.0);
        transform.translation = spark.from.lerp(spark.to, done).extend(depth::EFFECT);
        transform.scale = Vec3::splat(1.0 + spark.grow * done);
        sprite.color = spark.colour.with_alpha(spark.colour.alpha() * (1.0 - done * done));
        if done >= 1.0 {
            commands.entity(entity).despawn();
        }
    }
}
