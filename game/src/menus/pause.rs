//! Escape: go on, look elsewhere, or revoke the session and quit.

use bevy::prelude::*;

use crate::theme::focus::{Pressed, Sheet};
use crate::theme::palette;
use crate::theme::widgets::{LARGE, NORMAL, SMALL, SPACE, button, middle, panel, strong, text};
use crate::view::keys::Control;
use crate::view::offer::Answer;
use crate::view::screen::{Menu, Screen, Step};
use crate::view::settings::Settings;

#[derive(Component, Debug, Clone, Copy)]
enum Choice {
    GoOn,
    Open(Menu),
    Quit,
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
            Menu::Settings | Menu::Sessions => {}
        }
    }
}

fn spawn(mut commands: Commands, settings: Res<Settings>) {
    let keys = |control: Control| settings.keys.words(control);
    let walk = [Control::Up, Control::Left, Control::Down, Control::Right]
        .map(|control| keys(control).split(' ').next().unwrap_or_default().to_owned());
    let lines = [
        format!("{}: walk; so does a click on the floor", walk.join(" ")),
        format!("{}: attack; so does a click on a monster", keys(Control::Attack)),
        format!(
            "{}: Firebolt     {}: Smite     {}: Tithe",
            keys(Control::Firebolt),
            keys(Control::Smite),
            keys(Control::Tithe)
        ),
        format!("{}: take loot; so does walking over it", keys(Control::Take)),
        format!("{}: what the chain is doing", keys(Control::Panel)),
    ];
    commands
        .spawn((
            middle(),
            BackgroundColor(palette::INK.with_alpha(0.6)),
            GlobalZIndex(2),
            Sheet { layer: 1 },
            DespawnOnExit(Menu::Pause),
        ))
        .with_children(|veil| {
            veil.spawn(panel(Node { flex_direction: FlexDirection::Column, row_gap: px(SPACE), ..default() }))
                .with_children(|sheet| {
                    sheet.spawn(text("Paused", LARGE, palette::GOLD));
                    sheet.spawn(text("The chain goes on; what is in flight is still settled.", NORMAL, palette::BONE));
                    for line in &lines {
                        sheet.spawn(text(line, SMALL, palette::MIST));
                    }
                    sheet.spawn(strong("Go on  (Esc)", Choice::GoOn));
                    sheet.spawn(button("Sessions", Choice::Open(Menu::Sessions)));
                    sheet.spawn(button("Settings", Choice::Open(Menu::Settings)));
                    sheet.spawn(button("Revoke the session and quit", Choice::Quit));
                });
        });
}

fn choose(
    mut pressed: MessageReader<Pressed>,
    choices: Query<&Choice>,
    mut menu: ResMut<NextState<Menu>>,
    mut answers: MessageWriter<Answer>,
) {
    for choice in pressed.read().filter_map(|pressed| choices.get(pressed.0).ok()) {
        match choice {
            Choice::GoOn => menu.set(Menu::Closed),
            Choice::Open(other) => menu.set(*other),
            Choice::Quit => {
                answers.write(Answer::Quit);
            }
        }
    }
}
