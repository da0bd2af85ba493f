//! Floor, walls and torches as pictures.

use bevy::prelude::*;

use super::map::{Cell, Ground, Map, middle};
use crate::theme::art::Art;
use crate::theme::palette;
use crate::view::body::CELL;
use crate::view::screen::{Scenery, Step};

/// Depths of the picture, from the ground up; figures stand between by their place.
pub(crate) mod depth {
    /// Floor and walls.
    pub(crate) const GROUND: f32 = 0.0;
    /// Light that falls on the ground.
    pub(crate) const LIGHT: f32 = 1.0;
    /// Shadows of figures.
    pub(crate) const SHADOW: f32 = 2.0;
    /// Figures, plus up to 10 by how far in front they stand.
    pub(crate) const FIGURE: f32 = 10.0;
    /// Bars above figures.
    pub(crate) const BAR: f32 = 30.0;
    /// Sparks and swings.
    pub(crate) const EFFECT: f32 = 40.0;
    /// Numbers.
    pub(crate) const NUMBER: f32 = 50.0;
}

/// How far a torch lights the ground, in cells.
const LIT: f32 = 8.0;
/// What is left of red, green and blue where no torch is near.
const DIM: Vec3 = Vec3::new(0.58, 0.58, 0.70);
/// Of the floor's cells, something lies on one in this many.
const DECOR_ONE_IN: u32 = 13;
/// Frames of a torch per second.
const FLICKER_HZ: f32 = 6.0;

#[derive(Component)]
struct Flame;

#[derive(Component)]
struct Light {
    phase: f32,
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Scenery), lay).add_systems(Update, flicker.in_set(Step::Show).run_if(in_state(Scenery)));
}

fn lay(mut commands: Commands, map: Res<Map>, art: Res<Art>) {
    let torches: Vec<Cell> = map.cells().filter(|cell| map.ground(*cell) == Ground::Torch).collect();
    for cell in map.cells() {
        let picture = match map.ground(cell) {
            Ground::Wall if !map.is_open(cell - IVec2::Y) => art.roof,
            Ground::Wall => art.walls[variant(cell)],
            Ground::Floor | Ground::Torch => art.floors[variant(cell)],
        };
        commands.spawn((
            Sprite { color: brightness(cell, &torches), ..art.square(picture, CELL) },
            Transform::from_translation(middle(cell).extend(depth::GROUND)),
            DespawnOnExit(Scenery),
        ));
        match map.ground(cell) {
            Ground::Torch => light(&mut commands, &art, middle(cell)),
            Ground::Floor if chance(cell) % DECOR_ONE_IN == 3 => {
                let decor = art.decor[(chance(cell) / DECOR_ONE_IN) as usize % art.decor.len()];
                commands.spawn((
                    Sprite { color: brightness(cell, &torches), ..art.square(decor, CELL) },
                    Transform::from_translation(middle(cell).extend(depth::GROUND + 0.1)),
                    DespawnOnExit(Scenery),
                ));
            }
            Ground::Floor | Ground::Wall => {}
        }
    }
}

/// One floor or wall in five differs.
fn variant(cell: Cell) -> usize {
    match chance(cell) % 11 {
        0 => 1,
        1 => 2,
        _ => 0,
    }
}

/// A number that depends on the place alone.
fn chance(cell: Cell) -> u32 {
    let mixed = (cell.x as u32).wrapping_mul(0x9e37_79b1).wrapping_add((cell.y as u32).wrapping_mul(0x85eb_ca77));
    let mixed = (mixed ^ (mixed >> 15)).wrapping_mul(0x2c1b_3c6d);
    mixed ^ (mixed >> 13)
}

/// How bright the ground is: as painted beside a torch, dimmer and bluer away from all of them.
fn brightness(cell: Cell, torches: &[Cell]) -> Color {
    let near = |torch: &Cell| 1.0 - ((*torch - cell).as_vec2().length() / LIT).min(1.0);
    let lit = torches.iter().map(near).fold(0.0, f32::max);
    Color::srgb(DIM.x, DIM.y, DIM.z).mix(&Color::WHITE, lit.sqrt())
}

fn light(commands: &mut Commands, art: &Art, at: Vec2) {
    commands.spawn((
        art.square(art.torch[0], CELL),
        Transform::from_translation(at.extend(depth::FIGURE)),
        Flame,
        DespawnOnExit(Scenery),
    ));
    commands.spawn((
        Sprite {
            image: art.glow.clone(),
            color: palette::FLAME.with_alpha(0.28),
            custom_size: Some(Vec2::splat(8.0 * CELL)),
            ..default()
        },
        Transform::from_translation(at.extend(depth::LIGHT)),
        Light { phase: at.x },
        DespawnOnExit(Scenery),
    ));
}

fn flicker(
    time: Res<Time>,
    art: Res<Art>,
    mut flames: Query<&mut Sprite, With<Flame>>,
    mut lights: Query<(&mut Transform, &Light)>,
) {
    let beat = time.elapsed_secs() * FLICKER_HZ;
    for (place, mut flame) in flames.iter_mut().enumerate() {
        flame.rect = Some(art.torch[(beat as usize + place) % art.torch.len()].own);
    }
    for (mut transform, light) in &mut lights {
        transform.scale = Vec3::splat(1.0 + 0.04 * (beat + light.phase).sin());
    }
}
