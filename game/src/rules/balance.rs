//! Every number that decides how the game plays; `GameRouter.sol` holds the same ones.

use super::kind::{Kind, KindBalance};

/// Monsters in the dungeon; their ids run from 0 to one below it.
pub const MONSTERS: u8 = 12;

/// Seconds from a monster's fall until it may be fought again.
pub const RESPAWN_SECONDS: u64 = 10;

/// Levels of a monster; after the last it begins anew, so that a dungeon long played in is not closed to newcomers.
pub const MONSTER_LEVELS: u32 = 5;

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

/// Wei in a ten-thousandth of the native coin, in which skills are priced.
pub const SMALL_COIN_WEI: u128 = 100_000_000_000_000;

/// Level of a monster in this generation, from 1 to [`MONSTER_LEVELS`]; a generation of 0 counts as the first.
pub const fn monster_level(generation: u32) -> u16 {
    1 + (generation.saturating_sub(1) % MONSTER_LEVELS) as u16
}

/// The balance of monster `id` in this generation: each level adds a quarter of the first one's, rounded down.
pub const fn monster(id: u8, generation: u32) -> KindBalance {
    let first = Kind::of(id).balance();
    let quarters = 3 + monster_level(generation);
    KindBalance {
        max_health: first.max_health * quarters / 4,
        strikes_back: first.strikes_back * quarters / 4,
        xp: first.xp * quarters as u32 / 4,
        gold: first.gold * quarters / 4,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn monsters_grow_and_begin_anew() {
        let levels: Vec<u16> = (0..8).map(monster_level).collect();
        assert_eq!(levels, [1, 1, 2, 3, 4, 5, 1, 2]);
        let ogre = |generation| monster(2, generation);
        assert_eq!(ogre(1), KindBalance { max_health: 80, strikes_back: 7, xp: 35, gold: 4 });
        assert_eq!(ogre(2), KindBalance { max_health: 100, strikes_back: 8, xp: 43, gold: 5 });
        assert_eq!(ogre(5), KindBalance { max_health: 160, strikes_back: 14, xp: 70, gold: 8 });
        assert_eq!(ogre(6), ogre(1));
    }
}
