//! Loot on the ground: it lies where its monster fell, faint until the chain agrees that it does.

use bevy::prelude::*;

use crate::level::map::{Map, middle};
use crate::level::tiles::depth;
use crate::rules::Loot;
use crate::rules::balance::MONSTERS;
use crate::theme::art::Art;
use crate::theme::palette;
use crate::view::body::{Body, CELL, LootBody, MonsterBody};
use crate::view::realm::Realm;
use crate::view::screen::{Screen, Step};

/// Opacity of loot that is only predicted.
const FAINT: f32 = 0.45;

/// Seconds from one star to the next, and those for which it is seen.
const GLITTER_EVERY_S: f32 = 1.3;
const GLITTER_S: f32 = 0.36;

/// The place for the loot of one monster.
#[derive(Component, Debug)]
struct Spot(u8);

#[derive(Component)]
struct Bag;

#[derive(Component)]
struct Shine;

/// A star that comes and goes on the bag.
#[derive(Component)]
struct Glitter;

type Place = (&'static mut Body, &'static mut Transform, &'static mut Visibility);
type Pictures = (Or<(With<Bag>, With<Shine>)>, Without<Glitter>);

pub(super) fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Screen::Dungeon), spawn)
        .add_systems(Update, (appear, show, glitter).chain().in_set(Step::Show).run_if(in_state(Screen::Dungeon)));
}

fn spawn(mut commands: Commands, map: Res<Map>, art: Res<Art>) {
    for (id, home) in (0..MONSTERS).zip(&map.homes) {
        commands.spawn((
            Spot(id),
            Body { at: middle(*home), radius: 16.0, seen: false },
            Transform::default(),
            Visibility::Hidden,
            DespawnOnExit(Screen::Dungeon),
            children![
                (
                    Shine,
                    Sprite {
                        image: art.glow.clone(),
                        color: palette::GOLD.with_alpha(0.4),
                        custom_size: Some(Vec2::splat(1.8 * CELL)),
                        ..default()
                    },
                    Transform::from_xyz(0.0, 8.0, -0.1),
                ),
                (Bag, art.square(art.loot, CELL), Transform::from_xyz(0.0, 10.0, 0.0),),
                (Glitter, art.square(art.sparkle[0], CELL), Transform::from_xyz(0.0, 10.0, 0.1)),
            ],
        ));
    }
}

fn appear(
    mut commands: Commands,
    realm: Res<Realm>,
    monsters: Query<(&MonsterBody, &Body), Without<Spot>>,
    mut spots: Query<(Entity, &Spot, Option<&LootBody>, Place)>,
) {
    for (entity, spot, lying, (mut body, mut transform, mut visibility)) in &mut spots {
        let generation = realm.predicted.monsters[usize::from(spot.0)].loot_generation;
        let due = (generation != 0).then_some(Loot { monster: spot.0, generation });
        if due == lying.map(|lying| lying.0) {
            continue;
        }
        let Some(loot) = due else {
            commands.entity(entity).remove::<LootBody>();
            *visibility = Visibility::Hidden;
            continue;
        };
        // A loot that comes back after a rollback lies where it lay.
        if let Some((_, fallen)) = monsters.iter().find(|(monster, _)| monster.0 == spot.0)
            && !realm.stands(spot.0)
        {
            body.at = fallen.at;
        }
        transform.translation = body.at.extend(depth::FIGURE - 1.0);
        *visibility = Visibility::Inherited;
        commands.entity(entity).insert(LootBody(loot));
    }
}

fn show(
    time: Res<Time>,
    realm: Res<Realm>,
    spots: Query<(&LootBody, &Children)>,
    mut pictures: Query<(&mut Sprite, &mut Transform, Has<Shine>), Pictures>,
) {
    let beat = time.elapsed_secs() * 3.0;
    for (lying, children) in &spots {
        let confirmed = realm.confirmed.monsters[usize::from(lying.0.monster)].loot_generation;
        let opacity = if confirmed == lying.0.generation { 1.0 } else { FAINT };
        for child in children {
            let Ok((mut sprite, mut transform, shine)) = pictures.get_mut(*child) else { continue };
            if shine {
                sprite.color = palette::GOLD.with_alpha(opacity * (0.3 + 0.12 * beat.sin()));
            } else {
                sprite.color = Color::WHITE.with_alpha(opacity);
                transform.translation.y = 10.0 + 2.0 * beat.sin();
            }
        }
    }
}

/// Each star is seen for a moment in each round, every time at another spot.
fn glitter(
    time: Res<Time>,
    art: Res<Art>,
    spots: Query<(&LootBody, &Children)>,
    mut stars: Query<(&mut Sprite, &mut Transform), With<Glitter>>,
) {
    for (lying, children) in &spots {
        let beat = time.elapsed_secs() / GLITTER_EVERY_S + 0.37 * f32::from(lying.0.monster);
        let (round, age_s) = (beat.floor(), beat.fract() * GLITTER_EVERY_S);
        for child in children {
            let Ok((mut sprite, mut transform)) = stars.get_mut(*child) else { continue };
            let frame = usize::from((0.25..0.75).contains(&(age_s / GLITTER_S)));
            sprite.rect = Some(art.sparkle[frame].own);
            sprite.color = Color::WHITE.with_alpha(if age_s < GLITTER_S { 1.0 } else { 0.0 });
            transform.translation.x = 12.0 * (round * 2.4).sin();
            transform.translation.y = 10.0 + 9.0 * (round * 3.7).cos();
        }
    }
}
