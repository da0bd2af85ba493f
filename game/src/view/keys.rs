//! Which keys and mouse buttons do what.
//!
//! A new control is a row of [`Control::ALL`] and a default in [`Bindings::default`]; its screen follows.

use std::collections::BTreeMap;

use bevy::prelude::*;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Something that a key or a mouse button does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Control {
    /// Walk up.
    Up,
    /// Walk down.
    Down,
    /// Walk left.
    Left,
    /// Walk right.
    Right,
    /// Strike the nearest monster.
    Attack,
    /// Use the first skill.
    Firebolt,
    /// Use the second skill.
    Smite,
    /// Use the third skill.
    Tithe,
    /// Take loot.
    Take,
    /// Unfold the chain panel.
    Panel,
    /// Renew the session, once that is due.
    Renew,
    /// Walk to what the mouse points at, or strike or take it.
    Point,
}

impl Control {
    /// Every control with its name for people.
    pub const ALL: [(Self, &'static str); 12] = [
        (Self::Up, "Walk up"),
        (Self::Down, "Walk down"),
        (Self::Left, "Walk left"),
        (Self::Right, "Walk right"),
        (Self::Attack, "Attack"),
        (Self::Firebolt, "Firebolt"),
        (Self::Smite, "Smite"),
        (Self::Tithe, "Tithe"),
        (Self::Take, "Take loot"),
        (Self::Panel, "Chain panel"),
        (Self::Renew, "Renew session"),
        (Self::Point, "Go or strike there"),
    ];

    /// Its name for people.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(control, _)| *control == self).map_or("", |(_, name)| name)
    }
}

/// A key or a mouse button.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Press {
    /// A key.
    Key(KeyCode),
    /// A mouse button; in menus the left one presses what it is over.
    Mouse(MouseButton),
}

impl From<KeyCode> for Press {
    fn from(key: KeyCode) -> Self {
        Self::Key(key)
    }
}

impl From<MouseButton> for Press {
    fn from(button: MouseButton) -> Self {
        Self::Mouse(button)
    }
}

macro_rules! presses {
    (keys: $($code:ident $key:literal),*; mouse: $($button:ident $name:literal),*;) => {
        /// What can be bound, with its name in the file and on screen. Escape and Enter belong to the menus.
        const PRESSES: &[(Press, &str)] = &[
            $((Press::Key(KeyCode::$code), $key),)*
            $((Press::Mouse(MouseButton::$button), $name),)*
        ];
    };
}

presses! {
    keys:
    KeyA "A", KeyB "B", KeyC "C", KeyD "D", KeyE "E", KeyF "F", KeyG "G", KeyH "H", KeyI "I", KeyJ "J", KeyK "K",
    KeyL "L", KeyM "M", KeyN "N", KeyO "O", KeyP "P", KeyQ "Q", KeyR "R", KeyS "S", KeyT "T", KeyU "U", KeyV "V",
    KeyW "W", KeyX "X", KeyY "Y", KeyZ "Z",
    Digit0 "0", Digit1 "1", Digit2 "2", Digit3 "3", Digit4 "4", Digit5 "5", Digit6 "6", Digit7 "7", Digit8 "8",
    Digit9 "9", Numpad0 "Pad 0", Numpad1 "Pad 1", Numpad2 "Pad 2", Numpad3 "Pad 3", Numpad4 "Pad 4", Numpad5 "Pad 5",
    Numpad6 "Pad 6", Numpad7 "Pad 7", Numpad8 "Pad 8", Numpad9 "Pad 9",
    ArrowUp "Up", ArrowDown "Down", ArrowLeft "Left", ArrowRight "Right", Space "Space", Tab "Tab",
    Backspace "Backspace", Delete "Delete", Insert "Insert", Home "Home", End "End", PageUp "Page up",
    PageDown "Page down", ShiftLeft "Left shift", ShiftRight "Right shift", ControlLeft "Left ctrl",
    ControlRight "Right ctrl", Comma "Comma", Period "Period", Slash "Slash", Semicolon "Semicolon", Quote "Quote",
    BracketLeft "Left bracket", BracketRight "Right bracket", Minus "Minus", Equal "Equal", Backquote "Backquote";
    mouse: Left "Left click", Right "Right click", Middle "Middle click", Back "Back click", Forward "Forward click";
}

/// Name of what can be bound.
pub fn press_name(press: Press) -> Option<&'static str> {
    PRESSES.iter().find(|(known, _)| *known == press).map(|(_, name)| *name)
}

/// One or two keys or mouse buttons for each control; none does two things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bindings(BTreeMap<Control, Vec<Press>>);

/// Keys and mouse buttons that one control may have.
const PRESSES_MAX: usize = 2;

/// Why a key was not bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BindError {
    /// Escape, Enter, or a key that the game does not know.
    #[error("that key cannot be bound; Escape and Enter belong to the menus")]
    Unknown,
    /// It does something else already.
    #[error("{} already does: {}", press_name(*press).unwrap_or("that key"), control.name())]
    Taken {
        /// What was pressed.
        press: Press,
        /// What it does.
        control: Control,
    },
}

