//! The latest word to the player, on every screen until it has been read.

use bevy::prelude::*;

use crate::theme::palette;
use crate::theme::tones::Tones;
use crate::theme::widgets::{NORMAL, SPACE, plain, text};
use crate::view::panel::Notice;
use crate::view::screen::{Menu, Panel, Screen, Step};

/// Seconds that a word stays.
const SHOWN_S: f32 = 4.0;
/// Seconds of those in which it fades.
const FADE_S: f32 = 1.0;

/// Height above the lower edge while skills are shown, in pixels.
const ABOVE_SKILLS: f32 = 23.0 * SPACE;

/// Share of the window beside the open chain panel, in percent.
const BESIDE: f32 = 62.0;

/// Widest line, in pixels; longer words go on below it.
const WIDTH_MAX: f32 = 1_100.0;

#[derive(Component)]
struct Line;

#[derive(Component)]
struct Place;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Startup, spawn).add_systems(Update, show.in_set(Step::Show));
}

fn spawn(mut commands: Commands) {
    commands.spawn((
        Place,
        Node {
            position_type: PositionType::Absolute,
            width: percent(100),
            justify_content: JustifyContent::Center,
            ..default()
        },
        GlobalZIndex(3),
        children![(
            Line,
            text("", NORMAL, palette::BONE),
            Node {
                padding: UiRect::axes(px(1.5 * SPACE), px(SPACE / 2.0)),
                border_radius: BorderRadius::all(px(4)),
                max_width: px(WIDTH_MAX),
                ..default()
            },
            BackgroundColor(Color::NONE),
        )],
    ));
}

fn show(
    time: Res<Time>,
    tones: Res<Tones>,
    (screen, menu): (Res<State<Screen>>, Res<State<Menu>>),
    panel: Res<State<Panel>>,
    mut notice: ResMut<Notice>,
    line: Single<(&mut Text, &mut TextColor, &mut BackgroundColor, &mut Node), With<Line>>,
    mut place: Single<&mut Node, (With<Place>, Without<Line>)>,
) {
    let playing = *screen.get() == Screen::Dungeon && *menu.get() == Menu::Closed;
    let bottom = px(if playing { ABOVE_SKILLS } else { 0.5 * SPACE });
    // Beside the chain panel, not under it.
    let width = percent(if playing && *panel.get() == Panel::Open { BESIDE } else { 100.0 });
    if (place.bottom, place.width) != (bottom, width) {
        (place.bottom, place.width) = (bottom, width);
    }
    notice.age_s += time.delta_secs();
    let (mut text, mut colour, mut ground, mut node) = line.into_inner();
    let opacity = ((SHOWN_S - notice.age_s) / FADE_S).clamp(0.0, 1.0);
    text.set_if_neq(Text(plain(&notice.text)));
    colour.0 = if notice.grave { tones.bad } else { palette::BONE }.with_alpha(opacity);
    ground.0 = palette::INK.with_alpha(0.75 * opacity);
    let display = if opacity > 0.0 && !notice.text.is_empty() { Display::Flex } else { Display::None };
    if node.display != display {
        node.display = display;
    }
}
