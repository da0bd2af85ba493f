//! The title.

use bevy::prelude::*;

use crate::theme::focus::{Pressed, Sheet};
use crate::theme::palette;
use crate::theme::widgets::{CRISP, NORMAL, SMALL, SPACE, button, middle, strong, text};
use crate::view::offer::{After, Answer, Offer};
use crate::view::screen::{Menu, Screen, Step};

/// Letters of the name, in pixels.
const NAME: f32 = 6.0 * CRISP;

#[derive(Component, Debug, Clone, Copy)]
enum Choice {
    Play,
    Sessions,
    Settings,
    Quit,
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Screen::Title), spawn)
        .add_systems(Update, (choose, escape, go_on).in_set(Step::Move).run_if(in_state(Screen::Title)));
}

fn spawn(mut commands: Commands, offer: Res<Offer>) {
    let live = *offer == Offer::Live;
    let shadow = TextShadow { offset: Vec2::splat(5.0), color: palette::INK };
    commands
        .spawn((
            Node { row_gap: px(SPACE), ..middle() },
            BackgroundColor(palette::INK.with_alpha(0.45)),
            Sheet { layer: 0 },
            DespawnOnExit(Screen::Title),
        ))
        .with_children(|sheet| {
            sheet.spawn((text("Latchkey", NAME, palette::GOLD), shadow));
            sheet.spawn((
                text("Sign once. Every blow after that is a transaction.", NORMAL, palette::BONE),
                TextShadow { offset: Vec2::splat(2.0), color: palette::INK },
                Node { margin: UiRect::bottom(px(4.0 * SPACE)), ..default() },
            ));
            let column =
                Node { width: px(280), flex_direction: FlexDirection::Column, row_gap: px(1.5 * SPACE), ..default() };
            sheet.spawn(column).with_children(|column| {
                column.spawn(strong(if live { "Go on" } else { "Play" }, Choice::Play));
                column.spawn(button("Sessions", Choice::Sessions));
                column.spawn(button("Settings", Choice::Settings));
                column.spawn(button(if live { "End the session and quit" } else { "Quit" }, Choice::Quit));
            });
            sheet.spawn((
                text("Arrows and Enter, or the mouse", SMALL, palette::MIST),
                Node { margin: UiRect::top(px(3.0 * SPACE)), ..default() },
            ));
        });
}

fn choose(
    mut pressed: MessageReader<Pressed>,
    choices: Query<&Choice>,
    offer: Res<Offer>,
    mut screen: ResMut<NextState<Screen>>,
    mut menu: ResMut<NextState<Menu>>,
    mut answers: MessageWriter<Answer>,
) {
    for choice in pressed.read().filter_map(|pressed| choices.get(pressed.0).ok()) {
        match choice {
            Choice::Play if *offer == Offer::Live => screen.set(Screen::Dungeon),
            Choice::Play => screen.set(Screen::Session),
            Choice::Sessions => menu.set(Menu::Sessions),
            Choice::Settings => menu.set(Menu::Settings),
            Choice::Quit => {
                answers.write(Answer::End(After::Quit));
            }
        }
    }
}

/// What an earlier run left open is gone on with at once: there is nothing to ask.
fn go_on(offer: Res<Offer>, mut next: ResMut<NextState<Screen>>) {
    if matches!(&*offer, Offer::Granting(terms) if terms.going_on) {
        next.set(Screen::Session);
    }
}

fn escape(keys: Res<ButtonInput<KeyCode>>, menu: Res<State<Menu>>, mut answers: MessageWriter<Answer>) {
    if keys.just_pressed(KeyCode::Escape) && *menu.get() == Menu::Closed {
        answers.write(Answer::End(After::Quit));
    }
}
