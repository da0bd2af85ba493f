//! What the player has set, and may set again.

use bevy::prelude::*;
use serde::{Deserialize, Serialize};

use super::keys::Bindings;

/// The player's settings; a screen writes them, a file keeps them.
#[derive(Resource, Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How the window stands on the screen.
    pub window: Frame,
    /// Size of letters.
    pub letters: Letters,
    /// Whether a heavy blow shakes the picture.
    pub shake: Shake,
    /// Which colours tell good from bad.
    pub colours: Colours,
    /// How loud it is, where sound is built in.
    pub volume: Volume,
    /// Which keys and mouse buttons do what.
    pub keys: Bindings,
}

/// A setting with a few values that a stepper goes through.
pub trait Choices: Copy + PartialEq + Sized + 'static {
    /// Every value with its name for people, in the stepper's order.
    const ALL: &'static [(Self, &'static str)];

    /// Its name for people.
    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(value, _)| *value == self).map_or("", |(_, name)| name)
    }

    /// The value `by` steps further on, round at the ends.
    #[must_use]
    fn step(self, by: i32) -> Self {
        let at = Self::ALL.iter().position(|(value, _)| *value == self).unwrap_or(0);
        let count = Self::ALL.len() as i32;
        Self::ALL[(at as i32 + by).rem_euclid(count) as usize].0
    }
}

/// How the window stands on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Frame {
    /// With a frame around it.
    #[default]
    Windowed,
    /// Over the whole screen.
    FullScreen,
}

impl Choices for Frame {
    const ALL: &'static [(Self, &'static str)] = &[(Self::Windowed, "window"), (Self::FullScreen, "full screen")];
}

/// Size of letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Letters {
    /// A tenth smaller.
    Small,
    /// As drawn.
    #[default]
    Normal,
    /// A tenth larger; beyond it the sheets would not fit a window of 1280 by 720.
    Large,
}

impl Choices for Letters {
    const ALL: &'static [(Self, &'static str)] =
        &[(Self::Small, "small"), (Self::Normal, "normal"), (Self::Large, "large")];
}

impl Letters {
    /// Factor on every letter of sheets and head-up display.
    pub const fn factor(self) -> f32 {
        match self {
            Self::Small => 0.9,
            Self::Normal => 1.0,
            Self::Large => 1.1,
        }
    }
}

/// Whether the picture shakes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shake {
    /// At heavy blows.
    #[default]
    On,
    /// Never.
    Off,
}

impl Choices for Shake {
    const ALL: &'static [(Self, &'static str)] = &[(Self::On, "on"), (Self::Off, "off")];
}

/// Which colours tell good from bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Colours {
    /// Green and red.
    #[default]
    Usual,
    /// Blue and orange, which the common kinds of colour blindness keep apart.
    Safe,
}

impl Choices for Colours {
    const ALL: &'static [(Self, &'static str)] = &[(Self::Usual, "green and red"), (Self::Safe, "blue and orange")];
}

/// How loud it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Volume {
    /// Silent.
    Off,
    /// A quarter.
    Quiet,
    /// Half.
    #[default]
    Normal,
    /// All.
    Loud,
}

impl Choices for Volume {
    const ALL: &'static [(Self, &'static str)] =
        &[(Self::Off, "off"), (Self::Quiet, "quiet"), (Self::Normal, "normal"), (Self::Loud, "loud")];
}

impl Volume {
    /// Factor on every sound, from 0 to 1.
    pub const fn factor(self) -> f32 {
        match self {
            Self::Off => 0.0,
            Self::Quiet => 0.25,
            Self::Normal => 0.5,
            Self::Loud => 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steppers_go_round() {
        assert_eq!(Letters::Large.step(1), Letters::Small);
        assert_eq!(Letters::Small.step(-1), Letters::Large);
        assert_eq!(Frame::Windowed.step(1).name(), "full screen");
    }
}
