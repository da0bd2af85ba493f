//! Everything the contract knows, as one player sees it.

use alloy::primitives::{Address, U256};

use super::balance::{self, MONSTERS};
use super::hero::Hero;
use super::monster::Monster;
use super::skill::Skill;

/// Most other players that are remembered.
///
/// They are only looked at, never predicted, so a crowd beyond it costs nothing but their names.
pub const OTHERS_MAX: usize = 64;

/// A hero and their purse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Player {
    /// The hero.
    pub hero: Hero,
    /// Gold in its smallest unit, [`balance::GOLD_UNIT`] to one.
    pub gold: U256,
}

impl Player {
    /// Whether mana and purse suffice for `skill`; what native coin it costs is the session's matter.
    pub fn affords(&self, skill: Skill) -> bool {
        self.hero.mana >= skill.balance().mana && self.gold >= U256::from(skill.gold())
    }

    /// Whole Gold, rounded down.
    pub fn whole_gold(&self) -> u64 {
        (self.gold / U256::from(balance::GOLD_UNIT)).saturating_to()
    }
}

/// State of the game: the monsters, this player and the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct World {
    /// Account of this player.
    pub me: Address,
    /// This player.
    pub player: Player,
    /// The monsters by id.
    pub monsters: [Monster; MONSTERS as usize],
    others: Vec<(Address, Player)>,
}

impl World {
    /// An untouched dungeon for the player with account `me`.
    pub fn new(me: Address) -> Self {
        Self {
            me,
            player: Player::default(),
            monsters: std::array::from_fn(|id| Monster::fresh(id as u8)),
            others: Vec::new(),
        }
    }

    /// This player's hero.
    pub const fn hero(&self) -> &Hero {
        &self.player.hero
    }

    /// The other players, by rising account.
    pub fn others(&self) -> &[(Address, Player)] {
        &self.others
    }

    /// The player with this account, if one has been seen.
    pub fn player(&self, account: Address) -> Option<&Player> {
        if account == self.me {
            return Some(&self.player);
        }
        let place = self.others.binary_search_by_key(&account, |(account, _)| *account).ok()?;
        Some(&self.others[place].1)
    }

    /// The player with this account to write to; a newcomer beyond [`OTHERS_MAX`] is `None`.
    pub(super) fn player_mut(&mut self, account: Address) -> Option<&mut Player> {
        if account == self.me {
            return Some(&mut self.player);
        }
        let place = match self.others.binary_search_by_key(&account, |(account, _)| *account) {
            Ok(place) => place,
            Err(_) if self.others.len() >= OTHERS_MAX => return None,
            Err(place) => {
                self.others.insert(place, (account, Player::default()));
                place
            }
        };
        Some(&mut self.others[place].1)
    }

    /// A digest of everything in it; equal worlds have equal digests.
    pub fn checksum(&self) -> u64 {
        let mut sum = Fnv::new();
        for monster in &self.monsters {
            sum.add(&monster.to_word().to_le_bytes::<32>());
        }
        let me = (self.me, self.player);
        for (account, player) in std::iter::once(&me).chain(&self.others) {
            sum.add(account.as_slice());
            sum.add(&player.hero.to_word().to_le_bytes::<32>());
            sum.add(&player.gold.to_le_bytes::<32>());
        }
        sum.0
    }
}

/// FNV-1a: the same on every platform and in every release, which the standard hasher does not promise.
struct Fnv(u64);

impl Fnv {
    const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_are_bounded_and_found() {
        let mut world = World::new(Address::ZERO);
        for n in 1..=OTHERS_MAX as u8 {
            world.player_mut(Address::repeat_byte(n)).expect("room").hero.kills = u32::from(n);
        }
        assert!(world.player_mut(Address::repeat_byte(0xff)).is_none(), "full");
        assert_eq!(world.player(Address::repeat_byte(7)).expect("known").hero.kills, 7);
        assert_eq!(world.player(Address::repeat_byte(0xff)), None);
    }

    #[test]
    fn the_checksum_does_not_depend_on_the_order_of_arrival() {
        let arrive = |order: [u8; 2]| {
            let mut world = World::new(Address::ZERO);
            for n in order {
                world.player_mut(Address::repeat_byte(n)).expect("room").hero.kills = u32::from(n);
            }
            world.checksum()
        };
        assert_eq!(arrive([1, 2]), arrive([2, 1]));
    }
}
