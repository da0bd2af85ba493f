//! One line about the chain: what is on its way, how fast, and for how long.

use bevy::prelude::*;

use crate::theme::palette;
use crate::theme::tones::Tones;
use crate::theme::widgets::{SMALL, SPACE, clock, plain, text};
use crate::view::panel::ChainPanel;
use crate::view::screen::{Screen, Step};

/// One figure of the line.
#[derive(Component, Debug, Clone, Copy)]
enum Figure {
    Phase,
    Session,
    Queue,
    Confirmed,
    RolledBack,
    Rate,
    Latency,
    Block,
}

#[derive(Component)]
struct LastError;

const FIGURES: [Figure; 8] = [
    Figure::Phase,
    Figure::Session,
    Figure::Queue,
    Figure::Confirmed,
    Figure::RolledBack,
    Figure::Rate,
    Figure::Latency,
    Figure::Block,
];

pub(super) fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Screen::Dungeon), spawn)
        .add_systems(Update, (show, complain).in_set(Step::Show).run_if(in_state(Screen::Dungeon)));
}

fn spawn(mut commands: Commands) {
    commands
        .spawn((
            Node {
                position_type: PositionType::Absolute,
                width: percent(100),
                padding: UiRect::axes(px(2.0 * SPACE), px(SPACE)),
                border: UiRect::bottom(px(2)),
                flex_direction: FlexDirection::Column,
                row_gap: px(SPACE / 2.0),
                ..default()
            },
            BackgroundColor(palette::NIGHT),
            BorderColor::all(palette::SLATE),
            DespawnOnExit(Screen::Dungeon),
        ))
        .with_children(|bar| {
            bar.spawn(Node { justify_content: JustifyContent::SpaceBetween, column_gap: px(2.0 * SPACE), ..default() })
                .with_children(|row| {
                    for figure in FIGURES {
                        row.spawn((figure, text("", SMALL, palette::BONE)));
                    }
                });
            bar.spawn((LastError, text("", SMALL, palette::EMBER), Node { display: Display::None, ..default() }));
        });
}

fn words(figure: Figure, panel: &ChainPanel, tones: &Tones) -> (String, Color) {
    match figure {
        Figure::Phase => (panel.phase.to_owned(), if panel.troubled { tones.bad } else { tones.good }),
        Figure::Session => (format!("session {}", clock(panel.session_left_s)), palette::BONE),
        Figure::Queue if panel.earlier > 0 => {
            let words = format!("queued {}  in flight {}  earlier {}", panel.queued, panel.in_flight, panel.earlier);
            (words, tones.waiting)
        }
        Figure::Queue => (format!("queued {}  in flight {}", panel.queued, panel.in_flight), tones.waiting),
        Figure::Confirmed => (format!("confirmed {}", panel.confirmed), tones.good),
        Figure::RolledBack => {
            let colour = if panel.rolled_back > 0 { tones.bad } else { palette::MIST };
            (format!("rolled back {}", panel.rolled_back), colour)
        }
        Figure::Rate => (format!("{:.1} of {:.1} tx/s", panel.transactions_per_s, panel.cap_per_s), palette::BONE),
        Figure::Latency => match panel.latency_p50_ms {
            Some(p50) => (format!("p50 {p50} ms"), palette::BONE),
            None => ("p50 -".to_owned(), palette::MIST),
        },
        Figure::Block => (format!("block {}", panel.block), palette::MIST),
    }
}

fn show(panel: Res<ChainPanel>, tones: Res<Tones>, mut figures: Query<(&Figure, &mut Text, &mut TextColor)>) {
    for (figure, mut text, mut shown) in &mut figures {
        let (words, colour) = words(*figure, &panel, &tones);
        text.set_if_neq(Text(words));
        shown.set_if_neq(TextColor(colour));
    }
}

fn complain(panel: Res<ChainPanel>, error: Single<(&mut Text, &mut Node), With<LastError>>) {
    let (mut text, mut node) = error.into_inner();
    let words = panel.last_error.as_deref().map(plain);
    let display = if words.is_some() { Display::Flex } else { Display::None };
    if node.display != display {
        node.display = display;
    }
    text.set_if_neq(Text(words.unwrap_or_default()));
}
