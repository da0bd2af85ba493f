//! The last picture: what is in flight is awaited, the session is revoked.

use bevy::prelude::*;

use crate::theme::palette;
use crate::theme::widgets::{LARGE, NORMAL, SPACE, text};
use crate::view::offer::After;
use crate::view::screen::Screen;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Screen::Leaving), spawn);
}

fn spawn(mut commands: Commands, after: Res<After>) {
    let then = match *after {
        After::Quit => "Waiting for what is in flight, then revoking the key...",
        After::Title => "Waiting for what is in flight, then revoking the key. The title follows.",
        After::NewSession => "Waiting for what is in flight. The terms of a new session follow.",
    };
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
        children![text("Closing the session", LARGE, palette::GOLD), text(then, NORMAL, palette::BONE),],
    ));
}
