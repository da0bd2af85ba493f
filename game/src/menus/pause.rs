//! Escape: go on, look elsewhere, or revoke the session and quit.

use bevy::prelude::*;

use super::veil;
use crate::theme::focus::Pressed;
use crate::theme::palette;
use crate::theme::widgets::{LARGE, NORMAL, SMALL, SPACE, button, half, panel, strong, text};
use crate::view::keys::Control;
use crate::view::offer::{After, Answer};
use crate::view::screen::{Menu, Screen, Step};
use crate::view::settings::Settings;

/// Width of the sheet, in pixels.
const WIDTH: f32 = 560.0;

#[derive(Component, Debug, Clone, Copy)]
enum Choice {
    GoOn,
    Open(Menu),
    Title,
    End(After),
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, (escape, choose).in_set(Step::Move).run_if(in_state(Screen::Dungeon)))
        .add_systems(OnEnter(Menu::Pause), spawn)
        .add_systems(OnExit(Screen::Dungeon), |mut next: ResMut<NextState<Menu>>| next.set(Menu::Closed));
}

fn escape(keys: Res<ButtonInput<KeyCode>>, menu: Res<State<Menu>>, mut next: ResMut<NextState<Menu>>) {
    if keys.just_pressed(KeyCode::Escape) {
        match menu.get() {
            Menu::Closed => next.set(Menu::Pause),
            Menu::Pause => next.set(Menu::Closed),
            // They close themselves.
            Menu::Settings | Menu::Sessions | Menu::Over => {}
        }
    }
}

fn spawn(mut commands: Commands, settings: Res<Settings>) {
    let keys = |control: Control| settings.keys.words(control);
    let walk = [Control::Up, Control::Left, Control::Down, Control::Right].map(|control| settings.keys.first(control));
    let point = settings.keys.first(Control::Point).to_lowercase();
    let lines = [
        format!("{}: walk; so does {point} on the floor", walk.join(" ")),
        format!("{}: attack; so does {point} on a monster", keys(Control::Attack)),
        format!(
            "{}: Firebolt     {}: Smite     {}: Tithe",
            keys(Control::Firebolt),
            keys(Control::Smite),
            keys(Control::Tithe)
        ),
        format!("{}: take loot; so does walking over it", keys(Control::Take)),
        format!("{}: what the chain is doing", keys(Control::Panel)),
    ];
    commands.spawn(veil(Menu::Pause, 1)).with_children(|veil| {
        veil.spawn(panel(Node {
            width: px(WIDTH),
            flex_direction: FlexDirection::Column,
            row_gap: px(SPACE),
            ..default()
        }))
        .with_children(|sheet| {
            sheet.spawn(text("Paused", LARGE, palette::GOLD));
            sheet.spawn(text("The chain goes on; what is in flight is still settled.", NORMAL, palette::BONE));
            for line in &lines {
                sheet.spawn(text(line, SMALL, palette::MIST));
            }
            sheet.spawn(strong("Go on  (Esc)", Choice::GoOn));
            for pair in [
                [("Sessions", Choice::Open(Menu::Sessions)), ("Settings", Choice::Open(Menu::Settings))],
                [("Title, session stays", Choice::Title), ("Title, session ends", Choice::End(After::Title))],
            ] {
                sheet.spawn(Node { column_gap: px(SPACE), ..default() }).with_children(|row| {
                    for (label, choice) in pair {
                        row.spawn(half(label, choice));
                    }
                });
            }
            sheet.spawn(button("Revoke the session and quit", Choice::End(After::Quit)));
        });
    });
}

fn choose(
    mut pressed: MessageReader<Pressed>,
    choices: Query<&Choice>,
    mut menu: ResMut<NextState<Menu>>,
    mut screen: ResMut<NextState<Screen>>,
    mut answers: MessageWriter<Answer>,
) {
    for choice in pressed.read().filter_map(|pressed| choices.get(pressed.0).ok()) {
        match choice {
            Choice::GoOn => menu.set(Menu::Closed),
            Choice::Open(other) => menu.set(*other),
            Choice::Title => screen.set(Screen::Title),
            Choice::End(after) => {
                answers.write(Answer::End(*after));
            }
        }
    }
}
