//! The camera follows the hero and stays within the dungeon.

use bevy::prelude::*;

use super::map::Map;
use crate::view::body::{Body, CELL, HeroBody};
use crate::view::feel::Jolt;
use crate::view::screen::{Screen, Step};

/// Share of the distance to the hero that is left after one second.
const LAG_PER_SECOND: f32 = 0.004;

/// How far the hardest blow moves the picture, in world units.
const SHAKE: f32 = 7.0;
/// Seconds until the hardest blow has died away.
const SHAKE_S: f32 = 0.35;
/// Pace of the shaking, in radians per second.
const SHAKE_HZ: f32 = 60.0;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Startup, |mut commands: Commands| {
        // Every edge lies between two pixels: several samples of one look the same, and cost software rendering half of
        // its frames.
        commands.spawn((Camera2d, Msaa::Off));
    })
    .add_systems(Update, follow.in_set(Step::Show).run_if(in_state(Screen::Dungeon)));
}

fn follow(
    time: Res<Time>,
    map: Res<Map>,
    windows: Query<&Window>,
    hero: Single<(&Body, Ref<HeroBody>)>,
    mut camera: Single<&mut Transform, With<Camera2d>>,
    mut jolt: ResMut<Jolt>,
    mut at: Local<Vec2>,
) {
    let (body, marker) = hero.into_inner();
    let view = windows.iter().next().map_or(Vec2::new(1280.0, 720.0), |window| window.size());
    let world = map.size.as_vec2() * CELL;
    let half = view.min(world) / 2.0;
    let wanted = body.at.clamp(half, world - half);
    let left = if marker.is_added() { 0.0 } else { LAG_PER_SECOND.powf(time.delta_secs()) };
    *at = wanted.lerp(*at, left);
    jolt.0 = (jolt.0 - time.delta_secs() / SHAKE_S).max(0.0);
    let beat = time.elapsed_secs() * SHAKE_HZ;
    // Squared, so that small blows are barely felt.
    let shift = Vec2::new((beat * 1.3).sin(), (beat * 1.7).cos()) * SHAKE * jolt.0 * jolt.0;
    camera.translation = (*at + shift).round().extend(camera.translation.z);
}
