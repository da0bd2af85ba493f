//! The kinds of monsters, each with everything that the rules know about it; `GameRouter.sol` holds the same numbers.
//!
//! A new kind is a variant here and a row of the contract's tables. The compiler then asks for its looks
//! (`theme/bestiary.rs`).

/// What a monster is; decided by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Weak and many.
    Slime,
    /// Hits back.
    Skeleton,
    /// Best fought with skills.
    Ogre,
}

/// What a monster is worth and capable of.
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

impl Kind {
    /// All kinds, in the order in which the monsters' ids go through them.
    pub const ALL: [Self; 3] = [Self::Slime, Self::Skeleton, Self::Ogre];

    /// The kind of the monster with this id.
    pub const fn of(id: u8) -> Self {
        Self::ALL[id as usize % Self::ALL.len()]
    }

    /// Its balance at level 1.
    pub const fn balance(self) -> KindBalance {
        match self {
            Self::Slime => KindBalance { max_health: 30, strikes_back: 2, xp: 10, gold: 1 },
            Self::Skeleton => KindBalance { max_health: 50, strikes_back: 4, xp: 20, gold: 2 },
            Self::Ogre => KindBalance { max_health: 80, strikes_back: 7, xp: 35, gold: 4 },
        }
    }

    /// Name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Slime => "Slime",
            Self::Skeleton => "Skeleton",
            Self::Ogre => "Ogre",
        }
    }
}
