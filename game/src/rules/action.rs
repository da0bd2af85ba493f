//! What a player can decide.

use super::balance;
use super::skill::Skill;

/// A player's decision; each becomes one call of the game contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// A plain blow; gives a little mana back.
    Attack {
        /// Id of the monster, below [`balance::MONSTERS`].
        monster: u8,
    },
    /// A skill, with its cost and its cooldown.
    UseSkill {
        /// Which skill.
        skill: Skill,
        /// Id of the monster, below [`balance::MONSTERS`].
        monster: u8,
    },
    /// Takes loot from the ground: Gold, and a little health and mana.
    Pickup {
        /// Which loot.
        loot: Loot,
    },
}

impl Action {
    /// Id of the monster that the action concerns.
    pub const fn monster(&self) -> u8 {
        match *self {
            Self::Attack { monster } | Self::UseSkill { monster, .. } => monster,
            Self::Pickup { loot } => loot.monster,
        }
    }
}

/// A loot on the ground: whose it was and which of its lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Loot {
    /// Id of the monster that dropped it.
    pub monster: u8,
    /// Generation of the monster that dropped it.
    pub generation: u32,
}

impl Loot {
    /// The contract's id: generation above, monster in the lowest byte.
    pub const fn id(self) -> u64 {
        (self.generation as u64) << 8 | self.monster as u64
    }

    /// Whole Gold in it.
    pub const fn gold(self) -> u16 {
        balance::monster(self.monster, self.generation).gold
    }

    /// Reads the contract's id; `None` beyond its 40 bits.
    pub fn from_id(id: u64) -> Option<Self> {
        let generation = u32::try_from(id >> 8).ok()?;
        Some(Self { monster: (id & 0xff) as u8, generation })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loot_ids_go_there_and_back() {
        for loot in [Loot { monster: 0, generation: 1 }, Loot { monster: 11, generation: u32::MAX }] {
            assert_eq!(Loot::from_id(loot.id()), Some(loot));
        }
        assert_eq!(Loot { monster: 3, generation: 2 }.id(), 0x203);
        assert_eq!(Loot::from_id(1 << 40), None);
    }
}
