//! The last picture: what is in flight is awaited, the session is revoked.

use bevy::prelude::*;

use crate::theme::palette;
use crate::theme::widgets::{LARGE, NORMAL, SPACE, text};
use crate::view::screen::Screen;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Screen::Leaving), spawn);
}

fn spawn(mut commands: Commands) {
    commands.spawn((
        Node {
            width: percent(100),
            height: percent(100),
            flex_direction: FlexDirection::Column,
            row_gap: px(2.0 * SPACE),
            align_items: AlignItems::Center,
            justify_content: JustifyContent::Center,
            ..default()
        },
        BackgroundColor(palette::INK),
        DespawnOnExit(Screen::Leaving),
        children![
            text("Closing the session", LARGE, palette::GOLD),
            text("Waiting for what is in flight, then revoking the key...", NORMAL, palette::BONE),
        ],
    ));
}