impl Default for Bindings {
    fn default() -> Self {
        use KeyCode::*;
        Self(BTreeMap::from([
            (Control::Up, vec![KeyW.into(), ArrowUp.into()]),
            (Control::Down, vec![KeyS.into(), ArrowDown.into()]),
            (Control::Left, vec![KeyA.into(), ArrowLeft.into()]),
            (Control::Right, vec![KeyD.into(), ArrowRight.into()]),
            (Control::Attack, vec![Space.into()]),
            (Control::Firebolt, vec![Digit1.into(), KeyQ.into()]),
            (Control::Smite, vec![Digit2.into(), KeyE.into()]),
            (Control::Tithe, vec![Digit3.into(), KeyR.into()]),
            (Control::Take, vec![KeyF.into()]),
            (Control::Panel, vec![Tab.into(), KeyC.into()]),
            (Control::Renew, vec![KeyN.into()]),
            (Control::Point, vec![MouseButton::Left.into()]),
        ]))
    }
}

impl Bindings {
    /// Keys and mouse buttons of `control`, at least one.
    pub fn of(&self, control: Control) -> &[Press] {
        self.0.get(&control).map_or(&[], Vec::as_slice)
    }

    /// The first of them in words.
    pub fn first(&self, control: Control) -> &'static str {
        self.of(control).first().and_then(|press| press_name(*press)).unwrap_or_default()
    }

    /// All of them in words, such as `1 or Q`.
    pub fn words(&self, control: Control) -> String {
        self.of(control).iter().filter_map(|press| press_name(*press)).collect::<Vec<_>>().join(" or ")
    }

    /// What `press` does.
    pub fn control(&self, press: Press) -> Option<Control> {
        self.0.iter().find(|(_, presses)| presses.contains(&press)).map(|(control, _)| *control)
    }

    /// Gives `control` this key or mouse button alone.
    ///
    /// # Errors
    /// A [`BindError`] for what cannot be bound or does something else; nothing has changed then.
    pub fn bind(&mut self, control: Control, press: impl Into<Press>) -> Result<(), BindError> {
        let press = press.into();
        if press_name(press).is_none() {
            return Err(BindError::Unknown);
        }
        match self.control(press) {
            Some(other) if other != control => Err(BindError::Taken { press, control: other }),
            _ => {
                self.0.insert(control, vec![press]);
                Ok(())
            }
        }
    }
}

impl Serialize for Bindings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let names = |presses: &Vec<Press>| presses.iter().filter_map(|press| press_name(*press)).collect::<Vec<_>>();
        self.0
            .iter()
            .map(|(control, presses)| (control, names(presses)))
            .collect::<BTreeMap<_, _>>()
            .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Bindings {
    /// Controls that are not mentioned keep their usual keys.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = BTreeMap::<Control, Vec<String>>::deserialize(deserializer)?;
        read(written).map_err(serde::de::Error::custom)
    }
}

fn read(written: BTreeMap<Control, Vec<String>>) -> Result<Bindings, String> {
    let mut bindings = Bindings::default();
    for (control, names) in written {
        let press = |name: &String| PRESSES.iter().find(|(_, known)| known == name).map(|(press, _)| *press);
        let presses: Option<Vec<Press>> = names.iter().map(press).collect();
        let presses = presses.ok_or_else(|| format!("{}: no such key among {names:?}", control.name()))?;
        if presses.is_empty() || presses.len() > PRESSES_MAX {
            return Err(format!("{}: give it one or {PRESSES_MAX} keys", control.name()));
        }
        bindings.0.insert(control, presses);
    }
    let all: Vec<Press> = bindings.0.values().flatten().copied().collect();
    match all.iter().enumerate().find(|(place, press)| all[..*place].contains(press)) {
        Some((_, press)) => Err(format!("{} does two things", press_name(*press).unwrap_or("a key"))),
        None => Ok(bindings),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_taken_key_is_told_and_nothing_changes() {
        let mut bindings = Bindings::default();
        let taken = bindings.bind(Control::Attack, KeyCode::KeyQ).expect_err("Firebolt has it");
        assert_eq!(taken.to_string(), "Q already does: Firebolt");
        assert_eq!(bindings.bind(Control::Attack, KeyCode::Escape), Err(BindError::Unknown));
        assert_eq!(bindings, Bindings::default());
        bindings.bind(Control::Attack, KeyCode::KeyX).expect("a free key");
        assert_eq!(bindings.words(Control::Attack), "X");
        bindings.bind(Control::Take, KeyCode::Space).expect("free again");
        bindings.bind(Control::Smite, MouseButton::Right).expect("a free button");
        let taken = bindings.bind(Control::Tithe, MouseButton::Left).expect_err("it walks");
        assert_eq!(taken.to_string(), "Left click already does: Go or strike there");
    }

    proptest! {
        #[test]
        fn nothing_ever_does_two_things(steps in prop::collection::vec((0..12_usize, 0..PRESSES.len()), 0..60)) {
            let mut bindings = Bindings::default();
            for (control, press) in steps {
                // A refusal is an answer too.
                let _ = bindings.bind(Control::ALL[control].0, PRESSES[press].0);
            }
            for (press, _) in PRESSES {
                let doing = Control::ALL.iter().filter(|(control, _)| bindings.of(*control).contains(press)).count();
                prop_assert!(doing <= 1);
            }
            prop_assert!(Control::ALL.iter().all(|(control, _)| !bindings.of(*control).is_empty()));
            let text = toml::to_string(&bindings).expect("names alone");
            prop_assert_eq!(toml::from_str::<Bindings>(&text).expect("as written"), bindings);
        }
    }
}
