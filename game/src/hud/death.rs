//! A fall: seen at once, faint until the chain agrees, and not the end.

use bevy::prelude::*;

use crate::theme::palette;
use crate::theme::tones::Tones;
use crate::theme::widgets::{CRISP, NORMAL, SPACE, middle, text};
use crate::view::deed::{Deed, Fate, Settled};
use crate::view::screen::{Screen, Step};

/// Seconds that a fall is shown.
const SHOWN_S: f32 = 3.5;
/// Seconds of those in which it fades.
const FADE_S: f32 = 1.2;
/// Opacity until the chain agrees.
const FAINT: f32 = 0.55;
/// Letters of the word, in pixels.
const WORD: f32 = 4.0 * CRISP;

/// The fall that is shown.
#[derive(Component, Debug)]
struct Fall {
    key: u64,
    age_s: f32,
    /// What the chain said; `None` until then.
    held: Option<bool>,
    /// Opacity, eased.
    shown: f32,
}

#[derive(Component)]
struct Word;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, (fall, settle, fade).chain().in_set(Step::Show).run_if(in_state(Screen::Dungeon)));
}

fn fall(mut commands: Commands, mut deeds: MessageReader<Deed>, shown: Query<Entity, With<Fall>>, tones: Res<Tones>) {
    let Some(deed) = deeds.read().filter(|deed| deed.died).last() else { return };
    for entity in &shown {
        commands.entity(entity).despawn();
    }
    commands.spawn((
        Fall { key: deed.key, age_s: 0.0, held: None, shown: 0.0 },
        // Above the middle, where the hero lies.
        Node { row_gap: px(SPACE), padding: UiRect::bottom(percent(24)), ..middle() },
        BackgroundColor(palette::INK.with_alpha(0.0)),
        DespawnOnExit(Screen::Dungeon),
        children![
            (Word, text("You fell", WORD, tones.bad)),
            (
                Word,
                text("Death is not the end: you rise rested, without this level's experience.", NORMAL, palette::BONE)
            ),
        ],
    ));
}

fn settle(mut settled: MessageReader<Settled>, mut falls: Query<(&mut Fall, &Children)>, mut words: Query<&mut Text>) {
    for end in settled.read() {
        for (mut fall, children) in falls.iter_mut().filter(|(fall, _)| fall.key == end.key) {
            fall.held = match end.fate {
                Fate::Held => Some(true),
                Fate::Undone(_) => Some(false),
                Fate::Expected => continue,
                Fate::Open => None,
            };
            if fall.held == Some(false) {
                fall.age_s = fall.age_s.min(SHOWN_S - FADE_S);
                if let Some(mut text) = children.first().and_then(|child| words.get_mut(*child).ok()) {
                    text.0 = "You did not fall".to_owned();
                }
            }
        }
    }
}

fn fade(
    mut commands: Commands,
    time: Res<Time>,
    mut falls: Query<(Entity, &mut Fall, &Children, &mut BackgroundColor)>,
    mut words: Query<&mut TextColor, With<Word>>,
) {
    for (entity, mut fall, children, mut ground) in &mut falls {
        fall.age_s += time.delta_secs();
        if fall.age_s > SHOWN_S {
            commands.entity(entity).despawn();
            continue;
        }
        let full = if fall.held.is_some() { 1.0 } else { FAINT };
        let wanted = full * ((SHOWN_S - fall.age_s) / FADE_S).min(1.0);
        fall.shown = wanted.lerp(fall.shown, 0.002_f32.powf(time.delta_secs()));
        ground.0 = palette::INK.with_alpha(0.5 * fall.shown);
        for child in children {
            if let Ok(mut colour) = words.get_mut(*child) {
                colour.0 = colour.0.with_alpha(fall.shown);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bevy::state::app::StatesPlugin;
    use bevy::time::TimeUpdateStrategy;

    use super::*;
    use crate::rules::Action;

    fn app() -> App {
        let mut app = App::new();
        app.add_plugins((MinimalPlugins, StatesPlugin))
            .insert_state(Screen::Dungeon)
            .insert_resource(TimeUpdateStrategy::ManualDuration(Duration::from_millis(250)))
            .init_resource::<Tones>()
            .add_message::<Deed>()
            .add_message::<Settled>()
            .add_plugins(plugin);
        let action = Action::Attack { monster: 0 };
        let deed =
            Deed { key: 3, action, damage: 8, felled: false, blow: 9, died: true, level_up: false, healed: 0, gold: 0 };
        app.world_mut().write_message(deed);
        app.update();
        app
    }

    fn opacity(app: &mut App) -> Option<f32> {
        let mut falls = app.world_mut().query::<&Fall>();
        falls.single(app.world()).ok().map(|fall| fall.shown)
    }

    #[test]
    fn a_fall_is_faint_until_the_chain_agrees_and_goes_by_itself() {
        let mut app = app();
        app.update();
        let faint = opacity(&mut app).expect("shown");
        assert!(faint <= FAINT, "{faint}");
        app.world_mut().write_message(Settled { key: 3, fate: Fate::Held });
        app.update();
        assert!(opacity(&mut app).expect("shown") > FAINT);
        for _ in 0..16 {
            app.update();
        }
        assert_eq!(opacity(&mut app), None, "the run goes on");
    }

    #[test]
    fn a_fall_that_did_not_hold_says_so() {
        let mut app = app();
        app.world_mut().write_message(Settled { key: 3, fate: Fate::Undone("gone".to_owned()) });
        app.update();
        let mut words = app.world_mut().query::<&Text>();
        assert!(words.iter(app.world()).any(|text| text.0 == "You did not fall"));
    }
}
