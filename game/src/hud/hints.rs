//! The first half minute: one short hint at a time, gone once it has been followed.

use bevy::prelude::*;

use crate::rules::Action;
use crate::theme::palette;
use crate::theme::widgets::{NORMAL, SPACE, line, line_ground, plain, text};
use crate::view::body::{HeroBody, Wish};
use crate::view::deed::Deed;
use crate::view::keys::Control;
use crate::view::screen::{Menu, Panel, Screen, Step};
use crate::view::settings::Settings;

/// Longest that one hint is shown, in seconds; who has not followed it by then does not want to.
const HINT_MAX_S: f32 = 8.0;

/// What is taught, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lesson {
    Walk,
    Strike,
    Skill,
    Take,
    Panel,
}

const LESSONS: [Lesson; 5] = [Lesson::Walk, Lesson::Strike, Lesson::Skill, Lesson::Take, Lesson::Panel];

/// How far the player has come; it lasts as long as the window, so that nobody is taught twice.
#[derive(Resource, Debug, Default)]
struct Lessons {
    learnt: usize,
    age_s: f32,
}

#[derive(Component)]
struct Hint;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Lessons>()
        .add_systems(OnEnter(Screen::Dungeon), spawn)
        .add_systems(Update, (learn, show).chain().in_set(Step::Show).run_if(in_state(Screen::Dungeon)));
}

fn spawn(mut commands: Commands) {
    commands.spawn((
        Node {
            position_type: PositionType::Absolute,
            width: percent(100),
            top: px(9.0 * SPACE),
            justify_content: JustifyContent::Center,
            ..default()
        },
        DespawnOnExit(Screen::Dungeon),
        children![(Hint, text("", NORMAL, palette::GLOW), line())],
    ));
}

fn words(lesson: Lesson, settings: &Settings) -> String {
    let keys = |control: Control| settings.keys.words(control);
    let first = |control: Control| settings.keys.first(control);
    match lesson {
        Lesson::Walk => {
            let [up, left, down, right] = [Control::Up, Control::Left, Control::Down, Control::Right].map(first);
            format!("{up} {left} {down} {right} walk; so does: {}", first(Control::Point).to_lowercase())
        }
        Lesson::Strike => format!("{} strikes the nearest monster", keys(Control::Attack)),
        Lesson::Skill => {
            format!("{}, {}, {} are skills", first(Control::Firebolt), first(Control::Smite), first(Control::Tithe))
        }
        Lesson::Take => "Walk over what a monster drops".to_owned(),
        Lesson::Panel => format!("{} shows what the chain is doing", keys(Control::Panel)),
    }
}

fn learn(
    time: Res<Time>,
    menu: Res<State<Menu>>,
    panel: Res<State<Panel>>,
    hero: Option<Single<&Wish, With<HeroBody>>>,
    mut deeds: MessageReader<Deed>,
    mut lessons: ResMut<Lessons>,
) {
    let deeds: Vec<Action> = deeds.read().map(|deed| deed.action).collect();
    let Some(lesson) = LESSONS.get(lessons.learnt) else { return };
    if *menu.get() != Menu::Closed {
        return;
    }
    let done = match lesson {
        Lesson::Walk => hero.is_some_and(|wish| wish.steer != Vec2::ZERO || wish.errand.is_some()),
        Lesson::Strike => deeds.iter().any(|action| matches!(action, Action::Attack { .. })),
        Lesson::Skill => deeds.iter().any(|action| matches!(action, Action::UseSkill { .. })),
        Lesson::Take => deeds.iter().any(|action| matches!(action, Action::Pickup { .. })),
        Lesson::Panel => *panel.get() == Panel::Open,
    };
    lessons.age_s += time.delta_secs();
    if done || lessons.age_s > HINT_MAX_S {
        *lessons = Lessons { learnt: lessons.learnt + 1, age_s: 0.0 };
    }
}

fn show(lessons: Res<Lessons>, settings: Res<Settings>, hint: Single<(&mut Text, &mut BackgroundColor), With<Hint>>) {
    let (mut text, mut ground) = hint.into_inner();
    let words = LESSONS.get(lessons.learnt).map_or_else(String::new, |lesson| words(*lesson, &settings));
    ground.set_if_neq(line_ground(&words, 1.0));
    text.set_if_neq(Text(plain(&words)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_name_the_keys_that_are_bound() {
        let mut settings = Settings::default();
        assert_eq!(words(Lesson::Walk, &settings), "W A S D walk; so does: left click");
        settings.keys.bind(Control::Attack, KeyCode::KeyX).expect("a free key");
        assert_eq!(words(Lesson::Strike, &settings), "X strikes the nearest monster");
    }
}
