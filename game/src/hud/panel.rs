//! The chain panel, unfolded by a key: time and caps as bars, what is on its way, latencies, transactions, the way out.

use bevy::prelude::*;

use super::meter::{Meter, Words, meter};
use crate::input::Hands;
use crate::theme::focus::Pressed;
use crate::theme::palette;
use crate::theme::tones::Tones;
use crate::theme::widgets::{SMALL, SPACE, button, clock, panel, text};
use crate::view::keys::Control;
use crate::view::offer::Answer;
use crate::view::panel::{ChainPanel, LATENCIES, Sent};
use crate::view::screen::{Menu, Panel, Screen, Step};

/// Width inside the panel, in pixels; each column of the latency graph has its share.
const WIDTH: f32 = COLUMN * LATENCIES as f32;
/// Width of a column of the latency graph, in pixels.
const COLUMN: f32 = 3.5;
/// Height of the latency graph, in pixels.
const GRAPH: f32 = 64.0;
/// Transactions that are listed.
const LISTED: usize = 7;
/// Characters of a hash that are shown at its beginning.
const HASH: usize = 14;
/// Seconds within which the second press on *Revoke* counts.
const SURE_S: f32 = 4.0;

/// A bar of the panel.
#[derive(Component, Debug, Clone, Copy)]
enum Bar {
    Time,
    Rate,
    Cap(usize),
}

#[derive(Component)]
struct Counts;

#[derive(Component)]
struct Latency;

/// A column of the latency graph.
#[derive(Component)]
struct Column(usize);

/// A line of the list of transactions.
#[derive(Component)]
struct Line(usize);

/// The button, and for how long its second press still counts.
#[derive(Component)]
struct Revoke {
    sure_s: f32,
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Panel::Open), spawn)
        .add_systems(OnExit(Screen::Dungeon), |mut next: ResMut<NextState<Panel>>| next.set(Panel::Closed))
        .add_systems(Update, toggle.in_set(Step::Move).run_if(in_state(Screen::Dungeon)))
        .add_systems(Update, (bars, counts, graph, list, revoke).in_set(Step::Show).run_if(in_state(Panel::Open)));
}

fn toggle(hands: Hands, menu: Res<State<Menu>>, panel: Res<State<Panel>>, mut next: ResMut<NextState<Panel>>) {
    if *menu.get() == Menu::Closed && hands.struck(Control::Panel) {
        next.set(match panel.get() {
            Panel::Closed => Panel::Open,
            Panel::Open => Panel::Closed,
        });
    }
}

fn spawn(mut commands: Commands) {
    let node = Node {
        position_type: PositionType::Absolute,
        right: px(2.0 * SPACE),
        top: px(6.0 * SPACE),
        flex_direction: FlexDirection::Column,
        row_gap: px(SPACE / 2.0),
        ..default()
    };
    commands.spawn((panel(node), DespawnOnExit(Panel::Open))).with_children(|sheet| {
        for (bar, colour) in [
            (Bar::Time, palette::STONE),
            (Bar::Rate, palette::AZURE),
            (Bar::Cap(0), palette::RUST),
            (Bar::Cap(1), palette::RUST),
        ] {
            sheet.spawn(meter(WIDTH, 26.0, colour, bar));
        }
        sheet.spawn((Counts, text("", SMALL, palette::BONE)));
        sheet.spawn((Latency, text("", SMALL, palette::BONE)));
        let ground = Node {
            width: px(WIDTH),
            height: px(GRAPH),
            align_items: AlignItems::End,
            border_radius: BorderRadius::all(px(3)),
            overflow: Overflow::clip(),
            ..default()
        };
        sheet.spawn((ground, BackgroundColor(palette::INK))).with_children(|graph| {
            for place in 0..LATENCIES {
                graph.spawn((Column(place), Node { width: px(COLUMN), ..default() }, BackgroundColor(palette::SKY)));
            }
        });
        for place in 0..LISTED {
            sheet.spawn((Line(place), text("", SMALL, palette::MIST)));
        }
        // Only the mouse reaches it: the panel is no sheet, for the keys are the hero's.
        sheet.spawn(button("Revoke the session", Revoke { sure_s: 0.0 }));
    });
}

