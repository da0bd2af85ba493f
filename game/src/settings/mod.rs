//! The player's settings: kept in a file, and carried out.

mod apply;
pub mod file;

use bevy::prelude::*;

pub(crate) fn plugin(app: &mut App) {
    app.add_plugins((file::plugin, apply::plugin));
}
