//! The scene behind title and session: the dungeon itself, over which the camera drifts.

use bevy::prelude::*;

use crate::level::map::Map;
use crate::view::body::CELL;
use crate::view::screen::{Screen, Step};

/// Seconds of one drift from side to side, and of one up and down; no multiples, so that the way does not repeat soon.
const ROUND_S: Vec2 = Vec2::new(97.0, 61.0);

pub(super) fn plugin(app: &mut App) {
    app.add_systems(
        Update,
        drift.in_set(Step::Show).run_if(in_state(Screen::Title).or_else(in_state(Screen::Session))),
    );
}

fn drift(time: Res<Time>, map: Res<Map>, windows: Query<&Window>, mut cameras: Query<&mut Transform, With<Camera2d>>) {
    let world = map.size.as_vec2() * CELL;
    let view = windows.iter().next().map_or(Vec2::new(1280.0, 720.0), Window::size);
    let room = ((world - view) / 2.0).max(Vec2::ZERO);
    let turn = time.elapsed_secs() * std::f32::consts::TAU / ROUND_S;
    let at = world / 2.0 + room * Vec2::new(turn.x.cos(), turn.y.sin()) * 0.9;
    for mut camera in &mut cameras {
        camera.translation = at.round().extend(camera.translation.z);
    }
}
