use alloy::primitives::Address;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

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
    assert_eq!((world.monsters[0].generation, world.monsters[0].health), (2, 29), "37 at level 2");
    assert_eq!(world.monsters[0].loot_generation, 1, "the old loot still lies there");
}

fn skill(skill: Skill, monster: u8) -> Action {
    Action::UseSkill { skill, monster }
}

#[test]
fn firebolt_costs_mana_and_cools_by_itself() {
    let mut world = world();
    world.play(&firebolt(2), Times::exactly(NOW)).expect("mana and an ogre");
    assert_eq!((world.monsters[2].health, world.hero().mana), (56, 35));
    let cooling = Reject::SkillCooling { skill: Skill::Firebolt, ready_at: NOW + 3, now: NOW + 2 };
    check_refused(&world, firebolt(2), NOW + 2, cooling);
    world.player.hero.mana = 14;
    let poor = Reject::NotEnoughMana { has: 14, needs: 15 };
    check_refused(&world, firebolt(2), NOW + 3, poor);
    world.play(&skill(Skill::Smite, 2), Times::exactly(NOW + 2)).expect("smite needs no mana and is ready");
    assert_eq!(world.monsters[2].health, 8);
    assert_eq!(world.hero().skill_ready_at, [NOW + 3, NOW + 6, 0]);
}

#[test]
fn tithe_costs_gold_and_heals_before_the_answer() {
    let mut world = world();
    world.player.hero.health = 1;
    world.player.gold = U256::from(2 * balance::GOLD_UNIT - 1);
    let tithe = skill(Skill::Tithe, 2);
    check_refused(&world, tithe, NOW, Reject::NotEnoughGold { has: 1, needs: 2 });
    world.player.gold += U256::from(1);
    world.play(&tithe, Times::exactly(NOW)).expect("Gold and an ogre");
    assert_eq!((world.monsters[2].health, world.hero().health), (48, 26));
    assert_eq!(world.player.gold, U256::ZERO);
    let cooling = Reject::SkillCooling { skill: Skill::Tithe, ready_at: NOW + 8, now: NOW + 7 };
    check_refused(&world, tithe, NOW + 7, cooling);
    check_refused(&world, tithe, NOW + 8, Reject::NotEnoughGold { has: 0, needs: 2 });
    world.monsters[2].health = 0;
    world.monsters[2].respawn_at = NOW + 9;
    let down = Reject::MonsterDown { id: 2, respawn_at: NOW + 9, now: NOW + 8 };
    check_refused(&world, tithe, NOW + 8, down);
}

#[test]
fn a_monster_of_a_higher_level_has_strikes_and_gives_more() {
    let mut world = world();
    world.monsters[1] = Monster { health: 0, generation: 4, ..world.monsters[1] };
    world.play(&attack(1), Times::exactly(NOW)).expect("risen");
    assert_eq!((world.monsters[1].health, world.monsters[1].level()), (92, 5), "of 100");
    assert_eq!(world.hero().health, 92);
    world.monsters[1].health = 1;
    world.play(&attack(1), Times::exactly(NOW)).expect("alive");
    assert_eq!(world.hero().xp, 40);
    world
        .play(&Action::Pickup { loot: Loot { monster: 1, generation: 5 } }, Times::exactly(NOW))
        .expect("it lies there");
    assert_eq!(world.player.whole_gold(), 4);
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
    assert_eq!(world.player.whole_gold(), 7, "of an ogre at level 4");
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
    world.player.hero.skill_ready_at = [NOW + 1; 3];
    world.player.hero.mana = 0;
    let cooling = Reject::SkillCooling { skill: Skill::Firebolt, ready_at: NOW + 1, now: NOW };
    check_refused(&world, firebolt(12), NOW, cooling);
    let poor = Reject::NotEnoughMana { has: 0, needs: 15 };
    check_refused(&world, firebolt(12), NOW + 1, poor);
}

/// An action of any kind; half of the loot is asked for where it lies.
fn any_action() -> impl Strategy<Value = (Action, bool)> {
    let monster = 0..=balance::MONSTERS;
    let action = prop_oneof![
        4 => monster.clone().prop_map(attack),
        3 => (select(&Skill::ALL[..]), monster.clone()).prop_map(|(which, monster)| skill(which, monster)),
        2 => (monster, 0..4_u32).prop_map(|(monster, generation)| Action::Pickup { loot: Loot { monster, generation } }),
    ];
    (action, any::<bool>())
}

proptest! {
    /// Whatever is played, a refusal changes nothing, and what is accepted keeps the words within their fields and
    /// maxima, the counters rising, and the purse to what was taken and paid.
    #[test]
    fn a_walk_keeps_every_invariant(walk in vec((any_action(), 0..3_u64), 1..400)) {
        let mut world = world();
        let mut now = NOW;
        for ((action, where_it_lies), wait) in walk {
            let action = match action {
                Action::Pickup { loot: Loot { monster, .. } } if where_it_lies && monster < balance::MONSTERS => {
                    let generation = world.monsters[usize::from(monster)].loot_generation;
                    Action::Pickup { loot: Loot { monster, generation } }
                }
                other => other,
            };
            now += wait;
            let before = world.clone();
            if world.play(&action, Times::exactly(now)).is_err() {
                prop_assert_eq!(&world, &before, "a refused {:?} must change nothing", action);
                continue;
            }
            check_kept(&before, &world, &action)?;
        }
    }

    /// Time only ever helps: what is allowed now is allowed later, and does the same to everything without a date.
    #[test]
    fn waiting_refuses_nothing(walk in vec(any_action(), 1..100), action in any_action(), wait in 0..100_u64) {
        let mut world = world();
        for (action, _) in walk {
            let _ = world.play(&action, Times::exactly(NOW));
        }
        let mut later = world.clone();
        if world.play(&action.0, Times::exactly(NOW + 1)).is_ok() {
            prop_assert_eq!(later.play(&action.0, Times::exactly(NOW + 1 + wait)), Ok(()));
            prop_assert_eq!(later.player.gold, world.player.gold);
            prop_assert_eq!(later.hero().health, world.hero().health);
        }
    }
}

fn check_kept(before: &World, after: &World, action: &Action) -> Result<(), TestCaseError> {
    let (was, hero) = (before.hero(), after.hero());
    prop_assert!(hero.health > 0 && hero.health <= hero.max_health());
    prop_assert!(hero.mana <= hero.max_mana());
    prop_assert!(hero.xp < balance::xp_to_next(hero.level) || hero.level == balance::LEVEL_CAP);
    prop_assert!(hero.level >= was.level && hero.kills >= was.kills && hero.deaths >= was.deaths);
    prop_assert_eq!(Hero::from_word(hero.to_word()), *hero);
    for (id, monster) in (0_u8..).zip(&after.monsters) {
        prop_assert!(monster.health <= balance::monster(id, monster.generation).max_health);
        prop_assert!(monster.loot_generation <= monster.generation);
        prop_assert_eq!(Monster::from_word(id, monster.to_word()), *monster);
        let touched = id == action.monster();
        prop_assert!(touched || *monster == before.monsters[usize::from(id)], "{:?} touched {}", action, id);
    }
    let (gained, paid) = match *action {
        Action::Attack { .. } => (0, 0),
        Action::UseSkill { skill, .. } => (0, skill.gold()),
        Action::Pickup { loot } => (u128::from(loot.gold()) * balance::GOLD_UNIT, 0),
    };
    prop_assert_eq!(before.player.gold + U256::from(gained), after.player.gold + U256::from(paid));
    Ok(())
}
