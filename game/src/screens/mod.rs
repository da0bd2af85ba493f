//! What fills the window besides the dungeon.

mod leaving;
mod session;

use bevy::prelude::*;

pub(crate) fn plugin(app: &mut App) {
    app.add_plugins((session::plugin, leaving::plugin));
}
