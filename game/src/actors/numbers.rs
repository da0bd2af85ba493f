//! Numbers that rise from what was hit: faint while unconfirmed, then solid, or struck through and falling.

use bevy::prelude::*;
use bevy::sprite::Text2dShadow;

use crate::level::tiles::depth;
use crate::rules::Action;
use crate::theme::palette;
use crate::view::body::{Body, CELL, HeroBody, MonsterBody};
use crate::view::deed::{Deed, Fate, Foreign, Settled};
use crate::view::screen::{Screen, Step};

/// Letters of a number, in pixels.
const SIZE: f32 = 24.0;
/// Opacity while unconfirmed.
const FAINT: f32 = 0.5;
/// Seconds that a settled number is still seen.
const FADE_S: f32 = 0.9;
/// Longest that a number waits for its end, in seconds, so that a lost chain does not fill the picture.
const WAIT_MAX_S: f32 = 30.0;
/// Most numbers at once; the oldest make room.
const NUMBERS_MAX: usize = 96;
/// Numbers stand in this many columns, so that a flurry stays readable.
const COLUMNS: u32 = 3;

#[derive(Component, Debug)]
struct Number {
    key: Option<u64>,
    colour: Color,
    fate: Option<bool>,
    age_s: f32,
    origin: Vec2,
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, (rise, settle, drift).chain().in_set(Step::Show).run_if(in_state(Screen::Dungeon)));
}

fn rise(
    mut commands: Commands,
    mut deeds: MessageReader<Deed>,
    mut foreign: MessageReader<Foreign>,
    hero: Single<&Body, With<HeroBody>>,
    monsters: Query<(&MonsterBody, &Body)>,
    numbers: Query<(Entity, &Number)>,
    mut turn: Local<u32>,
) {
    let place = |id: u8| monsters.iter().find(|(monster, _)| monster.0 == id).map(|(_, body)| body.at);
    let mut room = NUMBERS_MAX.saturating_sub(numbers.iter().count());
    let mut spawn = |words: String, colour: Color, at: Vec2, key: Option<u64>| {
        if room == 0 {
            return;
        }
        room -= 1;
        *turn = (*turn + 1) % COLUMNS;
        let shift = Vec2::new((*turn as f32 - 1.0) * 36.0, CELL * 1.35 + *turn as f32 * 12.0);
        let origin = at + shift;
        commands.spawn((
            Number { key, colour, fate: key.is_none().then_some(true), age_s: 0.0, origin },
            Text2d::new(words),
            TextFont::from_font_size(SIZE),
            TextColor(colour.with_alpha(FAINT)),
            Text2dShadow { offset: Vec2::new(2.0, -2.0), color: palette::INK },
            Transform::from_translation(origin.extend(depth::NUMBER)),
            DespawnOnExit(Screen::Dungeon),
        ));
    };
    for deed in deeds.read() {
        let key = Some(deed.key);
        let at = place(deed.action.monster()).unwrap_or(hero.at);
        if deed.damage > 0 {
            let colour = match deed.action {
                Action::UseSkill { .. } => palette::FLAME,
                _ => palette::WHITE,
            };
            spawn(deed.damage.to_string(), colour, at, key);
        }
        if deed.blow > 0 {
            spawn(format!("-{}", deed.blow), palette::EMBER, hero.at, key);
        }
        if deed.healed > 0 {
            spawn(format!("+{}", deed.healed), palette::LIME, hero.at, key);
        }
        if deed.gold != 0 {
            spawn(format!("{:+} Gold", deed.gold), palette::GOLD, hero.at, key);
        }
        if deed.level_up {
            spawn("Level up!".to_owned(), palette::LIME, hero.at + Vec2::Y * 24.0, key);
        }
        if deed.died {
            spawn("You fell".to_owned(), palette::EMBER, hero.at + Vec2::Y * 24.0, key);
        }
    }
    for blow in foreign.read().filter(|blow| blow.damage > 0) {
        spawn(blow.damage.to_string(), palette::MIST, place(blow.monster).unwrap_or(hero.at), None);
    }
}

