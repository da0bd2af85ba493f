//! How each kind of monster looks and moves; what it can do is in `rules/kind.rs`.

use bevy::prelude::*;

use super::art::sprite;
use super::palette;
use crate::rules::Kind;
use crate::view::body::CELL;

/// How a kind looks and moves.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Looks {
    /// Its sprite's text.
    pub(super) sheet: &'static str,
    /// Pixels of the picture for one of the sprite; whole, so that they stay square.
    pub(crate) scale: f32,
    /// Walking speed, in world units per second.
    pub(crate) speed: f32,
    /// Colour of the chips that fly from it.
    pub(crate) chips: Color,
}

/// The looks of `kind`.
pub(crate) const fn looks(kind: Kind) -> Looks {
    match kind {
        Kind::Slime => Looks { sheet: sprite!("slime"), scale: 3.0, speed: 0.7 * CELL, chips: palette::LEAF },
        Kind::Skeleton => Looks { sheet: sprite!("skeleton"), scale: 4.0, speed: 1.1 * CELL, chips: palette::BONE },
        Kind::Ogre => Looks { sheet: sprite!("ogre"), scale: 5.0, speed: 0.6 * CELL, chips: palette::ORCHID },
    }
}
