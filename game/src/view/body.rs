//! Things that stand in the dungeon, as input and drawing know them.

use bevy::prelude::*;

use crate::rules::{Action, Loot};

/// Where something stands on the floor, in world units; the picture hangs above it.
#[derive(Component, Debug, Clone, Copy, Default)]
pub struct Body {
    /// Place of the feet.
    pub at: Vec2,
    /// Half the width, for walls and clicks.
    pub radius: f32,
    /// Whether no wall stands between it and the hero.
    pub seen: bool,
}

/// The player's hero; there is one.
#[derive(Component, Debug, Clone, Copy, Default)]
pub struct HeroBody;

/// The monster with this id; there are twelve.
#[derive(Component, Debug, Clone, Copy)]
pub struct MonsterBody(pub u8);

/// A loot on the ground.
#[derive(Component, Debug, Clone, Copy)]
pub struct LootBody(pub Loot);

/// What the hero is about; input writes it, movement carries it out.
#[derive(Component, Debug, Clone, Default)]
pub struct Wish {
    /// Direction held on the keyboard; zero for none, at most length 1.
    pub steer: Vec2,
    /// Where to walk or what to do on arrival.
    pub errand: Option<Errand>,
}

/// An errand that takes walking.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Errand {
    /// Walk there.
    Walk(Vec2),
    /// Walk into reach, then do it once.
    Do(Action),
}

/// Whether the hero at `hero` can do `action` to `target` from there.
pub fn in_reach(hero: &Body, target: &Body, action: &Action) -> bool {
    target.seen && hero.at.distance(target.at) <= reach(action)
}

/// What the mouse points at, if anything.
#[derive(Resource, Debug, Clone, Copy, Default)]
pub struct Pointed {
    /// Place on the floor, in world units; `None` off the window or over a panel.
    pub at: Option<Vec2>,
    /// Monster under the mouse.
    pub monster: Option<u8>,
    /// Loot under the mouse.
    pub loot: Option<Loot>,
}

/// Side of a cell of the dungeon, in world units (pixels at a scale of 1).
pub const CELL: f32 = 48.0;

/// How near the hero must be to strike or take, in world units.
pub const REACH: f32 = 1.6 * CELL;

/// How near the hero must be to use a skill, in world units.
pub const SKILL_REACH: f32 = 5.0 * CELL;

/// How near the hero must be for `action`, in world units.
pub fn reach(action: &Action) -> f32 {
    match action {
        Action::UseSkill { .. } => SKILL_REACH,
        Action::Attack { .. } | Action::Pickup { .. } => REACH,
    }
}
