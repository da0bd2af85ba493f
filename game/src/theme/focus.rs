//! Sheets by keyboard: arrows move, Enter presses, left and right go through a stepper's values; the mouse does the same.
//!
//! A screen marks its outermost node as a [`Sheet`], makes its buttons with `widgets`, and reads [`Pressed`] and
//! [`Stepped`]. The sheet with the highest layer has the keys.

use bevy::prelude::*;

use super::palette;
use crate::view::screen::Step;

/// The outermost node of something that takes the keys.
#[derive(Component, Debug, Clone, Copy)]
pub(crate) struct Sheet {
    /// The highest one has the keys: 0 for screens, 1 for what lies over them.
    pub(crate) layer: u8,
}

/// Something on a sheet that can be reached and pressed.
#[derive(Component, Debug, Clone, Copy, Default)]
pub(crate) struct Reachable;

/// The button that is meant to be pressed: it has the keys until the player moves on.
#[derive(Component, Debug, Clone, Copy, Default)]
pub(crate) struct Meant;

/// A [`Reachable`] whose value is gone through; pressing it goes one further.
#[derive(Component, Debug, Clone, Copy, Default)]
pub(crate) struct Stepper;

/// The mouse's way to go through the stepper that is its parent.
#[derive(Component, Debug, Clone, Copy)]
pub(crate) struct Arrow(pub(crate) i32);

/// This button was pressed, by mouse or Enter.
#[derive(Message, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pressed(pub(crate) Entity);

/// This stepper is to go on by so many values.
#[derive(Message, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stepped(pub(crate) Entity, pub(crate) i32);

/// Which of a sheet's buttons has the keys, by its place: sheets are made anew when what they say changes.
#[derive(Resource, Debug, Default)]
pub(crate) struct Focus {
    sheet: Option<Entity>,
    place: usize,
    moved: bool,
}

/// Whether a key is being asked for, so that it must do nothing else.
#[derive(Resource, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asking(pub(crate) bool);

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Focus>()
        .init_resource::<Asking>()
        .add_message::<Pressed>()
        .add_message::<Stepped>()
        .add_systems(
            Update,
            (keyboard.run_if(resource_equals(Asking(false))), mouse, outline).chain().in_set(Step::Input),
        );
}

/// What can be reached below `root`, in the order in which it was made.
fn reach(root: Entity, children: &Query<&Children>, reachable: &Query<(), With<Reachable>>) -> Vec<Entity> {
    children.iter_descendants_depth_first(root).filter(|entity| reachable.contains(*entity)).collect()
}

fn keyboard(
    keys: Res<ButtonInput<KeyCode>>,
    sheets: Query<(Entity, &Sheet)>,
    children: Query<&Children>,
    reachable: Query<(), With<Reachable>>,
    (meant, steppers): (Query<(), With<Meant>>, Query<(), With<Stepper>>),
    mut focus: ResMut<Focus>,
    (mut pressed, mut stepped): (MessageWriter<Pressed>, MessageWriter<Stepped>),
) {
    let top = sheets.iter().max_by_key(|(_, sheet)| sheet.layer).map(|(entity, _)| entity);
    if focus.sheet != top {
        *focus = Focus { sheet: top, ..default() };
    }
    let Some(top) = top else { return };
    let all = reach(top, &children, &reachable);
    let Some(last) = all.len().checked_sub(1) else { return };
    focus.place = match all.iter().position(|entity| meant.contains(*entity)) {
        Some(place) if !focus.moved => place,
        _ => focus.place.min(last),
    };
    let on_stepper = steppers.contains(all[focus.place]);
    let down = |codes: &[KeyCode]| keys.any_just_pressed(codes.iter().copied());
    let sideways = i32::from(down(&[KeyCode::ArrowRight])) - i32::from(down(&[KeyCode::ArrowLeft]));
    if on_stepper && sideways != 0 {
        stepped.write(Stepped(all[focus.place], sideways));
        return;
    }
    let along = i32::from(down(&[KeyCode::ArrowDown])) - i32::from(down(&[KeyCode::ArrowUp])) + sideways;
    if along != 0 {
        focus.moved = true;
        focus.place = (focus.place as i32 + along).rem_euclid(all.len() as i32) as usize;
    }
    if down(&[KeyCode::Enter, KeyCode::NumpadEnter]) {
        if on_stepper {
            stepped.write(Stepped(all[focus.place], 1));
        } else {
            pressed.write(Pressed(all[focus.place]));
        }
    }
}

/// What the mouse is over: a button, or an arrow of the row that is its parent.
type Touched = (Entity, &'static Interaction, Option<&'static Arrow>, Option<&'static ChildOf>);

fn mouse(
    moved: Query<Touched, (Changed<Interaction>, With<Button>)>,
    children: Query<&Children>,
    reachable: Query<(), With<Reachable>>,
    asking: Res<Asking>,
    mut focus: ResMut<Focus>,
    mut pressed: MessageWriter<Pressed>,
    mut stepped: MessageWriter<Stepped>,
) {
    for (entity, interaction, arrow, parent) in &moved {
        let row = if arrow.is_some() { parent.map_or(entity, ChildOf::parent) } else { entity };
        if *interaction != Interaction::None
            && let Some(sheet) = focus.sheet
            && let Some(place) = reach(sheet, &children, &reachable).iter().position(|other| *other == row)
        {
            (focus.place, focus.moved) = (place, true);
        }
        match (interaction, arrow) {
            // It is the answer.
            (Interaction::Pressed, _) if asking.0 => {}
            (Interaction::Pressed, Some(arrow)) => {
                stepped.write(Stepped(row, arrow.0));
            }
            (Interaction::Pressed, None) if reachable.contains(entity) => {
                pressed.write(Pressed(entity));
            }
            _ => {}
        }
    }
}

fn outline(
    focus: Res<Focus>,
    children: Query<&Children>,
    reachable: Query<(), With<Reachable>>,
    mut outlines: Query<(Entity, &mut Outline), With<Reachable>>,
) {
    let focused = focus.sheet.and_then(|sheet| reach(sheet, &children, &reachable).get(focus.place).copied());
    for (entity, mut outline) in &mut outlines {
        let colour = if Some(entity) == focused { palette::GLOW } else { Color::NONE };
        if outline.color != colour {
            outline.color = colour;
        }
    }
}
