//! Which keys do what.
//!
//! A new control is a row of [`Control::ALL`] and a default in [`Bindings::default`]; its screen follows.

use std::collections::BTreeMap;

use bevy::prelude::*;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Something that a key does.
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
}

impl Control {
    /// Every control with its name for people.
    pub const ALL: [(Self, &'static str); 10] = [
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
    ];

    /// Its name for people.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(control, _)| *control == self).map_or("", |(_, name)| name)
    }
}

macro_rules! keys {
    ($($code:ident $name:literal),* $(,)?) => {
        /// The keys that can be bound, with their names in the file and on screen. Escape and Enter belong to the menus.
        const KEYS: &[(KeyCode, &str)] = &[$((KeyCode::$code, $name)),*];
    };
}

keys! {
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
    BracketLeft "Left bracket", BracketRight "Right bracket", Minus "Minus", Equal "Equal", Backquote "Backquote",
}

/// Name of a key that can be bound.
pub fn key_name(code: KeyCode) -> Option<&'static str> {
    KEYS.iter().find(|(known, _)| *known == code).map(|(_, name)| *name)
}

/// One or two keys for each control; no key does two things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bindings(BTreeMap<Control, Vec<KeyCode>>);

/// Keys that one control may have.
const KEYS_MAX: usize = 2;

/// Why a key was not bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BindError {
    /// Escape, Enter, or a key that the game does not know.
    #[error("that key cannot be bound; Escape and Enter belong to the menus")]
    Unknown,
    /// It does something else already.
    #[error("{} already does: {}", key_name(*key).unwrap_or("that key"), control.name())]
    Taken {
        /// The key.
        key: KeyCode,
        /// What it does.
        control: Control,
    },
}

impl Default for Bindings {
    fn default() -> Self {
        use KeyCode::*;
        Self(BTreeMap::from([
            (Control::Up, vec![KeyW, ArrowUp]),
            (Control::Down, vec![KeyS, ArrowDown]),
            (Control::Left, vec![KeyA, ArrowLeft]),
            (Control::Right, vec![KeyD, ArrowRight]),
            (Control::Attack, vec![Space]),
            (Control::Firebolt, vec![Digit1, KeyQ]),
            (Control::Smite, vec![Digit2, KeyE]),
            (Control::Tithe, vec![Digit3, KeyR]),
            (Control::Take, vec![KeyF]),
            (Control::Panel, vec![Tab, KeyC]),
        ]))
    }
}

impl Bindings {
    /// Keys of `control`, at least one.
    pub fn of(&self, control: Control) -> &[KeyCode] {
        self.0.get(&control).map_or(&[], Vec::as_slice)
    }

    /// Whether a key of `control` went down in this frame.
    pub fn just_pressed(&self, control: Control, keys: &ButtonInput<KeyCode>) -> bool {
        keys.any_just_pressed(self.of(control).iter().copied())
    }

    /// Whether a key of `control` is held.
    pub fn pressed(&self, control: Control, keys: &ButtonInput<KeyCode>) -> bool {
        keys.any_pressed(self.of(control).iter().copied())
    }

    /// Its keys in words, such as `1 or Q`.
    pub fn words(&self, control: Control) -> String {
        self.of(control).iter().filter_map(|key| key_name(*key)).collect::<Vec<_>>().join(" or ")
    }

    /// What `key` does.
    pub fn control(&self, key: KeyCode) -> Option<Control> {
        self.0.iter().find(|(_, keys)| keys.contains(&key)).map(|(control, _)| *control)
    }

    /// Gives `control` this key alone.
    ///
    /// # Errors
    /// A [`BindError`] for a key that cannot be bound or does something else; nothing has changed then.
    pub fn bind(&mut self, control: Control, key: KeyCode) -> Result<(), BindError> {
        if key_name(key).is_none() {
            return Err(BindError::Unknown);
        }
        match self.control(key) {
            Some(other) if other != control => Err(BindError::Taken { key, control: other }),
            _ => {
                self.0.insert(control, vec![key]);
                Ok(())
            }
        }
    }
}

impl Serialize for Bindings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let names = |keys: &Vec<KeyCode>| keys.iter().filter_map(|key| key_name(*key)).collect::<Vec<_>>();
        self.0.iter().map(|(control, keys)| (control, names(keys))).collect::<BTreeMap<_, _>>().serialize(serializer)
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
        let code = |name: &String| KEYS.iter().find(|(_, known)| known == name).map(|(code, _)| *code);
        let keys: Option<Vec<KeyCode>> = names.iter().map(code).collect();
        let keys = keys.ok_or_else(|| format!("{}: no such key among {names:?}", control.name()))?;
        if keys.is_empty() || keys.len() > KEYS_MAX {
            return Err(format!("{}: give it one or {KEYS_MAX} keys", control.name()));
        }
        bindings.0.insert(control, keys);
    }
    let all: Vec<KeyCode> = bindings.0.values().flatten().copied().collect();
    match all.iter().enumerate().find(|(place, key)| all[..*place].contains(key)) {
        Some((_, key)) => Err(format!("{} does two things", key_name(*key).unwrap_or("a key"))),
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
    }

    proptest! {
        #[test]
        fn no_key_ever_does_two_things(steps in prop::collection::vec((0..10_usize, 0..KEYS.len()), 0..60)) {
            let mut bindings = Bindings::default();
            for (control, key) in steps {
                // A refusal is an answer too.
                let _ = bindings.bind(Control::ALL[control].0, KEYS[key].0);
            }
            for (key, _) in KEYS {
                let doing = Control::ALL.iter().filter(|(control, _)| bindings.of(*control).contains(key)).count();
                prop_assert!(doing <= 1);
            }
            prop_assert!(Control::ALL.iter().all(|(control, _)| !bindings.of(*control).is_empty()));
            let text = toml::to_string(&bindings).expect("names alone");
            prop_assert_eq!(toml::from_str::<Bindings>(&text).expect("as written"), bindings);
        }
    }
}
