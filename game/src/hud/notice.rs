//! The latest word to the player, above the skills until it has been read.

use bevy::prelude::*;

use crate::theme::palette;
use crate::theme::tones::Tones;
use crate::theme::widgets::{NORMAL, SPACE, plain, text};
use crate::view::panel::Notice;
use crate::view::screen::{Screen, Step};

/// Seconds that a word stays.
const SHOWN_S: f32 = 4.0;
/// Seconds of those in which it fades.
const FADE_S: f32 = 1.0;

#[derive(Component)]
struct Line;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Screen::Dungeon), spawn)
        .add_systems(Update, show.in_set(Step::Show).run_if(in_state(Screen::Dungeon)));
}

fn spawn(mut commands: Commands) {
    commands.spawn((
        Node {
            position_type: PositionType::Absolute,
            width: percent(100),
            bottom: px(23.0 * SPACE),
            justify_content: JustifyContent::Center,
            ..default()
        },
        DespawnOnExit(Screen::Dungeon),
        children![(
            Line,
            text("", NORMAL, palette::BONE),
            TextShadow { offset: Vec2::splat(2.0), color: palette::INK },
        )],
    ));
}

fn show(
    time: Res<Time>,
    tones: Res<Tones>,
    mut notice: ResMut<Notice>,
    line: Single<(&mut Text, &mut TextColor), With<Line>>,
) {
    notice.age_s += time.delta_secs();
    let (mut text, mut colour) = line.into_inner();
    let opacity = ((SHOWN_S - notice.age_s) / FADE_S).clamp(0.0, 1.0);
    text.set_if_neq(Text(plain(&notice.text)));
    colour.0 = if notice.grave { tones.bad } else { palette::BONE }.with_alpha(opacity);
}
