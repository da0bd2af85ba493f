//! The keyboard: steer, attack, use skills, take loot.

use bevy::prelude::*;

use super::aim::Aim;
use crate::rules::{Action, Loot, Skill};
use crate::view::body::{CELL, REACH};
use crate::view::panel::Notice;

/// Seconds between attacks while the key is held.
const ATTACK_EVERY_S: f32 = 0.3;
/// How near loot is taken by walking over it, in world units.
const UNDERFOOT: f32 = 0.7 * CELL;
/// Seconds until loot underfoot is asked for again, should the first attempt be refused.
const COLLECT_AGAIN_S: f32 = 2.0;

const UP: [KeyCode; 2] = [KeyCode::KeyW, KeyCode::ArrowUp];
const DOWN: [KeyCode; 2] = [KeyCode::KeyS, KeyCode::ArrowDown];
const LEFT: [KeyCode; 2] = [KeyCode::KeyA, KeyCode::ArrowLeft];
const RIGHT: [KeyCode; 2] = [KeyCode::KeyD, KeyCode::ArrowRight];

/// The keys that use `skill`, and how they are written.
pub(crate) const fn skill_keys(skill: Skill) -> ([KeyCode; 2], &'static str) {
    match skill {
        Skill::Firebolt => ([KeyCode::Digit1, KeyCode::KeyQ], "1 / Q"),
        Skill::Smite => ([KeyCode::Digit2, KeyCode::KeyE], "2 / E"),
        Skill::Tithe => ([KeyCode::Digit3, KeyCode::KeyR], "3 / R"),
    }
}

pub(super) fn steer(keys: Res<ButtonInput<KeyCode>>, mut aim: Aim) {
    let held = |keys_of: [KeyCode; 2]| if keys.any_pressed(keys_of) { 1.0 } else { 0.0 };
    let direction = Vec2::new(held(RIGHT) - held(LEFT), held(UP) - held(DOWN));
    aim.wish().steer = direction.normalize_or_zero();
}

pub(super) fn act(
    time: Res<Time>,
    keys: Res<ButtonInput<KeyCode>>,
    mut aim: Aim,
    mut notice: ResMut<Notice>,
    mut held_s: Local<f32>,
) {
    *held_s = if keys.pressed(KeyCode::Space) { *held_s + time.delta_secs() } else { 0.0 };
    let again = *held_s >= ATTACK_EVERY_S;
    if again {
        *held_s -= ATTACK_EVERY_S;
    }
    if keys.just_pressed(KeyCode::Space) || again {
        strike(&mut aim, &mut notice, |monster| Action::Attack { monster });
    }
    for skill in Skill::ALL {
        if keys.any_just_pressed(skill_keys(skill).0) {
            strike(&mut aim, &mut notice, |monster| Action::UseSkill { skill, monster });
        }
    }
    if keys.just_pressed(KeyCode::KeyF) {
        match aim.loot(3.0 * REACH) {
            Some(loot) => aim.decide(Action::Pickup { loot }),
            None => notice.say("No loot near; fell a monster first.", false),
        }
    }
}

fn strike(aim: &mut Aim, notice: &mut Notice, action: impl Fn(u8) -> Action) {
    match aim.monster() {
        Some(monster) => aim.decide(action(monster)),
        None => notice.say("No monster is near enough; walk closer.", false),
    }
}

/// Loot underfoot is taken without a key; each piece is asked for once, and again only after a while.
pub(super) fn collect(time: Res<Time>, mut aim: Aim, mut asked: Local<Option<(Loot, f32)>>) {
    if let Some((_, age_s)) = &mut *asked {
        *age_s += time.delta_secs();
    }
    let Some(loot) = aim.loot(UNDERFOOT) else { return };
    if asked.is_some_and(|(before, age_s)| before == loot && age_s < COLLECT_AGAIN_S) {
        return;
    }
    *asked = Some((loot, 0.0));
    aim.decide(Action::Pickup { loot });
}
