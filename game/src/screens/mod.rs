//! What fills the window besides the dungeon. A new screen is a file with a plugin, and a state in `view/screen.rs`.

mod leaving;
mod scene;
mod session;
mod title;

use bevy::prelude::*;

pub(crate) fn plugin(app: &mut App) {
    app.add_plugins((scene::plugin, title::plugin, session::plugin, leaving::plugin));
}

#[cfg(test)]
mod tests;
