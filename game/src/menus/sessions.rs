//! *Sessions*: every live session of the account, with its policy and what remains; revoke one or all.

use bevy::prelude::*;

use super::{below, veil};
use crate::theme::focus::Pressed;
use crate::theme::palette;
use crate::theme::tones::Tones;
use crate::theme::widgets::{LARGE, NORMAL, SMALL, SPACE, button, clock, panel, strong, text};
use crate::view::screen::{Menu, Screen, Step};
use crate::view::sessions::{LiveSession, Sessions, SessionsWish};

/// Width of the sheet, in pixels.
const WIDTH: f32 = 1180.0;
/// Sessions that fit the sheet; those that end first come first, and the rest is counted.
const SHOWN_MAX: usize = 2;

#[derive(Component)]
struct Page;

#[derive(Component, Debug, Clone, Copy, PartialEq)]
enum Choice {
    Wish(SessionsWish),
    Close,
}

/// A revocation that has been pressed once and takes effect at the second press.
#[derive(Resource, Debug, Default, PartialEq)]
struct Armed(Option<SessionsWish>);

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Armed>()
        .add_systems(OnEnter(Menu::Sessions), (spawn, ask))
        .add_systems(Update, (refresh, choose, escape).chain().in_set(Step::Move).run_if(in_state(Menu::Sessions)));
}

fn ask(mut armed: ResMut<Armed>, mut wishes: MessageWriter<SessionsWish>) {
    armed.0 = None;
    wishes.write(SessionsWish::Read);
}

fn spawn(mut commands: Commands) {
    commands.spawn((
        veil(Menu::Sessions, 2),
        children![(
            Page,
            panel(Node { width: px(WIDTH), flex_direction: FlexDirection::Column, row_gap: px(SPACE), ..default() }),
        )],
    ));
}

fn refresh(
    mut commands: Commands,
    sessions: Res<Sessions>,
    armed: Res<Armed>,
    tones: Res<Tones>,
    page: Single<(Entity, Ref<Page>)>,
) {
    let (entity, marker) = page.into_inner();
    if !sessions.is_changed() && !armed.is_changed() && !marker.is_added() {
        return;
    }
    commands.entity(entity).despawn_related::<Children>().with_children(|page| {
        page.spawn(text("Sessions", LARGE, palette::GOLD));
        let mut many = false;
        let mut say = |words: &str, colour: Color| {
            page.spawn(text(words, NORMAL, colour));
        };
        match &*sessions {
            Sessions::Unread => say("Asking the chain\u{2026}", palette::BONE),
            Sessions::Asking(what) => say(what, palette::BONE),
            Sessions::Failed(reason) => say(reason, tones.bad),
            Sessions::Known(all) if all.is_empty() => {
                say("No key may act for this account: no session is live.", palette::BONE);
            }
            Sessions::Known(all) => {
                many = true;
                let words =
                    format!("{} live on the account; whoever holds a key can do what its lines say.", all.len());
                say(&words, palette::BONE);
                for session in all.iter().take(SHOWN_MAX) {
                    entry(page, session, &armed, &tones);
                }
                if let Some(rest) = all.len().checked_sub(SHOWN_MAX).filter(|rest| *rest > 0) {
                    page.spawn(text(&format!("and {rest} more, which end later"), SMALL, palette::MIST));
                }
            }
        }
        page.spawn(Node { column_gap: px(2.0 * SPACE), margin: UiRect::top(px(SPACE)), ..default() }).with_children(
            |row| {
                row.spawn(strong("Close  (Esc)", Choice::Close));
                row.spawn(button("Read again", Choice::Wish(SessionsWish::Read)));
                if many {
                    row.spawn(revoke("Revoke all", SessionsWish::RevokeAll, &armed));
                }
            },
        );
    });
}

fn entry(page: &mut ChildSpawnerCommands, session: &LiveSession, armed: &Armed, tones: &Tones) {
    let ground = Node {
        flex_direction: FlexDirection::Column,
        row_gap: px(SPACE / 4.0),
        padding: UiRect::all(px(1.5 * SPACE)),
        border_radius: BorderRadius::all(px(4)),
        ..default()
    };
    page.spawn((ground, BackgroundColor(palette::INK))).with_children(|entry| {
        let ours = if session.ours { "this run's session" } else { "another session" };
        let caps: Vec<String> = session.caps.iter().map(|cap| format!("{} {}", cap.words, cap.name)).collect();
        let head = format!("{} left of {ours}; spent {}", clock(session.left_s), caps.join(", "));
        entry.spawn(text(&head, NORMAL, if session.ours { tones.good } else { palette::WHITE }));
        for line in &session.lines {
            entry.spawn(text(line, SMALL, palette::BONE));
        }
        let row = Node { margin: UiRect::top(px(SPACE / 2.0)), ..default() };
        entry.spawn(row).with_children(|row| {
            row.spawn(revoke("Revoke", SessionsWish::Revoke(session.key), armed));
        });
    });
}

fn revoke(label: &str, wish: SessionsWish, armed: &Armed) -> impl Bundle + use<> {
    let sure = armed.0 == Some(wish);
    let words = if sure { format!("{label}: press again to be sure") } else { label.to_owned() };
    button(&words, Choice::Wish(wish))
}

fn choose(
    mut pressed: MessageReader<Pressed>,
    choices: Query<&Choice>,
    screen: Res<State<Screen>>,
    mut armed: ResMut<Armed>,
    mut menu: ResMut<NextState<Menu>>,
    mut wishes: MessageWriter<SessionsWish>,
) {
    for choice in pressed.read().filter_map(|pressed| choices.get(pressed.0).ok()) {
        match *choice {
            Choice::Close => menu.set(below(*screen.get())),
            Choice::Wish(wish) if wish == SessionsWish::Read || armed.0 == Some(wish) => {
                armed.0 = None;
                wishes.write(wish);
            }
            Choice::Wish(wish) => armed.0 = Some(wish),
        }
    }
}

fn escape(keys: Res<ButtonInput<KeyCode>>, screen: Res<State<Screen>>, mut menu: ResMut<NextState<Menu>>) {
    if keys.just_pressed(KeyCode::Escape) {
        menu.set(below(*screen.get()));
    }
}
