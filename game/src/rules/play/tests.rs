use alloy::primitives::Address;

use super::*;

const NOW: u64 = 1_800_000_000;

fn world() -> World {
    World::new(Address::repeat_byte(1))
}

fn attack(monster: u8) -> Action {
    Action::Attack { monster }
}

fn firebolt(monster: u8) -> Action {
    Action::UseSkill { skill: Skill::Firebolt, monster }
}

/// Plays `action` at `now` and expects `refusal`, and a world left alone.
fn check_refused(world: &World, action: Action, now: u64, refusal: Reject) {
    let mut after = world.clone();
    assert_eq!(after.play(&action, Times::exactly(now)), Err(refusal));
    assert_eq!(&after, world, "a refused {action:?} must change nothing");
}

#[test]
fn an_attack_takes_health_gives_mana_and_is_answered() {
    let mut world = world();
    world.player.hero.mana = 10;
    world.play(&attack(1), Times::exactly(NOW)).expect("a living skeleton");
    assert_eq!(world.monsters[1].health, 42);
    assert_eq!((world.hero().health, world.hero().mana), (96, 12));
}

#[test]
fn the_last_blow_drops_loot_and_is_not_answered() {
    let mut world = world();
    world.monsters[0].health = 3;
    world.play(&attack(0), Times::exactly(NOW)).expect("a living slime");
    let slime = world.monsters[0];
    assert_eq!((slime.health, slime.respawn_at, slime.loot_generation), (0, NOW + 10, 1));
    assert_eq!((world.hero().health, world.hero().kills, world.hero().xp), (100, 1, 10));
}

#[test]
fn a_fallen_monster_waits_then_returns_in_its_next_generation() {
    let mut world = world();
    world.monsters[0].health = 3;
    world.play(&attack(0), Times::exactly(NOW)).expect("a living slime");
    let down = Reject::MonsterDown { id: 0, respawn_at: NOW + 10, now: NOW + 9 };
    check_refused(&world, attack(0), NOW + 9, down);
    world.play(&attack(0), Times::exactly(NOW + 10)).expect("back again");
    assert_eq!((world.monsters[0].generation, world.monsters[0].health), (2, 22));
    assert_eq!(world.monsters[0].loot_generation, 1, "the old loot still lies there");
}

#[test]
fn skills_cost_mana_and_cool_down() {
    let mut world = world();
    world.play(&firebolt(2), Times::exactly(NOW)).expect("mana and an ogre");
    assert_eq!((world.monsters[2].health, world.hero().mana), (56, 35));
    let cooling = Reject::SkillCooling { ready_at: NOW + 3, now: NOW + 2 };
    check_refused(&world, firebolt(2), NOW + 2, cooling);
    world.player.hero.mana = 14;
    let poor = Reject::NotEnoughMana { has: 14, needs: 15 };
    check_refused(&world, firebolt(2), NOW + 3, poor);
    let smite = Action::UseSkill { skill: Skill::Smite, monster: 2 };
    world.play(&smite, Times::exactly(NOW + 3)).expect("smite needs no mana");
    assert_eq!(world.monsters[2].health, 8);
}

#[test]
fn loot_is_taken_once() {
    let mut world = world();
    world.monsters[5].loot_generation = 4;
    world.player.hero.health = 50;
    world.player.hero.mana = 45;
    let loot = Loot { monster: 5, generation: 4 };
    let taken = Action::Pickup { loot };
    world.play(&taken, Times::exactly(NOW)).expect("it lies there");
    assert_eq!((world.hero().health, world.hero().mana), (65, 50), "mana only up to the most");
    assert_eq!(world.player.whole_gold(), 4);
    check_refused(&world, taken, NOW, Reject::LootGone { loot: loot.id() });
    let never = Loot { monster: 5, generation: 0 };
    check_refused(&world, Action::Pickup { loot: never }, NOW, Reject::LootGone { loot: 5 });
}

#[test]
fn there_are_only_twelve() {
    let loot = Loot { monster: 12, generation: 1 };
    for action in [attack(12), firebolt(12), Action::Pickup { loot }] {
        check_refused(&world(), action, NOW, Reject::MonsterUnknown { id: 12 });
    }
}

#[test]
fn the_cooldown_is_refused_before_mana_and_monster_as_in_the_contract() {
    let mut world = world();
    world.player.hero.skill_ready_at = NOW + 1;
    world.player.hero.mana = 0;
    let cooling = Reject::SkillCooling { ready_at: NOW + 1, now: NOW };
    check_refused(&world, firebolt(12), NOW, cooling);
    let poor = Reject::NotEnoughMana { has: 0, needs: 15 };
    check_refused(&world, firebolt(12), NOW + 1, poor);
}

/// A long random walk keeps what must always hold, and words lose nothing on the way.
#[test]
fn invariants_hold_over_a_long_walk() {
    let mut world = world();
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut now = NOW;
    let mut accepted = 0;
    for _ in 0..20_000 {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let monster = (random >> 8) as u8 % 13;
        let action = match random % 5 {
            0 | 1 => attack(monster),
            2 => firebolt(monster),
            3 => Action::UseSkill { skill: Skill::Smite, monster },
            _ => {
                let generation = world.monsters.get(usize::from(monster)).map_or(1, |m| m.loot_generation);
                Action::Pickup { loot: Loot { monster, generation } }
            }
        };
        now += random >> 62;
        let before = world.clone();
        match world.play(&action, Times::exactly(now)) {
            Ok(()) => accepted += 1,
            Err(_) => assert_eq!(world, before, "refused, so unchanged"),
        }
        let hero = world.hero();
        assert!(hero.health > 0 && hero.health <= hero.max_health());
        assert!(hero.mana <= hero.max_mana());
        assert_eq!(Hero::from_word(hero.to_word()), *hero);
        for (id, monster) in world.monsters.iter().enumerate() {
            assert!(monster.health <= balance::kind(Kind::of(id as u8)).max_health);
            assert!(monster.loot_generation <= monster.generation);
            assert_eq!(Monster::from_word(id as u8, monster.to_word()), *monster);
        }
    }
    assert!(accepted > 5_000, "the walk must mostly play, not only be refused");
}
