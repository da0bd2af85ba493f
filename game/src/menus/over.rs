//! The session is over, by time or by revocation: what happened, and where to.

use bevy::prelude::*;

use super::veil;
use crate::theme::focus::Pressed;
use crate::theme::palette;
use crate::theme::widgets::{LARGE, NORMAL, SPACE, button, panel, plain, strong, text};
use crate::view::offer::{After, Answer};
use crate::view::panel::ChainPanel;
use crate::view::screen::{Menu, Screen, Step};

#[derive(Component, Debug, Clone, Copy)]
struct Choice(After);

/// What of it is still open.
#[derive(Component)]
struct Left;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, open.in_set(Step::Show).run_if(in_state(Screen::Dungeon).and_then(in_state(Menu::Closed))))
        .add_systems(OnEnter(Menu::Over), spawn)
        .add_systems(Update, (choose, count).in_set(Step::Move).run_if(in_state(Menu::Over)));
}

fn open(chain: Res<ChainPanel>, mut menu: ResMut<NextState<Menu>>) {
    if chain.over.is_some() {
        menu.set(Menu::Over);
    }
}

fn spawn(mut commands: Commands, chain: Res<ChainPanel>) {
    let reason = plain(chain.over.as_deref().unwrap_or_default());
    commands.spawn(veil(Menu::Over, 1)).with_children(|veil| {
        veil.spawn(panel(Node { flex_direction: FlexDirection::Column, row_gap: px(1.5 * SPACE), ..default() }))
            .with_children(|sheet| {
                sheet.spawn(text("The session is over", LARGE, palette::GOLD));
                sheet.spawn(text(&reason, NORMAL, palette::BONE));
                sheet.spawn(text("Your hero, Gold and levels are on the chain and wait there.", NORMAL, palette::BONE));
                sheet.spawn((Left, text("", NORMAL, palette::MIST)));
                sheet.spawn(strong("New session", Choice(After::NewSession)));
                sheet.spawn(button("Title", Choice(After::Title)));
                sheet.spawn(button("Quit", Choice(After::Quit)));
            });
    });
}

fn count(chain: Res<ChainPanel>, mut left: Single<&mut Text, With<Left>>) {
    let words = match chain.queued + chain.in_flight {
        0 => "Nothing is open: every action has its end.".to_owned(),
        1 => "One action is still open; its end is awaited.".to_owned(),
        open => format!("{open} actions are still open; their ends are awaited."),
    };
    left.set_if_neq(Text(words));
}

fn choose(mut pressed: MessageReader<Pressed>, choices: Query<&Choice>, mut answers: MessageWriter<Answer>) {
    for choice in pressed.read().filter_map(|pressed| choices.get(pressed.0).ok()) {
        answers.write(Answer::End(choice.0));
    }
}
