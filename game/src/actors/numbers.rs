//! Numbers that rise from what was hit: faint while unconfirmed, then solid, or struck through and falling.

use std::collections::VecDeque;

use bevy::prelude::*;
use bevy::sprite::Text2dShadow;

use crate::level::tiles::depth;
use crate::rules::Action;
use crate::theme::palette;
use crate::theme::tones::Tones;
use crate::theme::widgets::{self, CRISP};
use crate::view::body::{Body, CELL, HeroBody, MonsterBody};
use crate::view::deed::{Deed, Fate, Foreign, Settled};
use crate::view::screen::{Screen, Step};

/// Letters of a number, in pixels.
const SIZE: f32 = 1.5 * CRISP;
/// Opacity while unconfirmed.
const FAINT: f32 = 0.5;
/// Opacity once an endpoint expects it to be confirmed.
const EXPECTED: f32 = 0.75;
/// Numbers that are remembered after they have gone, for the case that a reorg opens them again.
const GONE_MAX: usize = 64;
/// Seconds that a settled number is still seen.
const FADE_S: f32 = 0.9;
/// Longest that a number waits for its end, in seconds, so that a lost chain does not fill the picture.
const WAIT_MAX_S: f32 = 30.0;
/// Most numbers at once; the oldest make room.
const NUMBERS_MAX: usize = 96;
/// Numbers stand in this many rows over what was hit, so that a flurry stays readable: words would cover each other side
/// by side.
const ROWS: u32 = 5;
/// Height of a row, in pixels.
const ROW: f32 = 26.0;

#[derive(Component, Debug)]
struct Number {
    key: Option<u64>,
    colour: Color,
    fate: Option<bool>,
    faint: f32,
    age_s: f32,
    origin: Vec2,
}

/// Numbers that held and have gone.
#[derive(Resource, Debug, Default)]
struct Gone(VecDeque<(u64, String, Color, Vec2)>);

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Gone>();
    app.add_systems(Update, (rise, settle, reopen, drift).chain().in_set(Step::Show).run_if(in_state(Screen::Dungeon)));
}

fn rise(
    mut commands: Commands,
    (mut deeds, mut foreign): (MessageReader<Deed>, MessageReader<Foreign>),
    hero: Single<&Body, With<HeroBody>>,
    monsters: Query<(&MonsterBody, &Body)>,
    numbers: Query<(Entity, &Number)>,
    tones: Res<Tones>,
    mut turn: Local<u32>,
) {
    let place = |id: u8| monsters.iter().find(|(monster, _)| monster.0 == id).map(|(_, body)| body.at);
    let mut room = NUMBERS_MAX.saturating_sub(numbers.iter().count());
    let mut spawn = |words: String, colour: Color, at: Vec2, key: Option<u64>| {
        if room == 0 {
            return;
        }
        room -= 1;
        *turn = (*turn + 1) % ROWS;
        let shift = Vec2::new((*turn % 3) as f32 * 12.0 - 12.0, CELL * 1.35 + *turn as f32 * ROW);
        let origin = at + shift;
        commands.spawn((
            Number { key, colour, fate: key.is_none().then_some(true), faint: FAINT, age_s: 0.0, origin },
            letters(words, colour, origin),
        ));
    };
    for deed in deeds.read() {
        let key = Some(deed.key);
        let at = place(deed.action.monster()).unwrap_or(hero.at);
        if deed.damage > 0 {
            let colour = match deed.action {
                Action::UseSkill { .. } => tones.skill,
                _ => palette::WHITE,
            };
            spawn(deed.damage.to_string(), colour, at, key);
        }
        if deed.blow > 0 {
            spawn(format!("-{}", deed.blow), tones.bad, hero.at, key);
        }
        if deed.healed > 0 {
            spawn(format!("+{}", deed.healed), tones.good, hero.at, key);
        }
        if deed.gold != 0 {
            spawn(format!("{:+} Gold", deed.gold), palette::GOLD, hero.at, key);
        }
        if deed.level_up {
            spawn("Level up!".to_owned(), palette::GOLD, hero.at, key);
        }
        if deed.died {
            spawn("You fell".to_owned(), tones.bad, hero.at, key);
        }
    }
    for blow in foreign.read().filter(|blow| blow.damage > 0) {
        spawn(blow.damage.to_string(), palette::MIST, place(blow.monster).unwrap_or(hero.at), None);
    }
}

fn letters(words: String, colour: Color, origin: Vec2) -> impl Bundle {
    (
        Text2d::new(words),
        widgets::letters(SIZE),
        TextColor(colour.with_alpha(FAINT)),
        Text2dShadow { offset: Vec2::new(2.0, -2.0), color: palette::INK },
        Transform::from_translation(origin.extend(depth::NUMBER)),
        DespawnOnExit(Screen::Dungeon),
    )
}

