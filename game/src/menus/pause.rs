//! Escape: go on, or revoke the session and quit.

use bevy::prelude::*;

use crate::theme::palette;
use crate::theme::widgets::{LARGE, NORMAL, SMALL, SPACE, button, panel, text};
use crate::view::offer::Answer;
use crate::view::screen::{Menu, Screen};

#[derive(Component, Debug, Clone, Copy)]
enum Choice {
    GoOn,
    Quit,
}

const KEYS: [&str; 5] = [
    "WASD or arrows   walk, or click on the floor",
    "Space            attack, or click on a monster",
    "1 or Q           Firebolt        2 or E   Smite",
    "F                take loot, or walk over it",
    "Esc              this menu",
];

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, (toggle, press).run_if(in_state(Screen::Dungeon)))
        .add_systems(OnEnter(Menu::Pause), spawn)
        .add_systems(OnExit(Screen::Dungeon), |mut next: ResMut<NextState<Menu>>| next.set(Menu::Closed));
}

fn toggle(keys: Res<ButtonInput<KeyCode>>, menu: Res<State<Menu>>, mut next: ResMut<NextState<Menu>>) {
    if keys.just_pressed(KeyCode::Escape) {
        next.set(match menu.get() {
            Menu::Closed => Menu::Pause,
            Menu::Pause | Menu::Settings | Menu::Sessions => Menu::Closed,
        });
    }
}

fn spawn(mut commands: Commands) {
    commands
        .spawn((
            Node {
                width: percent(100),
                height: percent(100),
                align_items: AlignItems::Center,
                justify_content: JustifyContent::Center,
                ..default()
            },
            BackgroundColor(palette::INK.with_alpha(0.6)),
            GlobalZIndex(1),
            DespawnOnExit(Menu::Pause),
        ))
        .with_children(|veil| {
            veil.spawn(panel(Node { flex_direction: FlexDirection::Column, row_gap: px(1.5 * SPACE), ..default() }))
                .with_children(|sheet| {
                    sheet.spawn(text("Paused", LARGE, palette::GOLD));
                    sheet.spawn(text("The chain goes on; what is in flight is still settled.", NORMAL, palette::BONE));
                    for line in KEYS {
                        sheet.spawn(text(line, SMALL, palette::MIST));
                    }
                    sheet.spawn(button("Go on  (Esc)", true, Choice::GoOn));
                    sheet.spawn(button("Revoke the session and quit", false, Choice::Quit));
                });
        });
}

fn press(
    buttons: Query<(&Interaction, &Choice), Changed<Interaction>>,
    mut menu: ResMut<NextState<Menu>>,
    mut answers: MessageWriter<Answer>,
) {
    for (_, choice) in buttons.iter().filter(|(interaction, _)| **interaction == Interaction::Pressed) {
        match choice {
            Choice::GoOn => menu.set(Menu::Closed),
            Choice::Quit => {
                answers.write(Answer::Quit);
            }
        }
    }
}
