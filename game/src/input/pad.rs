//! A gamepad plays and goes through menus by pressing the keys that are bound: what a control does, it does once.

use bevy::input::InputSystems;
use bevy::input::gamepad::{Gamepad, GamepadButton};
use bevy::prelude::*;

use crate::view::keys::{Bindings, Control, Press};
use crate::view::screen::{Menu, Screen};
use crate::view::settings::Settings;

/// How far the left stick must be pushed to count, from 0 to 1.
const PUSHED: f32 = 0.45;

/// Buttons with what they do in play, and the key that they are in menus.
const BUTTONS: [(GamepadButton, Option<Control>, Option<KeyCode>); 11] = [
    (GamepadButton::DPadUp, Some(Control::Up), Some(KeyCode::ArrowUp)),
    (GamepadButton::DPadDown, Some(Control::Down), Some(KeyCode::ArrowDown)),
    (GamepadButton::DPadLeft, Some(Control::Left), Some(KeyCode::ArrowLeft)),
    (GamepadButton::DPadRight, Some(Control::Right), Some(KeyCode::ArrowRight)),
    (GamepadButton::South, Some(Control::Attack), Some(KeyCode::Enter)),
    (GamepadButton::West, Some(Control::Firebolt), None),
    (GamepadButton::North, Some(Control::Smite), None),
    (GamepadButton::East, Some(Control::Tithe), Some(KeyCode::Escape)),
    (GamepadButton::RightTrigger, Some(Control::Take), None),
    (GamepadButton::LeftTrigger, Some(Control::Renew), None),
    (GamepadButton::Select, Some(Control::Panel), None),
];

pub(super) fn plugin(app: &mut App) {
    app.add_systems(PreUpdate, press.after(InputSystems));
}

/// Keys that pads hold down, so that they are let go when the buttons are, and only then.
fn press(
    pads: Query<&Gamepad>,
    settings: Res<Settings>,
    (screen, menu): (Res<State<Screen>>, Res<State<Menu>>),
    mut keys: ResMut<ButtonInput<KeyCode>>,
    mut held: Local<Vec<KeyCode>>,
) {
    let playing = *screen.get() == Screen::Dungeon && *menu.get() == Menu::Closed;
    let down: Vec<KeyCode> = pads.iter().flat_map(|pad| pressed(pad, &settings.keys, playing)).collect();
    for key in held.iter().filter(|key| !down.contains(key)) {
        keys.release(*key);
    }
    for key in down.iter().filter(|key| !held.contains(key)) {
        keys.press(*key);
    }
    *held = down;
}

fn pressed(pad: &Gamepad, bindings: &Bindings, playing: bool) -> Vec<KeyCode> {
    let stick = pad.left_stick();
    let pushed = |button: GamepadButton| match button {
        GamepadButton::DPadUp => stick.y > PUSHED,
        GamepadButton::DPadDown => stick.y < -PUSHED,
        GamepadButton::DPadLeft => stick.x < -PUSHED,
        GamepadButton::DPadRight => stick.x > PUSHED,
        _ => false,
    };
    let mut keys: Vec<KeyCode> = BUTTONS
        .into_iter()
        .filter(|(button, ..)| pad.pressed(*button) || pushed(*button))
        .filter_map(
            |(_, control, menu)| if playing { control.and_then(|control| key(bindings, control)) } else { menu },
        )
        .collect();
    if pad.pressed(GamepadButton::Start) {
        keys.push(KeyCode::Escape);
    }
    keys
}

/// A key that does `control`; none where only mouse buttons do.
fn key(bindings: &Bindings, control: Control) -> Option<KeyCode> {
    bindings.of(control).iter().find_map(|press| match press {
        Press::Key(key) => Some(*key),
        Press::Mouse(_) => None,
    })
}
