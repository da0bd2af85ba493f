//! The developer menu: F1 opens it, F2 to F6 break something between the game and its chain.

use bevy::prelude::*;

use crate::theme::palette;
use crate::theme::widgets::{NORMAL, SMALL, SPACE, panel, text};
use crate::view::faults::{Fault, Faults};
use crate::view::screen::{Screen, Step};

#[derive(Component)]
struct Sheet;

#[derive(Component)]
struct Said;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Screen::Dungeon), spawn)
        .add_systems(Update, keys.in_set(Step::Input).run_if(in_state(Screen::Dungeon)))
        .add_systems(Update, show.in_set(Step::Show).run_if(in_state(Screen::Dungeon)));
}

fn spawn(mut commands: Commands) {
    commands
        .spawn((
            Sheet,
            panel(Node {
                position_type: PositionType::Absolute,
                display: Display::None,
                left: px(2.0 * SPACE),
                top: px(8.0 * SPACE),
                flex_direction: FlexDirection::Column,
                row_gap: px(SPACE / 2.0),
                ..default()
            }),
            DespawnOnExit(Screen::Dungeon),
        ))
        .with_children(|sheet| {
            sheet.spawn(text("Break something  (F1 closes)", NORMAL, palette::GOLD));
            for fault in Fault::ALL {
                sheet.spawn(text(fault.words(), SMALL, palette::BONE));
            }
            sheet.spawn((Said, text("", SMALL, palette::FLAME)));
        });
}

fn keys(keys: Res<ButtonInput<KeyCode>>, mut faults: ResMut<Faults>, mut wishes: MessageWriter<Fault>) {
    if !faults.available {
        return;
    }
    if keys.just_pressed(KeyCode::F1) {
        faults.open = !faults.open;
    }
    if faults.open {
        wishes.write_batch(Fault::ALL.into_iter().filter(|fault| keys.just_pressed(fault.key())));
    }
}

fn show(faults: Res<Faults>, mut sheet: Single<&mut Node, With<Sheet>>, mut said: Single<&mut Text, With<Said>>) {
    let display = if faults.open && faults.available { Display::Flex } else { Display::None };
    if sheet.display != display {
        sheet.display = display;
    }
    let mut words = faults.said.clone();
    for (what, left_s) in [("cut", faults.cut_s), ("late", faults.late_s)] {
        if left_s > 0.0 {
            words = format!("{words}\n{what} for {left_s:.0} s more");
        }
    }
    said.set_if_neq(Text(words));
}
