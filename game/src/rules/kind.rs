//! The kinds of monsters.

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

impl Kind {
    /// The kind of the monster with this id.
    pub const fn of(id: u8) -> Self {
        match id % 3 {
            0 => Self::Slime,
            1 => Self::Skeleton,
            _ => Self::Ogre,
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
