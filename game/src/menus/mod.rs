//! Menus over the game.

mod pause;

use bevy::prelude::*;

pub(crate) fn plugin(app: &mut App) {
    app.add_plugins(pause::plugin);
}
