//! What the player wants done, and what became of it.

use alloy::primitives::Address;
use bevy::prelude::*;

use crate::rules::{Action, World as Rules, balance};

/// An action to be put on chain; exactly one for each decision.
#[derive(Message, Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order(pub Action);

/// An action that was accepted and predicted.
#[derive(Message, Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deed {
    /// Number under which its [`Settled`] comes.
    pub key: u64,
    /// What was done.
    pub action: Action,
    /// Health that the monster lost.
    pub damage: u16,
    /// Whether the monster fell.
    pub felled: bool,
    /// Health that the monster took from the hero.
    pub blow: u16,
    /// Whether the hero fell.
    pub died: bool,
    /// Whether the hero rose a level.
    pub level_up: bool,
    /// Health that the hero was given by a skill, as far as there was room for it.
    pub healed: u16,
    /// Whole Gold gained, or paid when below zero.
    pub gold: i64,
}

impl Deed {
    /// Reads the deed off the predicted worlds `before` and `after` it, at Unix second `now`.
    pub fn between(key: u64, action: Action, before: &Rules, after: &Rules, now: u64) -> Self {
        let id = action.monster();
        let mut deed = Self {
            key,
            action,
            damage: 0,
            felled: false,
            blow: 0,
            died: after.hero().deaths > before.hero().deaths,
            level_up: after.hero().level > before.hero().level,
            healed: 0,
            gold: after.player.whole_gold().cast_signed() - before.player.whole_gold().cast_signed(),
        };
        if let Action::UseSkill { skill, .. } = action {
            let room = before.hero().max_health().saturating_sub(before.hero().health);
            deed.healed = skill.healing(before.hero()).min(room);
        }
        if let Action::Pickup { .. } = action {
            return deed;
        }
        let (Some(was), Some(is)) = (before.monsters.get(usize::from(id)), after.monsters.get(usize::from(id))) else {
            return deed;
        };
        let kind = balance::monster(id, is.generation);
        let rises = was.health == 0 && !was.is_down(now);
        let health = if rises { kind.max_health } else { was.health };
        deed.damage = health.saturating_sub(is.health);
        deed.felled = is.health == 0;
        deed.blow = if deed.felled { 0 } else { kind.strikes_back };
        deed
    }
}

/// The end of a [`Deed`].
#[derive(Message, Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Number of the deed.
    pub key: u64,
    /// How it ended.
    pub fate: Fate,
}

/// How a deed ended, or is about to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// An endpoint says that the chain will do it; another fate follows.
    Expected,
    /// The block that ended it was taken back: it is open again, and another fate follows.
    Open,
    /// The chain did it.
    Held,
    /// It was taken back; the words say why.
    Undone(String),
}

/// Something another player did.
#[derive(Message, Debug, Clone, Copy, PartialEq, Eq)]
pub struct Foreign {
    /// Account of the player.
    pub player: Address,
    /// The monster concerned.
    pub monster: u8,
    /// Health that it lost; 0 when its loot was taken.
    pub damage: u16,
}

#[cfg(test)]
mod tests {
    use alloy::primitives::U256;

    use super::*;
    use crate::rules::Skill;
    use crate::rules::play::Times;

    #[test]
    fn deeds_are_read_off_the_prediction() {
        let before = Rules::new(Address::ZERO);
        let mut after = before.clone();
        let action = Action::Attack { monster: 2 };
        after.play(&action, Times::exactly(5)).expect("a living ogre");
        let deed = Deed::between(1, action, &before, &after, 5);
        assert_eq!((deed.damage, deed.blow, deed.felled, deed.died), (8, 7, false, false));
    }

    #[test]
    fn a_tithe_pays_and_heals() {
        let mut before = Rules::new(Address::ZERO);
        before.player.gold = U256::from(3 * balance::GOLD_UNIT);
        before.player.hero.health = 80;
        let mut after = before.clone();
        let action = Action::UseSkill { skill: Skill::Tithe, monster: 2 };
        after.play(&action, Times::exactly(5)).expect("Gold and an ogre");
        let deed = Deed::between(1, action, &before, &after, 5);
        assert_eq!((deed.damage, deed.healed, deed.gold, deed.blow), (32, 20, -2, 7));
    }

    #[test]
    fn striking_a_risen_monster_counts_from_full_health() {
        let mut before = Rules::new(Address::ZERO);
        before.monsters[0].health = 0;
        let mut after = before.clone();
        let action = Action::Attack { monster: 0 };
        after.play(&action, Times::exactly(5)).expect("risen");
        assert_eq!(Deed::between(1, action, &before, &after, 5).damage, 8);
    }
}
