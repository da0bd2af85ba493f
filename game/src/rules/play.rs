//! What an action does: the contract's functions, line by line.

use alloy::primitives::U256;

use super::action::{Action, Loot};
use super::balance::{self, MONSTERS};
use super::hero::Hero;
use super::monster::Monster;
use super::reject::Reject;
use super::skill::Skill;
use super::world::World;

/// The two times of an action, in Unix seconds.
///
/// The contract has one, its block's. Whoever predicts does not know that yet, and says at which
/// second to judge and from which second on to date what the action starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// Cooldowns and respawns that run out by then are over.
    pub judged_at: u64,
    /// Cooldowns and respawns that the action starts run from here.
    pub dated_at: u64,
}

impl Times {
    /// Both the same: what the contract does in a block with timestamp `now`.
    pub const fn exactly(now: u64) -> Self {
        Self { judged_at: now, dated_at: now }
    }
}

impl World {
    /// Does what the contract would do with `action` of this player.
    ///
    /// # Errors
    ///
    /// The contract's refusal; the world is then unchanged.
    pub fn play(&mut self, action: &Action, times: Times) -> Result<(), Reject> {
        match *action {
            Action::Attack { monster } => self.attack(monster, times),
            Action::UseSkill { skill, monster } => self.use_skill(skill, monster, times),
            Action::Pickup { loot } => self.pick_up(loot),
        }
    }

    fn attack(&mut self, id: u8, times: Times) -> Result<(), Reject> {
        let mut hero = self.player.hero;
        hero.refresh(balance::MANA_PER_ATTACK);
        let damage = hero.attack_damage();
        let monster = self.strike(&mut hero, id, damage, times)?;
        self.monsters[usize::from(id)] = monster;
        self.player.hero = hero;
        Ok(())
    }

    fn use_skill(&mut self, skill: Skill, id: u8, times: Times) -> Result<(), Reject> {
        let mut hero = self.player.hero;
        let (now, ready_at) = (times.judged_at, hero.ready_at(skill));
        if now < ready_at {
            return Err(Reject::SkillCooling { skill, ready_at, now });
        }
        let balance = skill.balance();
        if hero.mana < balance.mana {
            return Err(Reject::NotEnoughMana { has: hero.mana, needs: balance.mana });
        }
        hero.mana -= balance.mana;
        hero.skill_ready_at[usize::from(skill.id())] = times.dated_at.saturating_add(balance.cooldown_s);
        hero.heal(skill.healing(&hero));
        let damage = skill.damage(&hero);
        let monster = self.strike(&mut hero, id, damage, times)?;
        let left = self.player.gold.checked_sub(U256::from(skill.gold()));
        self.player.gold = left.ok_or(Reject::NotEnoughGold { has: self.player.whole_gold(), needs: balance.gold })?;
        self.monsters[usize::from(id)] = monster;
        self.player.hero = hero;
        Ok(())
    }

    /// The monster after `hero` struck it, who reaps or suffers for it.
    fn strike(&self, hero: &mut Hero, id: u8, damage: u16, times: Times) -> Result<Monster, Reject> {
        let mut monster = *self.monster(id)?;
        let now = times.judged_at;
        if monster.is_down(now) {
            return Err(Reject::MonsterDown { id, respawn_at: monster.respawn_at, now });
        }
        if monster.health == 0 {
            monster.generation = monster.generation.saturating_add(1);
            monster.health = balance::monster(id, monster.generation).max_health;
        }
        let balance = balance::monster(id, monster.generation);
        monster.health -= damage.min(monster.health);
        if monster.health == 0 {
            monster.respawn_at = times.dated_at.saturating_add(balance::RESPAWN_SECONDS);
            monster.loot_generation = monster.generation;
            hero.triumph(balance.xp);
        } else {
            hero.suffer(balance.strikes_back);
        }
        Ok(monster)
    }

    fn pick_up(&mut self, loot: Loot) -> Result<(), Reject> {
        let monster = self.monster(loot.monster)?;
        if loot.generation == 0 || monster.loot_generation != loot.generation {
            return Err(Reject::LootGone { loot: loot.id() });
        }
        self.monsters[usize::from(loot.monster)].loot_generation = 0;
        self.player.hero.heal(balance::HEALTH_PER_LOOT);
        self.player.hero.refresh(balance::MANA_PER_LOOT);
        let minted = U256::from(loot.gold()) * U256::from(balance::GOLD_UNIT);
        self.player.gold = self.player.gold.saturating_add(minted);
        Ok(())
    }

    fn monster(&self, id: u8) -> Result<&Monster, Reject> {
        if id >= MONSTERS {
            return Err(Reject::MonsterUnknown { id });
        }
        Ok(&self.monsters[usize::from(id)])
    }
}

#[cfg(test)]
mod tests;
