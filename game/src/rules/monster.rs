//! A monster as the contract stores it: one word.

use alloy::primitives::U256;

use super::balance;

/// A monster's life, as far as the chain knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Monster {
    /// Health left; 0 while it is down.
    pub health: u16,
    /// How many times it has entered the dungeon, from 1.
    pub generation: u32,
    /// Unix second from which it may be fought again; 0 if it never fell.
    pub respawn_at: u64,
    /// Generation whose loot lies on the ground; 0 for none.
    pub loot_generation: u32,
}

const GENERATION_SHIFT: usize = 16;
const RESPAWN_SHIFT: usize = 48;
const LOOT_SHIFT: usize = 88;

impl Monster {
    /// The monster `id` before anyone touched it.
    pub const fn fresh(id: u8) -> Self {
        Self { health: balance::monster(id, 1).max_health, generation: 1, respawn_at: 0, loot_generation: 0 }
    }

    /// Level, from 1 to [`balance::MONSTER_LEVELS`].
    pub const fn level(&self) -> u16 {
        balance::monster_level(self.generation)
    }

    /// Whether it cannot be fought at Unix second `now`.
    pub const fn is_down(&self, now: u64) -> bool {
        self.health == 0 && now < self.respawn_at
    }

    /// Reads the contract's word of monster `id`; a word that was never stored is a fresh monster.
    pub fn from_word(id: u8, word: U256) -> Self {
        let generation = bits(word, GENERATION_SHIFT, 32) as u32;
        if generation == 0 {
            return Self::fresh(id);
        }
        Self {
            health: bits(word, 0, 16) as u16,
            generation,
            respawn_at: bits(word, RESPAWN_SHIFT, 40),
            loot_generation: bits(word, LOOT_SHIFT, 32) as u32,
        }
    }

    /// The contract's word.
    pub fn to_word(&self) -> U256 {
        U256::from(self.health)
            | U256::from(self.generation) << GENERATION_SHIFT
            | U256::from(self.respawn_at) << RESPAWN_SHIFT
            | U256::from(self.loot_generation) << LOOT_SHIFT
    }
}

/// The `width` (at most 63) bits of `word` from bit `shift` up.
pub(super) fn bits(word: U256, shift: usize, width: u32) -> u64 {
    let mask = (1_u64 << width) - 1;
    (word >> shift).as_limbs()[0] & mask
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(monster: Monster, word: &str) {
        let word: U256 = word.parse().expect("a number");
        assert_eq!(monster.to_word(), word, "packing");
        assert_eq!(Monster::from_word(0, word), monster, "unpacking");
    }

    #[test]
    fn words_hold_the_fields_where_the_contract_puts_them() {
        check(Monster { health: 30, generation: 1, respawn_at: 0, loot_generation: 0 }, "0x1001e");
        check(
            Monster { health: 0, generation: 2, respawn_at: 0x65_0000_0001, loot_generation: 2 },
            "0x00000002_6500000001_00000002_0000",
        );
        check(
            Monster { health: u16::MAX, generation: u32::MAX, respawn_at: (1 << 40) - 1, loot_generation: u32::MAX },
            "0xffffffffffffffffffffffffffffff",
        );
    }

    #[test]
    fn an_unstored_word_is_a_fresh_monster() {
        for id in 0..balance::MONSTERS {
            assert_eq!(Monster::from_word(id, U256::ZERO), Monster::fresh(id));
        }
        assert_eq!(Monster::fresh(5).health, 80, "5 is an ogre");
    }
}
