//! Every number that decides how the game plays; `GameRouter.sol` holds the same ones.

use super::kind::Kind;

/// Monsters in the dungeon; their ids run from 0 to one below it.
pub const MONSTERS: u8 = 12;

/// Seconds from a monster's fall until it may be fought again.
pub const RESPAWN_SECONDS: u64 = 10;

/// Seconds that all skills share as their cooldown.
pub const SKILL_COOLDOWN_SECONDS: u64 = 3;

/// Level that no hero passes.
pub const LEVEL_CAP: u16 = 50;

/// Mana that each attack gives back.
pub const MANA_PER_ATTACK: u16 = 2;

/// Health that a picked-up loot gives back.
pub const HEALTH_PER_LOOT: u16 = 15;

/// Mana that a picked-up loot gives back.
pub const MANA_PER_LOOT: u16 = 10;

/// Smallest units in one Gold (18 decimals).
pub const GOLD_UNIT: u128 = 1_000_000_000_000_000_000;

/// Wei that a Smite costs: 0.0005 of the native coin.
pub const SMITE_WEI: u128 = 500_000_000_000_000;

/// Mana that a Firebolt costs.
pub const FIREBOLT_MANA: u16 = 15;

/// What one kind of monster is worth and capable of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindBalance {
    /// Health when it enters the dungeon.
    pub max_health: u16,
    /// Health it takes from the hero each time it survives a hit.
    pub strikes_back: u16,
    /// Experience for the hero who fells it.
    pub xp: u32,
    /// Whole Gold in its loot.
    pub gold: u16,
}

/// The balance of a kind of monster.
pub const fn kind(kind: Kind) -> KindBalance {
    match kind {
        Kind::Slime => KindBalance { max_health: 30, strikes_back: 2, xp: 10, gold: 1 },
        Kind::Skeleton => KindBalance { max_health: 50, strikes_back: 4, xp: 20, gold: 2 },
        Kind::Ogre => KindBalance { max_health: 80, strikes_back: 7, xp: 35, gold: 4 },
    }
}

/// Health of an unhurt hero at `level` (1 and up).
pub const fn max_health(level: u16) -> u16 {
    100 + 10 * (level.saturating_sub(1))
}

/// Mana of a rested hero at `level` (1 and up).
pub const fn max_mana(level: u16) -> u16 {
    50 + 5 * (level.saturating_sub(1))
}

/// Health that a plain attack takes at `level` (1 and up).
pub const fn attack_damage(level: u16) -> u16 {
    8 + 2 * (level.saturating_sub(1))
}

/// Experience that leads from `level` to the next one; it counts within the level.
pub const fn xp_to_next(level: u16) -> u32 {
    50 * level as u32
}
