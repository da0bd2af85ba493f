//! The mouse: what it points at, and what a click means.

use bevy::prelude::*;

use super::aim::Aim;
use super::hands::Hands;
use crate::rules::Action;
use crate::view::body::{Body, CELL, Errand, LootBody, MonsterBody, Pointed};
use crate::view::keys::Control;
use crate::view::realm::Realm;

/// How near to the middle of a figure the mouse must be, in world units.
const TOUCH: f32 = 0.7 * CELL;
/// Pictures hang above their feet by this much, in world units.
const LIFT: Vec2 = Vec2::new(0.0, 0.4 * CELL);

pub(super) fn point(
    windows: Query<&Window>,
    cameras: Query<(&Camera, &GlobalTransform)>,
    buttons: Query<&Interaction, With<Button>>,
    monsters: Query<(&MonsterBody, &Body)>,
    loot: Query<(&LootBody, &Body)>,
    realm: Res<Realm>,
    mut pointed: ResMut<Pointed>,
) {
    *pointed = Pointed::default();
    if buttons.iter().any(|interaction| *interaction != Interaction::None) {
        return;
    }
    let cursor = windows.iter().next().and_then(Window::cursor_position);
    let (Some(cursor), Some((camera, transform))) = (cursor, cameras.iter().next()) else { return };
    let Ok(at) = camera.viewport_to_world_2d(transform, cursor) else { return };
    pointed.at = Some(at);
    let touched = |body: &Body| (body.at + LIFT).distance(at) <= TOUCH;
    pointed.monster = monsters
        .iter()
        .filter(|(monster, body)| realm.stands(monster.0) && touched(body))
        .map(|(monster, _)| monster.0)
        .next();
    pointed.loot = loot.iter().filter(|(_, body)| touched(body)).map(|(lying, _)| lying.0).next();
}

pub(super) fn click(hands: Hands, mut aim: Aim) {
    if !hands.struck(Control::Point) {
        return;
    }
    let pointed = aim.pointed();
    if let Some(monster) = pointed.monster {
        aim.decide(Action::Attack { monster });
    } else if let Some(loot) = pointed.loot {
        aim.decide(Action::Pickup { loot });
    } else if let Some(at) = pointed.at {
        aim.wish().errand = Some(Errand::Walk(at));
    }
}