fn settle(mut commands: Commands, mut settled: MessageReader<Settled>, mut numbers: Query<(Entity, &mut Number)>) {
    for end in settled.read() {
        for (entity, mut number) in numbers.iter_mut().filter(|(_, number)| number.key == Some(end.key)) {
            let held = end.fate == Fate::Held;
            number.fate = Some(held);
            number.age_s = 0.0;
            if !held {
                number.colour = palette::EMBER;
                commands.entity(entity).insert((Strikethrough, StrikethroughColor(palette::EMBER)));
            }
        }
    }
}

fn drift(
    mut commands: Commands,
    time: Res<Time>,
    mut numbers: Query<(Entity, &mut Number, &mut Transform, &mut TextColor)>,
) {
    for (entity, mut number, mut transform, mut colour) in &mut numbers {
        number.age_s += time.delta_secs();
        let gone = (number.age_s / FADE_S).min(1.0);
        let (opacity, height) = match number.fate {
            None => (FAINT, 10.0 * (number.age_s * 4.0).min(1.0)),
            Some(true) => (1.0 - gone * gone, 10.0 + 34.0 * gone),
            Some(false) => (1.0 - gone * gone, 10.0 - 60.0 * gone * gone),
        };
        colour.0 = number.colour.with_alpha(opacity);
        transform.translation = (number.origin + Vec2::Y * height).extend(depth::NUMBER);
        let over = if number.fate.is_some() { FADE_S } else { WAIT_MAX_S };
        if number.age_s > over {
            commands.entity(entity).despawn();
        }
    }
}

#[cfg(test)]
mod tests {
    use bevy::state::app::StatesPlugin;

    use super::*;

    fn deed(key: u64) -> Deed {
        let action = Action::Attack { monster: 0 };
        Deed { key, action, damage: 8, felled: false, blow: 0, died: false, level_up: false, healed: 0, gold: 0 }
    }

    /// One blow that ends as `fate` says: opacity before, and afterwards whether it is struck through and its height.
    fn check(fate: Option<Fate>) -> (f32, bool, f32) {
        let mut app = App::new();
        app.add_plugins((MinimalPlugins, StatesPlugin))
            .insert_state(Screen::Dungeon)
            .insert_resource(bevy::time::TimeUpdateStrategy::ManualDuration(std::time::Duration::from_millis(100)))
            .add_message::<Deed>()
            .add_message::<Settled>()
            .add_message::<Foreign>()
            .add_plugins(plugin);
        app.world_mut().spawn((HeroBody, Body::default()));
        app.world_mut().spawn((MonsterBody(0), Body::default()));
        app.world_mut().write_message(deed(7));
        for _ in 0..5 {
            app.update();
        }
        let mut numbers = app.world_mut().query::<(&TextColor, &Transform, Has<Strikethrough>)>();
        let (colour, before, _) = numbers.single(app.world()).expect("one number");
        let (opacity, before) = (colour.0.alpha(), before.translation.y);
        if let Some(fate) = fate {
            app.world_mut().write_message(Settled { key: 7, fate });
        }
        for _ in 0..4 {
            app.update();
        }
        let (_, after, struck) = numbers.single(app.world()).expect("still seen");
        (opacity, struck, after.translation.y - before)
    }

    #[test]
    fn a_number_is_faint_until_its_end_is_known() {
        let (opacity, struck, moved) = check(None);
        assert!((opacity - FAINT).abs() < f32::EPSILON && !struck && moved.abs() < 0.01);
    }

    #[test]
    fn what_held_rises_and_what_was_undone_is_struck_through_and_falls() {
        let (_, struck, moved) = check(Some(Fate::Held));
        assert!(!struck && moved > 5.0, "moved by {moved}");
        let (_, struck, moved) = check(Some(Fate::Undone("gone".to_owned())));
        assert!(struck && moved < -5.0, "moved by {moved}");
    }
}
