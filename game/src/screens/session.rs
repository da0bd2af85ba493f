//! *Start session*: the whole policy in words, confirmed once.

use bevy::prelude::*;

use crate::theme::palette;
use crate::theme::widgets::{LARGE, NORMAL, SMALL, SPACE, button, panel, text};
use crate::view::offer::{Answer, Offer, Terms};
use crate::view::screen::Screen;

/// Width of the sheet, in pixels.
const WIDTH: f32 = 1080.0;

#[derive(Component)]
struct Sheet;

#[derive(Component, Debug, Clone, Copy)]
struct Says(Answer);

pub(super) fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Screen::Session), spawn)
        .add_systems(Update, (refresh, press, keys, enter).chain().run_if(in_state(Screen::Session)));
}

fn spawn(mut commands: Commands) {
    commands.spawn((
        Node {
            width: percent(100),
            height: percent(100),
            align_items: AlignItems::Center,
            justify_content: JustifyContent::Center,
            ..default()
        },
        BackgroundColor(palette::INK),
        DespawnOnExit(Screen::Session),
        children![(
            Sheet,
            panel(Node {
                width: px(WIDTH),
                flex_direction: FlexDirection::Column,
                row_gap: px(1.5 * SPACE),
                ..default()
            }),
        )],
    ));
}

fn refresh(mut commands: Commands, offer: Res<Offer>, sheet: Single<(Entity, Ref<Sheet>)>) {
    let (entity, marker) = sheet.into_inner();
    if !offer.is_changed() && !marker.is_added() {
        return;
    }
    commands.entity(entity).despawn_related::<Children>().with_children(|sheet| match &*offer {
        Offer::Preparing => {
            heading(sheet, "Latchkey", "Looking up the chain and the contracts...");
            answers(sheet, &[("Quit  (Esc)", Answer::Quit)]);
        }
        Offer::Offered(terms) => {
            heading(sheet, "Start session", "One signature. Nothing else is asked until the session ends.");
            body(sheet, terms);
            answers(sheet, &[("Sign and play  (Enter)", Answer::Confirm), ("Quit  (Esc)", Answer::Quit)]);
        }
        Offer::Granting(terms) => {
            heading(sheet, "Start session", "Signing and waiting for the chain...");
            body(sheet, terms);
        }
        Offer::Failed(reason) => {
            heading(sheet, "That did not work", "Nothing is lost; no session is open.");
            sheet.spawn(text(reason, NORMAL, palette::EMBER));
            answers(sheet, &[("Try again  (Enter)", Answer::Retry), ("Quit  (Esc)", Answer::Quit)]);
        }
        Offer::Live => heading(sheet, "The session is live", "Into the dungeon..."),
    });
}

fn heading(sheet: &mut ChildSpawnerCommands, title: &str, below: &str) {
    sheet.spawn(text(title, LARGE, palette::GOLD));
    sheet.spawn(text(below, NORMAL, palette::BONE));
}

fn body(sheet: &mut ChildSpawnerCommands, terms: &Terms) {
    sheet
        .spawn((
            Node {
                flex_direction: FlexDirection::Column,
                row_gap: px(SPACE / 2.0),
                padding: UiRect::all(px(1.5 * SPACE)),
                border_radius: BorderRadius::all(px(4)),
                ..default()
            },
            BackgroundColor(palette::INK),
        ))
        .with_children(|list| {
            list.spawn(text(&format!("Chain: {}", terms.endpoint), SMALL, palette::MIST));
            list.spawn(text(&format!("Account: {}", terms.account), SMALL, palette::MIST));
            for line in &terms.lines {
                list.spawn(text(line, SMALL, palette::BONE));
            }
        });
    sheet.spawn(text(&terms.largest_loss, NORMAL, palette::GOLD));
    for warning in &terms.warnings {
        sheet.spawn(text(&format!("! {warning}"), NORMAL, palette::FLAME));
    }
}

fn answers(sheet: &mut ChildSpawnerCommands, choices: &[(&str, Answer)]) {
    sheet.spawn(Node { column_gap: px(2.0 * SPACE), margin: UiRect::top(px(SPACE)), ..default() }).with_children(
        |row| {
            for (place, (label, answer)) in choices.iter().enumerate() {
                row.spawn(button(label, place == 0 && *answer != Answer::Quit, Says(*answer)));
            }
        },
    );
}

fn press(buttons: Query<(&Interaction, &Says), Changed<Interaction>>, mut answers: MessageWriter<Answer>) {
    for (interaction, says) in &buttons {
        if *interaction == Interaction::Pressed {
            answers.write(says.0);
        }
    }
}

fn keys(keys: Res<ButtonInput<KeyCode>>, offer: Res<Offer>, mut answers: MessageWriter<Answer>) {
    if keys.just_pressed(KeyCode::Escape) {
        answers.write(Answer::Quit);
    }
    if keys.any_just_pressed([KeyCode::Enter, KeyCode::NumpadEnter]) {
        match *offer {
            Offer::Offered(_) => {
                answers.write(Answer::Confirm);
            }
            Offer::Failed(_) => {
                answers.write(Answer::Retry);
            }
            Offer::Preparing | Offer::Granting(_) | Offer::Live => {}
        }
    }
}

fn enter(offer: Res<Offer>, mut next: ResMut<NextState<Screen>>) {
    if *offer == Offer::Live {
        next.set(Screen::Dungeon);
    }
}
