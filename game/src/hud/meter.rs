//! A bar with a certain and an uncertain part, eased in both.

use bevy::prelude::*;

use crate::theme::palette;
use crate::theme::widgets::{SMALL, text};
use crate::view::screen::Step;

/// Share of a difference that is left after one second.
const EASE_PER_SECOND: f32 = 0.0008;
/// Opacity of the uncertain part.
const FAINT: f32 = 0.4;

/// What a meter should show, each as a share of the full bar from 0 to 1.
#[derive(Component, Debug, Clone, Copy)]
pub(super) struct Meter {
    /// Colour of what is certain; what is not is fainter.
    pub(super) colour: Color,
    /// With unconfirmed actions.
    pub(super) predicted: f32,
    /// Without.
    pub(super) confirmed: f32,
    shown: [f32; 2],
}

#[derive(Component)]
struct Fill;

#[derive(Component)]
struct Faint;

/// The words on a meter.
#[derive(Component)]
pub(super) struct Words;

/// A meter with its words on it; `mark` tells it from others.
pub(super) fn meter(width: f32, height: f32, colour: Color, mark: impl Bundle) -> impl Bundle {
    let layer = || Node { position_type: PositionType::Absolute, height: percent(100), ..default() };
    (
        Meter { colour, predicted: 0.0, confirmed: 0.0, shown: [0.0; 2] },
        mark,
        Node {
            width: px(width),
            height: px(height),
            align_items: AlignItems::Center,
            justify_content: JustifyContent::Center,
            border_radius: BorderRadius::all(px(3)),
            overflow: Overflow::clip(),
            ..default()
        },
        BackgroundColor(palette::INK),
        children![
            (Faint, layer(), BackgroundColor(colour.with_alpha(FAINT))),
            (Fill, layer(), BackgroundColor(colour)),
            (Words, text("", SMALL, palette::WHITE), TextShadow { offset: Vec2::splat(1.0), color: palette::INK }),
        ],
    )
}

type Layers = Or<(With<Fill>, With<Faint>)>;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, ease.in_set(Step::Show));
}

fn ease(
    time: Res<Time>,
    mut meters: Query<(&mut Meter, &Children)>,
    mut layers: Query<(&mut Node, &mut BackgroundColor, Has<Fill>), Layers>,
) {
    let left = EASE_PER_SECOND.powf(time.delta_secs());
    for (mut meter, children) in &mut meters {
        let low = meter.predicted.min(meter.confirmed);
        let high = meter.predicted.max(meter.confirmed);
        meter.shown = [low.lerp(meter.shown[0], left), high.lerp(meter.shown[1], left)];
        for child in children {
            let Ok((mut node, mut ground, solid)) = layers.get_mut(*child) else { continue };
            ground.set_if_neq(BackgroundColor(if solid { meter.colour } else { meter.colour.with_alpha(FAINT) }));
            (node.left, node.width) = if solid {
                (percent(0), percent(100.0 * meter.shown[0]))
            } else {
                (percent(100.0 * meter.shown[0]), percent(100.0 * (meter.shown[1] - meter.shown[0]).max(0.0)))
            };
        }
    }
}
