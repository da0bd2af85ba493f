//! The world as it is shown.

use alloy::primitives::Address;
use bevy::prelude::*;

use crate::rules::balance;
use crate::rules::{Monster, World as Rules};

/// Both views of the game's state, refreshed every frame.
#[derive(Resource, Debug, Clone)]
pub struct Realm {
    /// With every unconfirmed action folded in.
    pub predicted: Rules,
    /// What the chain has said.
    pub confirmed: Rules,
    /// Estimated chain time in Unix seconds.
    pub now: u64,
}

impl Default for Realm {
    fn default() -> Self {
        let empty = Rules::new(Address::ZERO);
        Self { predicted: empty.clone(), confirmed: empty, now: 0 }
    }
}

impl Realm {
    /// Health that monster `id` shows, as a share of its own full health: predicted, then confirmed.
    pub fn monster_health(&self, id: u8) -> (f32, f32) {
        let seen = |world: &Rules| shown_health(id, &world.monsters[usize::from(id)], self.now);
        (seen(&self.predicted), seen(&self.confirmed))
    }

    /// Level of monster `id` in the life that is seen, as predicted.
    pub fn monster_level(&self, id: u8) -> u16 {
        let monster = &self.predicted.monsters[usize::from(id)];
        let rises = monster.health == 0 && !monster.is_down(self.now);
        balance::monster_level(monster.generation.saturating_add(rises.into()))
    }

    /// Whether monster `id` can be fought, as predicted.
    pub fn stands(&self, id: u8) -> bool {
        !self.predicted.monsters[usize::from(id)].is_down(self.now)
    }
}

/// The contract lets a monster rise only when it is next struck; a player sees it stand before.
fn shown_health(id: u8, monster: &Monster, now: u64) -> f32 {
    if monster.health == 0 && !monster.is_down(now) {
        return 1.0;
    }
    f32::from(monster.health) / f32::from(balance::monster(id, monster.generation).max_health)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_monster_stands_again_before_the_chain_says_so() {
        let mut realm = Realm { now: 100, ..Realm::default() };
        realm.predicted.monsters[1] = Monster { health: 0, respawn_at: 101, ..Monster::fresh(1) };
        assert_eq!((realm.stands(1), realm.monster_health(1).0), (false, 0.0));
        realm.now = 101;
        assert_eq!((realm.stands(1), realm.monster_health(1).0), (true, 1.0));
        assert_eq!(realm.monster_level(1), 2, "in its second life");
        realm.predicted.monsters[1] = Monster { health: 31, generation: 2, ..Monster::fresh(1) };
        assert_eq!((realm.monster_health(1).0, realm.monster_level(1)), (0.5, 2));
    }
}
