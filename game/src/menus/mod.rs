//! Sheets over the screen. A new one is a file with a plugin, and a state in `view/screen.rs`.

mod faults;
mod over;
mod pause;
mod sessions;
mod settings;

use bevy::prelude::*;

use crate::theme::focus::Sheet;
use crate::theme::palette;
use crate::theme::widgets::middle;
use crate::view::screen::{Menu, Screen};

pub(crate) fn plugin(app: &mut App) {
    app.add_plugins((over::plugin, pause::plugin, sessions::plugin, settings::plugin, faults::plugin));
}

/// What is shown when a sheet that can be opened from title and dungeon is closed.
fn below(screen: Screen) -> Menu {
    match screen {
        Screen::Dungeon => Menu::Pause,
        Screen::Title | Screen::Session | Screen::Leaving => Menu::Closed,
    }
}

/// What a sheet lies on: it dims the screen below, and goes with its menu.
fn veil(menu: Menu, layer: u8) -> impl Bundle {
    (middle(), BackgroundColor(palette::INK.with_alpha(0.6)), GlobalZIndex(2), Sheet { layer }, DespawnOnExit(menu))
}
