//! A hero as the contract stores it: one word.

use alloy::primitives::U256;

use super::balance;
use super::monster::bits;
use super::skill::{SKILLS, Skill};

/// A hero's life, as far as the chain knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hero {
    /// Health left; never 0, for a hero who falls rises again at once.
    pub health: u16,
    /// Mana left.
    pub mana: u16,
    /// Level, from 1 to [`balance::LEVEL_CAP`].
    pub level: u16,
    /// Experience within the level.
    pub xp: u32,
    /// Monsters felled.
    pub kills: u32,
    /// Times fallen.
    pub deaths: u16,
    /// Unix second from which each skill may be used again, by its id.
    pub skill_ready_at: [u64; SKILLS],
}

const MANA_SHIFT: usize = 16;
const LEVEL_SHIFT: usize = 32;
const XP_SHIFT: usize = 48;
const KILLS_SHIFT: usize = 80;
const DEATHS_SHIFT: usize = 112;
const SKILL_SHIFTS: [usize; SKILLS] = [128, 168, 208];

impl Default for Hero {
    fn default() -> Self {
        Self {
            health: balance::max_health(1),
            mana: balance::max_mana(1),
            level: 1,
            xp: 0,
            kills: 0,
            deaths: 0,
            skill_ready_at: [0; SKILLS],
        }
    }
}

impl Hero {
    /// Health when unhurt.
    pub const fn max_health(&self) -> u16 {
        balance::max_health(self.level)
    }

    /// Mana when rested.
    pub const fn max_mana(&self) -> u16 {
        balance::max_mana(self.level)
    }

    /// Health that a plain attack takes.
    pub const fn attack_damage(&self) -> u16 {
        balance::attack_damage(self.level)
    }

    /// Unix second from which `skill` may be used again.
    pub const fn ready_at(&self, skill: Skill) -> u64 {
        self.skill_ready_at[skill.id() as usize]
    }

    /// Adds mana up to the most the hero can hold.
    pub fn refresh(&mut self, mana: u16) {
        self.mana = self.mana.saturating_add(mana).min(self.max_mana());
    }

    /// Adds health up to the most the hero can have.
    pub fn heal(&mut self, health: u16) {
        self.health = self.health.saturating_add(health).min(self.max_health());
    }

    /// Takes a blow; one that would leave nothing fells the hero, who rises rested and without the level's experience.
    pub fn suffer(&mut self, blow: u16) {
        if blow < self.health {
            self.health -= blow;
            return;
        }
        self.deaths = self.deaths.saturating_add(1);
        self.xp = 0;
        self.rest();
    }

    /// Counts a felled monster and its experience; each level gained leaves the hero rested.
    pub fn triumph(&mut self, xp: u32) {
        self.kills = self.kills.saturating_add(1);
        self.xp = self.xp.saturating_add(xp);
        while self.level < balance::LEVEL_CAP && self.xp >= balance::xp_to_next(self.level) {
            self.xp -= balance::xp_to_next(self.level);
            self.level += 1;
            self.rest();
        }
    }

    fn rest(&mut self) {
        self.health = self.max_health();
        self.mana = self.max_mana();
    }

    /// Reads the contract's word; a word that was never stored is a new hero.
    ///
    /// A level beyond the cap, which only a lying endpoint can send, is read as the cap, so that what
    /// is computed from it fits.
    pub fn from_word(word: U256) -> Self {
        let level = bits(word, LEVEL_SHIFT, 16) as u16;
        if level == 0 {
            return Self::default();
        }
        Self {
            health: bits(word, 0, 16) as u16,
            mana: bits(word, MANA_SHIFT, 16) as u16,
            level: level.min(balance::LEVEL_CAP),
            xp: bits(word, XP_SHIFT, 32) as u32,
            kills: bits(word, KILLS_SHIFT, 32) as u32,
            deaths: bits(word, DEATHS_SHIFT, 16) as u16,
            skill_ready_at: SKILL_SHIFTS.map(|shift| bits(word, shift, 40)),
        }
    }

    /// The contract's word.
    pub fn to_word(&self) -> U256 {
        let skills = SKILL_SHIFTS.into_iter().zip(self.skill_ready_at);
        let ready = skills.fold(U256::ZERO, |word, (shift, ready_at)| word | U256::from(ready_at) << shift);
        U256::from(self.health)
            | U256::from(self.mana) << MANA_SHIFT
            | U256::from(self.level) << LEVEL_SHIFT
            | U256::from(self.xp) << XP_SHIFT
            | U256::from(self.kills) << KILLS_SHIFT
            | U256::from(self.deaths) << DEATHS_SHIFT
            | ready
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_hold_the_fields_where_the_contract_puts_them() {
        let hero = Hero {
            health: 0x1111,
            mana: 0x2222,
            level: 0x0003,
            xp: 0x4444_4444,
            kills: 0x5555_5555,
            deaths: 0x6666,
            skill_ready_at: [0x77_7777_7777, 0x88_8888_8888, 0x99_9999_9999],
        };
        let word = "0x9999999999_8888888888_7777777777_6666_55555555_44444444_0003_2222_1111";
        let word: U256 = word.parse().expect("a number");
        assert_eq!(hero.to_word(), word);
        assert_eq!(Hero::from_word(word), hero);
        assert_eq!(Hero::from_word(U256::MAX).level, balance::LEVEL_CAP);
        assert_eq!(Hero::from_word(U256::ZERO), Hero::default(), "an unstored word is a new hero");
    }

    #[test]
    fn experience_carries_over_several_levels_and_refills() {
        let mut hero = Hero { health: 1, mana: 0, xp: 40, ..Hero::default() };
        hero.triumph(170);
        assert_eq!((hero.level, hero.xp), (3, 60), "210 = 50 + 100 + 60");
        assert_eq!((hero.health, hero.mana), (120, 60), "rested at the new level");
    }

    #[test]
    fn the_level_cap_keeps_the_experience() {
        let mut hero = Hero { level: balance::LEVEL_CAP, xp: 9_000, ..Hero::default() };
        hero.triumph(35);
        assert_eq!((hero.level, hero.xp), (balance::LEVEL_CAP, 9_035));
    }

    #[test]
    fn a_blow_as_large_as_the_health_fells_the_hero() {
        let mut hero = Hero { health: 7, mana: 3, xp: 49, ..Hero::default() };
        hero.suffer(7);
        assert_eq!(hero, Hero { deaths: 1, ..Hero::default() });
    }
}
