//! What the player's hands are doing, by the bindings.

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;

use crate::view::keys::{Control, Press};
use crate::view::settings::Settings;

/// Keyboard and mouse, asked by what they do.
#[derive(SystemParam)]
pub(crate) struct Hands<'w> {
    keys: Res<'w, ButtonInput<KeyCode>>,
    mouse: Res<'w, ButtonInput<MouseButton>>,
    settings: Res<'w, Settings>,
}

impl Hands<'_> {
    /// Whether the player began to do it in this frame.
    pub(crate) fn struck(&self, control: Control) -> bool {
        self.settings.keys.of(control).iter().any(|press| match *press {
            Press::Key(key) => self.keys.just_pressed(key),
            Press::Mouse(button) => self.mouse.just_pressed(button),
        })
    }

    /// Whether the player is doing it.
    pub(crate) fn held(&self, control: Control) -> bool {
        self.settings.keys.of(control).iter().any(|press| match *press {
            Press::Key(key) => self.keys.pressed(key),
            Press::Mouse(button) => self.mouse.pressed(button),
        })
    }
}
