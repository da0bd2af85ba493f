//! Whom an action is meant for, and what happens with one that is out of reach.

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;

use crate::rules::{Action, Loot};
use crate::view::body::{Body, CELL, Errand, HeroBody, LootBody, MonsterBody, Pointed, Wish, in_reach};
use crate::view::deed::Order;
use crate::view::realm::Realm;

/// How far the hero looks for a target by itself, in world units.
const SIGHT: f32 = 5.0 * CELL;

type HeroOnly = With<HeroBody>;
type NotHero = Without<HeroBody>;

/// The hero, everything that can be aimed at, and where decisions go.
#[derive(SystemParam)]
pub(super) struct Aim<'w, 's> {
    hero: Single<'w, 's, (&'static Body, &'static mut Wish), HeroOnly>,
    monsters: Query<'w, 's, (&'static MonsterBody, &'static Body), NotHero>,
    loot: Query<'w, 's, (&'static LootBody, &'static Body), NotHero>,
    pointed: Res<'w, Pointed>,
    realm: Res<'w, Realm>,
    orders: MessageWriter<'w, Order>,
}

impl Aim<'_, '_> {
    /// The hero's wish.
    pub(super) fn wish(&mut self) -> &mut Wish {
        &mut self.hero.1
    }

    /// What the mouse points at.
    pub(super) fn pointed(&self) -> Pointed {
        *self.pointed
    }

    /// The monster under the mouse if it stands and is seen, else the nearest that does.
    pub(super) fn monster(&self) -> Option<u8> {
        let from = self.hero.0.at;
        let fit = |id: u8, body: &Body| body.seen && self.realm.stands(id) && body.at.distance(from) <= SIGHT;
        let fitting = || self.monsters.iter().filter(|(monster, body)| fit(monster.0, body));
        if let Some(id) = self.pointed.monster
            && fitting().any(|(monster, _)| monster.0 == id)
        {
            return Some(id);
        }
        let nearest = fitting().min_by(|(_, a), (_, b)| a.at.distance(from).total_cmp(&b.at.distance(from)))?;
        Some(nearest.0.0)
    }

    /// The nearest loot within `far` world units.
    pub(super) fn loot(&self, far: f32) -> Option<Loot> {
        let from = self.hero.0.at;
        let near = self.loot.iter().filter(|(_, body)| body.at.distance(from) <= far);
        let nearest = near.min_by(|(_, a), (_, b)| a.at.distance(from).total_cmp(&b.at.distance(from)))?;
        Some(nearest.0.0)
    }

    /// Orders `action` at once when in reach, else sends the hero there to do it.
    pub(super) fn decide(&mut self, action: Action) {
        let target = match action {
            Action::Pickup { loot } => self.loot.iter().find(|(lying, _)| lying.0 == loot).map(|(_, body)| body),
            _ => self.monsters.iter().find(|(monster, _)| monster.0 == action.monster()).map(|(_, body)| body),
        };
        let Some(target) = target else { return };
        let (body, wish) = &mut *self.hero;
        if in_reach(body, target, &action) {
            wish.errand = None;
            self.orders.write(Order(action));
        } else {
            wish.errand = Some(Errand::Do(action));
        }
    }
}