fn bars(
    panel: Res<ChainPanel>,
    mut bars: Query<(&Bar, &mut Meter, &mut Node, &Children)>,
    mut words: Query<&mut Text, With<Words>>,
) {
    for (bar, mut meter, mut node, children) in &mut bars {
        let (share, label) = match *bar {
            Bar::Time => {
                let length = panel.session_length_s.max(1);
                let share = panel.session_left_s as f32 / length as f32;
                (share, format!("{} left of {}", clock(panel.session_left_s), clock(panel.session_length_s)))
            }
            Bar::Rate => {
                let share = panel.transactions_per_s / panel.cap_per_s.max(f32::EPSILON);
                (share, format!("{:.1} of {:.1} transactions per second", panel.transactions_per_s, panel.cap_per_s))
            }
            Bar::Cap(place) => match panel.caps.get(place) {
                Some(cap) => (cap.share, format!("{} {} spent", cap.words, cap.name)),
                None => (0.0, String::new()),
            },
        };
        let display = if label.is_empty() { Display::None } else { Display::Flex };
        if node.display != display {
            node.display = display;
        }
        (meter.predicted, meter.confirmed) = (share.min(1.0), share.min(1.0));
        for child in children {
            if let Ok(mut text) = words.get_mut(*child) {
                text.set_if_neq(Text(label.clone()));
            }
        }
    }
}

fn counts(
    panel: Res<ChainPanel>,
    counts: Single<&mut Text, (With<Counts>, Without<Latency>)>,
    latency: Single<&mut Text, (With<Latency>, Without<Counts>)>,
) {
    let words = format!(
        "{} queued   {} in flight   {} confirmed   {} rolled back",
        panel.queued, panel.in_flight, panel.confirmed, panel.rolled_back
    );
    counts.into_inner().set_if_neq(Text(words));
    let told = |ms: Option<u64>| ms.map_or_else(|| "\u{2013}".to_owned(), |ms| format!("{ms} ms"));
    let words =
        format!("From act to confirmed: p50 {}, p99 {}", told(panel.latency_p50_ms), told(panel.latency_p99_ms));
    latency.into_inner().set_if_neq(Text(words));
}

/// The latest latencies, the newest at the right; the longest of them fills the height.
fn graph(panel: Res<ChainPanel>, tones: Res<Tones>, mut columns: Query<(&Column, &mut Node, &mut BackgroundColor)>) {
    let longest = panel.latencies_ms.iter().copied().max().unwrap_or(0).max(1);
    let missing = LATENCIES.saturating_sub(panel.latencies_ms.len());
    let slow = panel.latency_p99_ms.unwrap_or(u64::MAX);
    for (column, mut node, mut colour) in &mut columns {
        let ms = column.0.checked_sub(missing).and_then(|place| panel.latencies_ms.get(place)).copied().unwrap_or(0);
        let height = px(GRAPH * ms as f32 / longest as f32);
        if node.height != height {
            node.height = height;
        }
        let shade = if u64::from(ms) > slow { tones.bad } else { tones.waiting };
        colour.set_if_neq(BackgroundColor(shade));
    }
}

fn list(panel: Res<ChainPanel>, tones: Res<Tones>, mut lines: Query<(&Line, &mut Text, &mut TextColor)>) {
    for (line, mut text, mut colour) in &mut lines {
        let (words, shade) = panel.recent.get(line.0).map_or((String::new(), palette::MIST), |sent| row(sent, &tones));
        text.set_if_neq(Text(words));
        colour.set_if_neq(TextColor(shade));
    }
}

fn row(sent: &Sent, tones: &Tones) -> (String, Color) {
    let (state, colour) = match sent.carried_out {
        None => ("in flight", tones.waiting),
        Some(true) => ("confirmed", tones.good),
        Some(false) => ("reverted", tones.bad),
    };
    let hash = sent.hash.get(..HASH).unwrap_or(&sent.hash);
    let actions = if sent.actions == 1 { "action" } else { "actions" };
    (format!("{hash}\u{2026}   {} {actions}   {state}", sent.actions), colour)
}

fn revoke(
    time: Res<Time>,
    mut pressed: MessageReader<Pressed>,
    button: Single<(Entity, &mut Revoke, &Children)>,
    mut labels: Query<&mut Text>,
    mut answers: MessageWriter<Answer>,
) {
    let (entity, mut revoke, children) = button.into_inner();
    revoke.sure_s = (revoke.sure_s - time.delta_secs()).max(0.0);
    if pressed.read().any(|pressed| pressed.0 == entity) {
        if revoke.sure_s > 0.0 {
            revoke.sure_s = 0.0;
            answers.write(Answer::Revoke);
        } else {
            revoke.sure_s = SURE_S;
        }
    }
    let words = if revoke.sure_s > 0.0 { "Press again to be sure" } else { "Revoke the session" };
    for child in children {
        if let Ok(mut text) = labels.get_mut(*child) {
            text.set_if_neq(Text(words.to_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transactions_read_as_what_became_of_them() {
        let tones = Tones::default();
        let sent = Sent { hash: format!("0x{}", "ab".repeat(32)), actions: 1, carried_out: None };
        assert_eq!(row(&sent, &tones), ("0xabababababab\u{2026}   1 action   in flight".to_owned(), tones.waiting));
        let sent = Sent { actions: 8, carried_out: Some(false), ..sent };
        assert!(row(&sent, &tones).0.ends_with("8 actions   reverted"));
    }
}
