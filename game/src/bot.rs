//! A player made of a few rules: fights one monster until it is down, takes its loot, finds the next.
//!
//! It sees what a player sees, the predicted world and the estimated chain time, and knows no more. It is
//! pure: the same seed and the same sights make the same choices, with a window or without.

use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

use crate::rules::{Action, Hero, Kind, Loot, Monster, Player, Skill, World};

/// Seconds that the bot waits beyond the moment at which a cooldown or respawn looks over.
///
/// Chain time is an estimate; a second too early reverts a whole batch, a second too late costs nothing.
const CAUTION_SECONDS: u64 = 1;

/// Of the turns at which it could smite, the bot takes one in this many: it costs real coin.
const SMITE_ONE_IN: u32 = 30;

/// Most Smites of one run: 80 cost 0.04 of the native coin, below the 0.05 of the demo's policy.
pub const SMITES_MAX: u32 = 80;

/// Most Tithes of one run: 40 cost 80 Gold, below the 100 of the demo's policy.
pub const TITHES_MAX: u32 = 40;

/// Share of its health, in percent, below which the bot buys a Tithe, which heals.
const HURT_PERCENT: u32 = 70;

/// Share of its health, in percent, below which the bot prefers monsters that hit softly.
const WEARY_PERCENT: u32 = 35;

/// Decides one action at a time.
#[derive(Debug)]
pub struct Bot {
    rng: Xoshiro256PlusPlus,
    focus: Option<u8>,
    smites_left: u32,
    tithes_left: u32,
}

impl Bot {
    /// A bot whose choices follow from `seed`.
    pub fn new(seed: u64) -> Self {
        let rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        Self { rng, focus: None, smites_left: SMITES_MAX, tithes_left: TITHES_MAX }
    }

    /// The next action that the predicted `world` allows at Unix second `now`; none while every monster is down
    /// and every loot taken.
    pub fn next(&mut self, world: &World, now: u64) -> Option<Action> {
        if let Some(loot) = self.loot(world) {
            return Some(Action::Pickup { loot });
        }
        let monster = self.target(world, now)?;
        let skill = self.skill(&world.player, health(world, monster), now);
        Some(match skill {
            Some(skill) => Action::UseSkill { skill, monster },
            None => Action::Attack { monster },
        })
    }

    /// Loot on the ground, that of the monster just fought first.
    fn loot(&self, world: &World) -> Option<Loot> {
        let of = |id: usize, monster: &Monster| {
            (monster.loot_generation != 0).then_some(Loot { monster: id as u8, generation: monster.loot_generation })
        };
        let near = self.focus.map(usize::from).and_then(|id| of(id, world.monsters.get(id)?));
        near.or_else(|| world.monsters.iter().enumerate().find_map(|(id, monster)| of(id, monster)))
    }

    /// The monster in focus while it stands, else another that can be fought.
    fn target(&mut self, world: &World, now: u64) -> Option<u8> {
        let standing = |id: u8| {
            world
                .monsters
                .get(usize::from(id))
                .is_some_and(|monster| monster.health > 0 || now >= monster.respawn_at.saturating_add(CAUTION_SECONDS))
        };
        if let Some(id) = self.focus.filter(|id| health(world, *id) > 0) {
            return Some(id);
        }
        let mut choices: Vec<u8> = (0..world.monsters.len() as u8).filter(|id| standing(*id)).collect();
        let hero = world.hero();
        if below(hero, WEARY_PERCENT) && choices.iter().any(|id| Kind::of(*id) == Kind::Slime) {
            choices.retain(|id| Kind::of(*id) == Kind::Slime);
        }
        self.focus = choices.choose(&mut self.rng).copied();
        self.focus
    }

    /// A skill worth its price against a monster with this much health, when one is ready.
    fn skill(&mut self, player: &Player, health: u16, now: u64) -> Option<Skill> {
        let hero = &player.hero;
        if health <= hero.attack_damage() {
            return None;
        }
        let can = |skill| player.affords(skill) && now >= hero.ready_at(skill).saturating_add(CAUTION_SECONDS);
        if self.tithes_left > 0 && can(Skill::Tithe) && below(hero, HURT_PERCENT) {
            self.tithes_left -= 1;
            return Some(Skill::Tithe);
        }
        if self.smites_left > 0 && can(Skill::Smite) && self.rng.random_ratio(1, SMITE_ONE_IN) {
            self.smites_left -= 1;
            return Some(Skill::Smite);
        }
        can(Skill::Firebolt).then_some(Skill::Firebolt)
    }
}

