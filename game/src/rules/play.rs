//! What an action does: the contract's functions, line by line.

use alloy::primitives::U256;

use super::action::{Action, Loot, Skill};
use super::balance::{self, MONSTERS};
use super::hero::Hero;
use super::kind::Kind;
use super::monster::Monster;
use super::reject::Reject;
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
        self.strike(hero, id, damage, times)
    }

    fn use_skill(&mut self, skill: Skill, id: u8, times: Times) -> Result<(), Reject> {
        let mut hero = self.player.hero;
        let now = times.judged_at;
        if now < hero.skill_ready_at {
            return Err(Reject::SkillCooling { ready_at: hero.skill_ready_at, now });
        }
        if hero.mana < skill.mana() {
            return Err(Reject::NotEnoughMana { has: hero.mana, needs: skill.mana() });
        }
        hero.mana -= skill.mana();
        hero.skill_ready_at = times.dated_at.saturating_add(balance::SKILL_COOLDOWN_SECONDS);
        let damage = skill.damage(&hero);
        self.strike(hero, id, damage, times)
    }

    /// Lets `hero` strike; this and the monster are written only when nothing refuses.
    fn strike(&mut self, mut hero: Hero, id: u8, damage: u16, times: Times) -> Result<(), Reject> {
        let mut monster = *self.monster(id)?;
        let now = times.judged_at;
        let kind = balance::kind(Kind::of(id));
        if monster.is_down(now) {
            return Err(Reject::MonsterDown { id, respawn_at: monster.respawn_at, now });
        }
        if monster.health == 0 {
            monster.health = kind.max_health;
            monster.generation = monster.generation.saturating_add(1);
        }
        monster.health -= damage.min(monster.health);
        if monster.health == 0 {
            monster.respawn_at = times.dated_at.saturating_add(balance::RESPAWN_SECONDS);
            monster.loot_generation = monster.generation;
            hero.triumph(kind.xp);
        } else {
            hero.suffer(kind.strikes_back);
        }
        self.monsters[usize::from(id)] = monster;
        self.player.hero = hero;
        Ok(())
    }

    fn pick_up(&mut self, loot: Loot) -> Result<(), Reject> {
        let monster = self.monster(loot.monster)?;
        if loot.generation == 0 || monster.loot_generation != loot.generation {
            return Err(Reject::LootGone { loot: loot.id() });
        }
        self.monsters[usize::from(loot.monster)].loot_generation = 0;
        self.player.hero.heal(balance::HEALTH_PER_LOOT);
        self.player.hero.refresh(balance::MANA_PER_LOOT);
        let gold = balance::kind(Kind::of(loot.monster)).gold;
        let minted = U256::from(gold) * U256::from(balance::GOLD_UNIT);
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
