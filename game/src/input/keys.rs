//! The keyboard: steer, attack, use skills, take loot.

use bevy::prelude::*;

use super::aim::Aim;
use super::hands::Hands;
use crate::rules::{Action, Loot, Skill};
use crate::view::body::{CELL, REACH};
use crate::view::keys::Control;
use crate::view::panel::Notice;

/// Seconds between attacks while the key is held.
const ATTACK_EVERY_S: f32 = 0.3;
/// How near loot is taken by walking over it, in world units.
const UNDERFOOT: f32 = 0.7 * CELL;
/// Seconds until loot underfoot is asked for again, should the first attempt be refused.
const COLLECT_AGAIN_S: f32 = 2.0;

/// The control that uses `skill`.
pub(crate) const fn skill_control(skill: Skill) -> Control {
    match skill {
        Skill::Firebolt => Control::Firebolt,
        Skill::Smite => Control::Smite,
        Skill::Tithe => Control::Tithe,
    }
}

pub(super) fn steer(hands: Hands, mut aim: Aim) {
    let held = |control: Control| if hands.held(control) { 1.0 } else { 0.0 };
    let direction = Vec2::new(held(Control::Right) - held(Control::Left), held(Control::Up) - held(Control::Down));
    aim.wish().steer = direction.normalize_or_zero();
}

pub(super) fn act(time: Res<Time>, hands: Hands, mut aim: Aim, mut notice: ResMut<Notice>, mut held_s: Local<f32>) {
    let struck = |control: Control| hands.struck(control);
    *held_s = if hands.held(Control::Attack) { *held_s + time.delta_secs() } else { 0.0 };
    let again = *held_s >= ATTACK_EVERY_S;
    if again {
        *held_s -= ATTACK_EVERY_S;
    }
    if struck(Control::Attack) || again {
        strike(&mut aim, &mut notice, |monster| Action::Attack { monster });
    }
    for skill in Skill::ALL {
        if struck(skill_control(skill)) {
            strike(&mut aim, &mut notice, |monster| Action::UseSkill { skill, monster });
        }
    }
    if struck(Control::Take) {
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