/// Whether `hero` has less than this share of its health, in percent.
fn below(hero: &Hero, percent: u32) -> bool {
    u32::from(hero.health) * 100 < u32::from(hero.max_health()) * percent
}

fn health(world: &World, id: u8) -> u16 {
    world.monsters.get(usize::from(id)).map_or(0, |monster| monster.health)
}

#[cfg(test)]
mod tests {
    use alloy::primitives::Address;
    use latchkey::Model;

    use super::*;
    use crate::rules::Rules;

    const START: u64 = 1_800_000_000;
    /// Actions per second of the played-out runs.
    const PACE: u64 = 8;

    /// Lets a bot play `seconds` against the rules alone and gives its choices, the idle ones too.
    fn play(seed: u64, seconds: u64) -> (World, Vec<Option<Action>>) {
        let rules = Rules::new(Address::repeat_byte(1), Address::repeat_byte(2));
        let mut world = rules.initial();
        let mut bot = Bot::new(seed);
        let choices = (0..seconds * PACE)
            .map(|tick| {
                let now = START + tick / PACE;
                let action = bot.next(&world, now)?;
                rules.predict(&mut world, &action, now).unwrap_or_else(|reject| panic!("{action:?}: {reject}"));
                Some(action)
            })
            .collect();
        (world, choices)
    }

    #[test]
    fn everything_it_asks_for_is_playable() {
        for seed in 0..20 {
            let (world, choices) = play(seed, 300);
            assert!(world.hero().kills > 20, "seed {seed}: {:?}", world.hero());
            assert!(world.player.whole_gold() > 0, "seed {seed}: loot was taken");
            let acted = choices.iter().flatten().count();
            assert!(acted > 600, "seed {seed}: only {acted} actions in 300 s");
        }
    }

    #[test]
    fn the_same_seed_makes_the_same_choices() {
        assert_eq!(play(7, 30).1, play(7, 30).1);
        assert_ne!(play(7, 30).1, play(8, 30).1);
    }

    #[test]
    fn it_uses_every_skill_and_keeps_what_costs_within_bounds() {
        let (_, choices) = play(3, 3_600);
        let used = |wanted: Skill| {
            choices.iter().flatten().filter(|a| matches!(a, Action::UseSkill { skill, .. } if *skill == wanted)).count()
        };
        assert!(used(Skill::Firebolt) > 10);
        for (skill, most) in [(Skill::Smite, SMITES_MAX), (Skill::Tithe, TITHES_MAX)] {
            let times = used(skill);
            assert!((1..=most as usize).contains(&times), "{skill:?} {times} times");
        }
    }

    #[test]
    fn it_stays_on_one_monster_until_that_is_down() {
        let (_, choices) = play(1, 4);
        let mut world = Rules::new(Address::ZERO, Address::ZERO).initial();
        let rules = Rules::new(Address::ZERO, Address::ZERO);
        let mut last: Option<u8> = None;
        for (tick, action) in choices.into_iter().enumerate() {
            let Some(action) = action else { continue };
            if let Some(previous) = last.filter(|id| world.monsters[usize::from(*id)].health > 0) {
                assert_eq!(action.monster(), previous, "left a standing monster");
            }
            last = Some(action.monster());
            rules.predict(&mut world, &action, START + tick as u64 / PACE).unwrap();
        }
    }

    #[test]
    fn it_waits_while_nothing_can_be_done() {
        let mut world = World::new(Address::ZERO);
        for monster in &mut world.monsters {
            *monster = Monster { health: 0, respawn_at: START + 10, ..*monster };
        }
        let mut bot = Bot::new(1);
        assert_eq!(bot.next(&world, START + 10), None, "cautious by a second");
        assert!(bot.next(&world, START + 11).is_some());
    }
}
