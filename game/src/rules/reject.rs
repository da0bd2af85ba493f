//! Why the rules refuse an action.

use super::skill::Skill;

/// A refusal, as the contract would give it; the words say what to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Reject {
    /// No monster has this id.
    #[error("there is no monster {id}; pick one of the twelve")]
    MonsterUnknown {
        /// The id that was asked for.
        id: u8,
    },
    /// The monster is down.
    #[error("monster {id} is already down; it comes back in {} s", respawn_at.saturating_sub(*now))]
    MonsterDown {
        /// Its id.
        id: u8,
        /// Unix second from which it may be fought again.
        respawn_at: u64,
        /// Unix second of the refusal.
        now: u64,
    },
    /// The skill is still cooling down.
    #[error("{} is cooling down; ready in {} s", skill.balance().name, ready_at.saturating_sub(*now))]
    SkillCooling {
        /// Which skill.
        skill: Skill,
        /// Unix second from which it may be used.
        ready_at: u64,
        /// Unix second of the refusal.
        now: u64,
    },
    /// The hero lacks the mana.
    #[error("not enough mana: {has} of {needs}; attacks and loot give some back")]
    NotEnoughMana {
        /// What the hero has.
        has: u16,
        /// What the skill costs.
        needs: u16,
    },
    /// The player lacks the Gold.
    #[error("not enough Gold: {has} of {needs}; loot has some")]
    NotEnoughGold {
        /// Whole Gold that the player has.
        has: u64,
        /// Whole Gold that the skill costs.
        needs: u16,
    },
    /// The loot is not there, or no longer.
    #[error("that loot is gone; somebody was faster, or it never dropped")]
    LootGone {
        /// The contract's id of the loot.
        loot: u64,
    },
}
