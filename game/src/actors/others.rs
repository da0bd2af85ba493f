//! Other players: heroes of other accounts, who appear where the chain says that they struck and walk to their next
//! deed. Where they walk in between, only they know.

use alloy::primitives::Address;
use bevy::prelude::*;
use bevy::sprite::Text2dShadow;

use super::figure::{self, HERO_SCALE, Pose};
use crate::level::map::{Cell, Map, cell_at, middle};
use crate::level::route;
use crate::level::tiles::depth;
use crate::theme::art::Art;
use crate::theme::palette;
use crate::theme::widgets::{self, CRISP};
use crate::view::body::{Body, CELL, HeroBody, MonsterBody};
use crate::view::deed::Foreign;
use crate::view::screen::{Screen, Step};

/// Most other players that are drawn; further ones are only heard of by their blows.
const OTHERS_MAX: usize = 16;
/// Walking speed, in world units per second; brisker than the hero, for their deeds are seen a block late.
const SPEED: f32 = 7.0 * CELL;
/// How far from their target they stand, in world units.
const APART: f32 = 1.1 * CELL;
/// How near to a place counts as there, in world units.
const ARRIVED: f32 = 5.0;
/// Seconds without a deed after which they fade.
const IDLE_S: f32 = 15.0;
/// Seconds that fading takes before they are gone.
const FADE_S: f32 = 3.0;
/// Letters of the name, in pixels.
const LETTERS: f32 = CRISP;
/// Cloaks by account, as tints of the hero's picture.
const CLOAKS: [Color; 4] = [palette::SKY, palette::ORCHID, palette::LIME, palette::FLAME];

#[derive(Component, Debug)]
struct Other {
    account: Address,
    idle_s: f32,
    to: Vec2,
    way: Vec<Cell>,
}

#[derive(Component)]
struct Name;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, walk.in_set(Step::Move).run_if(in_state(Screen::Dungeon)))
        .add_systems(Update, (strike, fade).chain().in_set(Step::Show).run_if(in_state(Screen::Dungeon)));
}

fn strike(
    mut commands: Commands,
    mut deeds: MessageReader<Foreign>,
    map: Res<Map>,
    art: Res<Art>,
    monsters: Query<(&MonsterBody, &Body), Without<Other>>,
    mut others: Query<(&mut Other, &Body, &mut Pose)>,
) {
    let mut known = others.iter().count();
    let mut newcomers: Vec<Address> = Vec::new();
    for deed in deeds.read() {
        let Some((_, target)) = monsters.iter().find(|(monster, _)| monster.0 == deed.monster) else { continue };
        let stand = beside(&map, target.at, deed.player);
        if let Some((mut other, body, mut pose)) = others.iter_mut().find(|(other, ..)| other.account == deed.player) {
            other.idle_s = 0.0;
            if body.at.distance(target.at) > 1.5 * APART {
                other.to = stand;
                other.way = route::find(&map, cell_at(body.at), cell_at(stand)).unwrap_or_default();
            }
            pose.presence = 1.0;
            pose.lunge(target.at - body.at);
            continue;
        }
        if known >= OTHERS_MAX || newcomers.contains(&deed.player) {
            continue;
        }
        known += 1;
        newcomers.push(deed.player);
        spawn(&mut commands, &art, deed.player, stand);
    }
}

fn spawn(commands: &mut Commands, art: &Art, account: Address, at: Vec2) {
    let tint = CLOAKS[usize::from(account[19]) % CLOAKS.len()];
    let figure = figure::figure(art, &art.hero, HERO_SCALE, f32::from(account[18]));
    commands
        .spawn((Other { account, idle_s: 0.0, to: at, way: Vec::new() }, Body { at, radius: 13.0, seen: true }, figure))
        .insert(DespawnOnExit(Screen::Dungeon))
        .insert(Pose::new(f32::from(account[18])).tinted(tint.mix(&palette::WHITE, 0.35)))
        .with_child((
            Name,
            Text2d::new(name(account)),
            widgets::letters(LETTERS),
            TextColor(tint),
            Text2dShadow { offset: Vec2::new(1.0, -1.0), color: palette::INK },
            Transform::from_xyz(0.0, 1.35 * CELL, depth::BAR - depth::FIGURE),
        ));
}

/// Beginning and end of an account, which is what people compare.
fn name(account: Address) -> String {
    let text = account.to_string();
    format!("{}..{}", &text[..6], &text[text.len() - 4..])
}

/// An open place near `target`, another one for each account, so that a crowd stands around its prey.
fn beside(map: &Map, target: Vec2, account: Address) -> Vec2 {
    let first = usize::from(account[17]) % 8;
    let around = (0..8).map(|turn| {
        let angle = (first + turn) as f32 * std::f32::consts::FRAC_PI_4;
        target + Vec2::from_angle(angle) * APART
    });
    around.into_iter().find(|place| map.is_open(cell_at(*place))).unwrap_or(target)
}

fn walk(time: Res<Time>, mut others: Query<(&mut Other, &mut Body, &mut Pose)>) {
    let step = SPEED * time.delta_secs().min(0.1);
    for (mut other, mut body, mut pose) in &mut others {
        while other.way.first().is_some_and(|cell| middle(*cell).distance(body.at) < ARRIVED) {
            other.way.remove(0);
        }
        let goal = other.way.first().map_or(other.to, |cell| middle(*cell));
        let way = goal - body.at;
        let walking = way.length() > ARRIVED;
        if walking {
            body.at += way.clamp_length_max(step);
            if way.x.abs() > 1.0 {
                pose.left = way.x < 0.0;
            }
        }
        pose.walk(walking);
    }
}

fn fade(
    mut commands: Commands,
    time: Res<Time>,
    map: Res<Map>,
    hero: Query<&Body, (With<HeroBody>, Without<Other>)>,
    mut others: Query<(Entity, &mut Other, &mut Body, &mut Pose, &Children)>,
    mut names: Query<&mut TextColor, With<Name>>,
) {
    for (entity, mut other, mut body, mut pose, children) in &mut others {
        other.idle_s += time.delta_secs();
        body.seen = hero.iter().next().is_none_or(|hero| map.sees(hero.at, body.at));
        let left = 1.0 - ((other.idle_s - IDLE_S) / FADE_S).clamp(0.0, 1.0);
        if other.idle_s > IDLE_S {
            pose.presence = left;
        }
        for child in children {
            if let Ok(mut colour) = names.get_mut(*child) {
                colour.0.set_alpha(left);
            }
        }
        if left == 0.0 {
            commands.entity(entity).despawn();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_stands_around_and_never_in_a_wall() {
        let map = Map::default();
        for home in &map.homes {
            for account in (0..=255).map(Address::repeat_byte) {
                assert!(map.is_open(cell_at(beside(&map, middle(*home), account))), "{account} at {home}");
            }
        }
        assert_eq!(name(Address::repeat_byte(0x11)), "0x1111..1111");
    }
}
