//! The dungeon: where walls are, how to walk around them, and what it looks like.

pub(crate) mod camera;
pub(crate) mod map;
pub(crate) mod route;
pub(crate) mod tiles;

use bevy::prelude::*;

pub(crate) fn plugin(app: &mut App) {
    app.init_resource::<map::Map>().add_plugins((tiles::plugin, camera::plugin));
}
