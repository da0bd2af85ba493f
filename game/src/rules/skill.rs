//! The skills, each with everything that the rules know about it; `GameRouter.sol` holds the same numbers.
//!
//! A new skill is a variant here and a column of the contract's tables. The compiler then asks for its keys
//! (`input/keys.rs`), its picture (`actors/effects.rs`) and its sound (`sound/mod.rs`).

use super::balance::{GOLD_UNIT, SMALL_COIN_WEI};
use super::hero::Hero;

/// A skill of the hero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Skill {
    /// Costs mana.
    Firebolt,
    /// Costs native coin; strikes hardest.
    Smite,
    /// Costs Gold, which is burned; strikes and heals.
    Tithe,
}

/// What a skill costs and does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SkillBalance {
    /// Name for people.
    pub name: &'static str,
    /// Seconds from one use to the next.
    pub cooldown_s: u64,
    /// Mana that it costs.
    pub mana: u16,
    /// Price in ten-thousandths of the native coin; the contract wants exactly this much.
    pub small_coins: u16,
    /// Price in whole Gold, burned from the player's purse.
    pub gold: u16,
    /// Health that it takes from the monster, in blows of a plain attack.
    pub damage: u16,
    /// Health that it gives the hero before the monster answers, in blows of a plain attack.
    pub healing: u16,
}

/// How many skills there are; a hero's word has no room for the cooldown of a fourth.
pub const SKILLS: usize = 3;

impl Skill {
    /// All skills, in the order of their ids.
    pub const ALL: [Self; SKILLS] = [Self::Firebolt, Self::Smite, Self::Tithe];

    /// Everything about it.
    pub const fn balance(self) -> SkillBalance {
        let free = SkillBalance { name: "", cooldown_s: 0, mana: 0, small_coins: 0, gold: 0, damage: 0, healing: 0 };
        match self {
            Self::Firebolt => SkillBalance { name: "Firebolt", cooldown_s: 3, mana: 15, damage: 3, ..free },
            Self::Smite => SkillBalance { name: "Smite", cooldown_s: 4, small_coins: 5, damage: 6, ..free },
            Self::Tithe => SkillBalance { name: "Tithe", cooldown_s: 8, gold: 2, damage: 4, healing: 4, ..free },
        }
    }

    /// The contract's id.
    pub const fn id(self) -> u8 {
        self as u8
    }

    /// Wei that it costs.
    pub const fn wei(self) -> u128 {
        self.balance().small_coins as u128 * SMALL_COIN_WEI
    }

    /// Gold that it costs, in its smallest unit.
    pub const fn gold(self) -> u128 {
        self.balance().gold as u128 * GOLD_UNIT
    }

    /// Health that it takes when `hero` uses it.
    pub const fn damage(self, hero: &Hero) -> u16 {
        self.balance().damage * hero.attack_damage()
    }

    /// Health that it gives `hero`, who may have no room for all of it.
    pub const fn healing(self, hero: &Hero) -> u16 {
        self.balance().healing * hero.attack_damage()
    }

    /// What it costs, in words.
    pub fn price(self) -> String {
        let SkillBalance { mana, small_coins, gold, .. } = self.balance();
        let coin = f64::from(small_coins) / 10_000.0;
        let parts = [
            (mana > 0).then(|| format!("{mana} mana")),
            (small_coins > 0).then(|| format!("{coin} coin")),
            (gold > 0).then(|| format!("{gold} Gold")),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skills_carry_the_id_of_their_place() {
        for (place, skill) in Skill::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(skill.id()), place);
        }
    }

    #[test]
    fn prices_read_well() {
        assert_eq!(Skill::ALL.map(Skill::price), ["15 mana", "0.0005 coin", "2 Gold"]);
        assert_eq!(Skill::Smite.wei(), 500_000_000_000_000);
    }
}
