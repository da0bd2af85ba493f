//! What the contracts say, read past the engine.

use alloy::primitives::{Address, U256};
use latchkey::contracts::abi::{GameRouter, Gold};
use latchkey::contracts::{game_router, gold};
use latchkey::{Owner, OwnerError};

use crate::rules::{Hero, Monster, World};

/// Monsters, this player's hero and Gold, as the contracts have them at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Truth {
    monsters: Vec<U256>,
    hero: U256,
    gold: U256,
}

impl Truth {
    pub(super) fn read(owner: &Owner) -> Result<Self, OwnerError> {
        let player = owner.address();
        Ok(Self {
            monsters: owner.view(game_router(), &GameRouter::monstersCall {})?.to_vec(),
            hero: owner.view(game_router(), &GameRouter::heroCall { player })?,
            gold: owner.view(gold(), &Gold::balanceOfCall { owner: player })?,
        })
    }

    /// Where `world` says otherwise, in words; empty when all is equal.
    pub fn differences(&self, world: &World) -> Vec<String> {
        let ours = world.monsters.iter().enumerate();
        let mut found: Vec<String> = ours
            .zip(&self.monsters)
            .filter_map(|((id, ours), word)| {
                let theirs = Monster::from_word(id as u8, *word);
                (*ours != theirs).then(|| format!("monster {id}: client {ours:?}, chain {theirs:?}"))
            })
            .collect();
        let (ours, theirs) = (world.hero(), Hero::from_word(self.hero));
        if *ours != theirs {
            found.push(format!("hero: client {ours:?}, chain {theirs:?}"));
        }
        if world.player.gold != self.gold {
            found.push(format!("Gold: client {}, chain {}", world.player.gold, self.gold));
        }
        found
    }

    /// The world as it is then, for the player with account `me`.
    pub(super) fn into_world(self, me: Address) -> World {
        let mut world = World::new(me);
        for (id, (place, word)) in world.monsters.iter_mut().zip(self.monsters).enumerate() {
            *place = Monster::from_word(id as u8, word);
        }
        world.player.hero = Hero::from_word(self.hero);
        world.player.gold = self.gold;
        world
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_name_what_differs() {
        let truth = Truth { monsters: vec![U256::ZERO; 12], hero: U256::ZERO, gold: U256::ZERO };
        let mut world = World::new(Address::ZERO);
        assert!(truth.differences(&world).is_empty());
        world.monsters[4].health -= 1;
        world.player.hero.kills = 1;
        world.player.gold = U256::from(5);
        let found = truth.differences(&world).join("\n");
        for part in ["monster 4", "hero", "Gold"] {
            assert!(found.contains(part), "{part} in {found}");
        }
        assert!(truth.clone().into_world(Address::ZERO) == World::new(Address::ZERO));
    }
}
