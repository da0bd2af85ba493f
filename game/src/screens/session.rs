//! *Start session*: the whole policy in words, chosen within bounds and confirmed once.

mod choosing;
mod window;

use bevy::prelude::*;

use self::choosing::{Chosen, chosen};
use crate::theme::focus::{Pressed, Sheet, Stepped};
use crate::theme::palette;
use crate::theme::tones::Tones;
use crate::theme::widgets::{LARGE, NORMAL, SMALL, SPACE, button, middle, panel, stepper, strong, text};
use crate::view::offer::{Answer, Offer, Terms};
use crate::view::screen::{Screen, Step};

/// Width of the sheet, in pixels.
const WIDTH: f32 = 1180.0;
/// Width of what can be chosen, in pixels.
const CHOICES: f32 = 568.0;

#[derive(Component)]
struct Page;

/// What a button says.
#[derive(Component, Debug, Clone, Copy)]
enum Says {
    Answer(Answer),
    Back,
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Screen::Session), spawn).add_systems(
        Update,
        (refresh, press, step, escape, enter).chain().in_set(Step::Move).run_if(in_state(Screen::Session)),
    );
}

fn spawn(mut commands: Commands) {
    commands.spawn((
        middle(),
        BackgroundColor(palette::INK.with_alpha(0.6)),
        Sheet { layer: 0 },
        DespawnOnExit(Screen::Session),
        children![(
            Page,
            panel(Node { width: px(WIDTH), flex_direction: FlexDirection::Column, row_gap: px(SPACE), ..default() }),
        )],
    ));
}

fn refresh(mut commands: Commands, offer: Res<Offer>, tones: Res<Tones>, sheet: Single<(Entity, Ref<Page>)>) {
    let (entity, marker) = sheet.into_inner();
    if !offer.is_changed() && !marker.is_added() {
        return;
    }
    let back = ("Back  (Esc)", Says::Back);
    let say = Says::Answer;
    commands.entity(entity).despawn_related::<Children>().with_children(|sheet| match &*offer {
        Offer::Preparing => {
            heading(sheet, "Start session", "Looking up the chain and the contracts\u{2026}");
            answers(sheet, &[back]);
        }
        Offer::Offered(terms) => {
            heading(sheet, "Start session", "One signature. Nothing else is asked until the session ends.");
            body(sheet, terms, true);
            answers(sheet, &[("Sign and play", say(Answer::Confirm)), back]);
        }
        Offer::Granting(terms) if terms.going_on => {
            heading(sheet, "Going on", "The session of an earlier run is still live; nothing is signed anew.");
        }
        Offer::Granting(terms) => {
            heading(sheet, "Start session", "Signing, and waiting for the chain\u{2026}");
            body(sheet, terms, false);
        }
        Offer::Failed(reason) => {
            heading(sheet, "That did not work", "Nothing is lost.");
            sheet.spawn(text(reason, NORMAL, tones.bad));
            answers(sheet, &[("Try again", say(Answer::Retry)), back]);
        }
        Offer::Live => heading(sheet, "The session is live", "Into the dungeon\u{2026}"),
    });
}

fn heading(sheet: &mut ChildSpawnerCommands, title: &str, below: &str) {
    sheet.spawn(text(title, LARGE, palette::GOLD));
    sheet.spawn(text(below, NORMAL, palette::BONE));
}

fn body(sheet: &mut ChildSpawnerCommands, terms: &Terms, choosing: bool) {
    let ground = Node {
        flex_direction: FlexDirection::Column,
        row_gap: px(SPACE / 2.0),
        padding: UiRect::all(px(1.5 * SPACE)),
        border_radius: BorderRadius::all(px(4)),
        ..default()
    };
    sheet.spawn((ground, BackgroundColor(palette::INK))).with_children(|list| {
        let account = format!("Account: {} on {}", terms.account, terms.endpoint);
        list.spawn(text(&account, SMALL, palette::MIST));
        if !terms.key.is_empty() {
            list.spawn(text(&format!("Session key: {}", terms.key), SMALL, palette::MIST));
        }
        for line in &terms.lines {
            list.spawn(text(line, SMALL, palette::BONE));
        }
        for line in window::lines(terms.choice.minutes) {
            list.spawn(text(&line, SMALL, palette::BONE));
        }
    });
    if choosing {
        let grid = Node { flex_wrap: FlexWrap::Wrap, column_gap: px(SPACE), row_gap: px(SPACE), ..default() };
        sheet.spawn(grid).with_children(|grid| {
            for what in Chosen::ALL {
                grid.spawn(stepper(what.label(), &what.value(&terms.choice), CHOICES, what));
            }
        });
    }
    sheet.spawn(text(&terms.largest_loss, NORMAL, palette::GOLD));
    for warning in &terms.warnings {
        sheet.spawn(text(&format!("! {warning}"), NORMAL, palette::FLAME));
    }
}

fn answers(sheet: &mut ChildSpawnerCommands, choices: &[(&str, Says)]) {
    let row = Node { column_gap: px(2.0 * SPACE), margin: UiRect::top(px(SPACE)), ..default() };
    sheet.spawn(row).with_children(|row| {
        for (label, says) in choices {
            match says {
                Says::Answer(_) => row.spawn(strong(label, *says)),
                Says::Back => row.spawn(button(label, *says)),
            };
        }
    });
}

fn press(
    mut pressed: MessageReader<Pressed>,
    says: Query<&Says>,
    mut answers: MessageWriter<Answer>,
    mut next: ResMut<NextState<Screen>>,
) {
    for says in pressed.read().filter_map(|pressed| says.get(pressed.0).ok()) {
        match says {
            Says::Answer(answer) => {
                answers.write(*answer);
            }
            Says::Back => next.set(Screen::Title),
        }
    }
}

fn step(
    mut stepped: MessageReader<Stepped>,
    steppers: Query<&Chosen>,
    offer: Res<Offer>,
    mut answers: MessageWriter<Answer>,
) {
    for Stepped(entity, by) in stepped.read() {
        if let (Ok(what), Offer::Offered(terms)) = (steppers.get(*entity), &*offer) {
            answers.write(Answer::Choose(chosen(*what, terms.choice, *by)));
        }
    }
}

/// Back to the title, but not from under a signature.
fn escape(keys: Res<ButtonInput<KeyCode>>, offer: Res<Offer>, mut next: ResMut<NextState<Screen>>) {
    if keys.just_pressed(KeyCode::Escape) && !matches!(*offer, Offer::Granting(_) | Offer::Live) {
        next.set(Screen::Title);
    }
}

fn enter(offer: Res<Offer>, mut next: ResMut<NextState<Screen>>) {
    if *offer == Offer::Live {
        next.set(Screen::Dungeon);
    }
}