fn settle(
    mut commands: Commands,
    tones: Res<Tones>,
    mut settled: MessageReader<Settled>,
    mut numbers: Query<(Entity, &mut Number)>,
) {
    for end in settled.read() {
        for (entity, mut number) in numbers.iter_mut().filter(|(_, number)| number.key == Some(end.key)) {
            match end.fate {
                Fate::Open => continue,
                Fate::Expected => {
                    number.faint = EXPECTED;
                    continue;
                }
                Fate::Held => number.fate = Some(true),
                Fate::Undone(_) => {
                    number.fate = Some(false);
                    number.colour = tones.bad;
                    commands.entity(entity).insert((Strikethrough, StrikethroughColor(tones.bad)));
                }
            }
            number.age_s = 0.0;
        }
    }
}

/// What a reorg has opened is faint again where it stood, also when its number had gone already.
fn reopen(
    mut commands: Commands,
    mut settled: MessageReader<Settled>,
    mut gone: ResMut<Gone>,
    mut numbers: Query<(&mut Number, Entity)>,
) {
    for end in settled.read().filter(|end| end.fate == Fate::Open) {
        for (mut number, entity) in numbers.iter_mut().filter(|(number, _)| number.key == Some(end.key)) {
            (number.fate, number.faint, number.age_s) = (None, FAINT, 0.0);
            commands.entity(entity).remove::<(Strikethrough, StrikethroughColor)>();
        }
        let again = |(key, ..): &(u64, String, Color, Vec2)| *key == end.key;
        for (key, words, colour, origin) in gone.0.iter().filter(|it| again(it)).cloned() {
            let number = Number { key: Some(key), colour, fate: None, faint: FAINT, age_s: 0.0, origin };
            commands.spawn((number, letters(words, colour, origin)));
        }
        gone.0.retain(|it| !again(it));
    }
}

fn drift(
    mut commands: Commands,
    time: Res<Time>,
    mut gone: ResMut<Gone>,
    mut numbers: Query<(Entity, &mut Number, &Text2d, &mut Transform, &mut TextColor)>,
) {
    for (entity, mut number, words, mut transform, mut colour) in &mut numbers {
        number.age_s += time.delta_secs();
        let past = (number.age_s / FADE_S).min(1.0);
        let (opacity, height) = match number.fate {
            None => (number.faint, 10.0 * (number.age_s * 4.0).min(1.0)),
            Some(true) => (1.0 - past * past, 10.0 + 34.0 * past),
            Some(false) => (1.0 - past * past, 10.0 - 60.0 * past * past),
        };
        colour.0 = number.colour.with_alpha(opacity);
        transform.translation = (number.origin + Vec2::Y * height).extend(depth::NUMBER);
        let over = if number.fate.is_some() { FADE_S } else { WAIT_MAX_S };
        if number.age_s > over {
            commands.entity(entity).despawn();
            if let (Some(key), Some(true)) = (number.key, number.fate) {
                gone.0.truncate(GONE_MAX - 1);
                gone.0.push_front((key, words.0.clone(), number.colour, number.origin));
            }
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

    /// A blow half a second ago whose end is not known.
    fn app() -> App {
        let mut app = App::new();
        app.add_plugins((MinimalPlugins, StatesPlugin))
            .insert_state(Screen::Dungeon)
            .insert_resource(bevy::time::TimeUpdateStrategy::ManualDuration(std::time::Duration::from_millis(100)))
            .init_resource::<Tones>()
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
        app
    }

    /// One blow that ends as `fate` says: opacity before, and afterwards whether it is struck through and its height.
    fn check(fate: Option<Fate>) -> (f32, bool, f32) {
        let mut app = app();
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

    #[test]
    fn what_a_reorg_opens_is_faint_again_also_when_it_had_gone() {
        for frames in [2, 20] {
            let mut app = app();
            app.world_mut().write_message(Settled { key: 7, fate: Fate::Held });
            for _ in 0..frames {
                app.update();
            }
            app.world_mut().write_message(Settled { key: 7, fate: Fate::Open });
            for _ in 0..2 {
                app.update();
            }
            let mut numbers = app.world_mut().query::<(&TextColor, &Text2d)>();
            let (colour, words) = numbers.single(app.world()).expect("one number");
            assert!((colour.0.alpha() - FAINT).abs() < f32::EPSILON && words.0 == "8", "after {frames} frames");
        }
    }

    #[test]
    fn what_an_endpoint_expects_is_less_faint() {
        let mut app = app();
        app.world_mut().write_message(Settled { key: 7, fate: Fate::Expected });
        app.update();
        let mut numbers = app.world_mut().query::<&TextColor>();
        let opacity = numbers.single(app.world()).expect("one number").0.alpha();
        assert!((opacity - EXPECTED).abs() < f32::EPSILON, "{opacity}");
    }
}
