//! *Settings*: window, letters, shaking, colours and keys. Every change holds and is kept at once.

use bevy::prelude::*;

use super::{below, veil};
use crate::theme::focus::{Asking, Pressed, Reachable, Stepped};
use crate::theme::palette;
use crate::theme::tones::Tones;
use crate::theme::widgets::{LARGE, NORMAL, SPACE, button, panel, stepper, strong, text};
use crate::view::keys::{Bindings, Control, Press};
use crate::view::screen::{Menu, Screen, Step};
use crate::view::settings::{Choices, Settings};

/// Width of a row, in pixels.
const ROW: f32 = 430.0;

#[derive(Component)]
struct Page;

/// A setting that is gone through.
#[derive(Component, Debug, Clone, Copy)]
enum Setting {
    Window,
    Letters,
    Shake,
    Colours,
    Volume,
}

#[derive(Component, Debug, Clone, Copy)]
enum Choice {
    Bind(Control),
    UsualKeys,
    Close,
}

/// What is being done to the keys.
#[derive(Resource, Debug, Default)]
struct Binding {
    control: Option<Control>,
    complaint: Option<String>,
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Binding>()
        .add_systems(OnEnter(Menu::Settings), spawn)
        .add_systems(OnExit(Menu::Settings), |mut binding: ResMut<Binding>| *binding = Binding::default())
        .add_systems(
            Update,
            (capture, escape, choose, step, refresh).chain().in_set(Step::Move).run_if(in_state(Menu::Settings)),
        );
}

fn spawn(mut commands: Commands) {
    let column = Node { flex_direction: FlexDirection::Column, row_gap: px(SPACE), ..default() };
    commands.spawn((veil(Menu::Settings, 2), children![(Page, panel(column))]));
}

fn refresh(
    mut commands: Commands,
    settings: Res<Settings>,
    binding: Res<Binding>,
    tones: Res<Tones>,
    page: Single<(Entity, Ref<Page>)>,
) {
    let (entity, marker) = page.into_inner();
    if !settings.is_changed() && !binding.is_changed() && !marker.is_added() {
        return;
    }
    let column = || Node { width: px(ROW), flex_direction: FlexDirection::Column, row_gap: px(SPACE), ..default() };
    commands.entity(entity).despawn_related::<Children>().with_children(|page| {
        page.spawn(text("Settings", LARGE, palette::GOLD));
        page.spawn(Node { column_gap: px(3.0 * SPACE), ..default() }).with_children(|columns| {
            columns.spawn(column()).with_children(|left| {
                // Without the feature nothing could be heard; the file keeps the volume all the same.
                let volume = cfg!(feature = "desktop").then_some(("Sound", settings.volume.name(), Setting::Volume));
                let steppers = [
                    ("Window", settings.window.name(), Setting::Window),
                    ("Letters", settings.letters.name(), Setting::Letters),
                    ("Screen shake", settings.shake.name(), Setting::Shake),
                    ("Colours", settings.colours.name(), Setting::Colours),
                ];
                for (label, value, setting) in volume.into_iter().chain(steppers) {
                    left.spawn(stepper(label, value, ROW, setting));
                }
                left.spawn(text("Like this: ", NORMAL, palette::BONE)).with_children(|sample| {
                    sample.spawn((TextSpan::new("confirmed "), TextColor(tones.good)));
                    sample.spawn((TextSpan::new("waiting "), TextColor(tones.waiting)));
                    sample.spawn((TextSpan::new("taken back"), TextColor(tones.bad)));
                });
            });
            columns.spawn(column()).with_children(|right| {
                for (control, name) in Control::ALL {
                    let asked = binding.control == Some(control);
                    let keys = if asked { "press it\u{2026}".to_owned() } else { settings.keys.words(control) };
                    right.spawn(row(name, &keys, asked, Choice::Bind(control)));
                }
            });
        });
        let (words, colour) = match (&binding.complaint, binding.control) {
            (Some(complaint), _) => (complaint.clone(), tones.bad),
            (None, Some(control)) => {
                (format!("Press a key or mouse button for: {}. Esc leaves it as it is.", control.name()), palette::BONE)
            }
            (None, None) => ("Enter on a control asks for its new key or mouse button.".to_owned(), palette::MIST),
        };
        page.spawn(text(&words, NORMAL, colour));
        page.spawn(Node { column_gap: px(2.0 * SPACE), ..default() }).with_children(|buttons| {
            buttons.spawn(strong("Done  (Esc)", Choice::Close));
            buttons.spawn(button("Usual keys", Choice::UsualKeys));
        });
    });
}

fn row(name: &str, keys: &str, asked: bool, mark: Choice) -> impl Bundle + use<> {
    (
        Button,
        Reachable,
        mark,
        Node {
            width: px(ROW),
            padding: UiRect::axes(px(SPACE), px(SPACE / 4.0)),
            border_radius: BorderRadius::all(px(4)),
            justify_content: JustifyContent::SpaceBetween,
            ..default()
        },
        Outline::new(px(2), px(0), Color::NONE),
        BackgroundColor(palette::DUSK),
        children![
            text(name, NORMAL, palette::BONE),
            text(keys, NORMAL, if asked { palette::GOLD } else { palette::WHITE }),
        ],
    )
}

/// The next key or mouse button that goes down is the control's; Escape leaves it as it was.
fn capture(
    mut keys: ResMut<ButtonInput<KeyCode>>,
    mouse: Res<ButtonInput<MouseButton>>,
    mut binding: ResMut<Binding>,
    mut settings: ResMut<Settings>,
    mut asking: ResMut<Asking>,
) {
    let Some(control) = binding.control else { return };
    let key = keys.get_just_pressed().next().copied();
    let button = mouse.get_just_pressed().next().copied();
    let Some(press) = key.map(Press::Key).or(button.map(Press::Mouse)) else { return };
    if let Some(key) = key {
        keys.clear_just_pressed(key);
    }
    let mut bindings = settings.keys.clone();
    let complaint = match press {
        Press::Key(KeyCode::Escape) => None,
        _ => bindings.bind(control, press).err().map(|error| format!("Not bound: {error}.")),
    };
    // A refused key leaves the question open, for the player to press another.
    let open = complaint.is_some();
    *binding = Binding { control: open.then_some(control), complaint };
    asking.0 = open;
    if bindings != settings.keys {
        settings.keys = bindings;
    }
}

fn escape(
    keys: Res<ButtonInput<KeyCode>>,
    binding: Res<Binding>,
    screen: Res<State<Screen>>,
    mut menu: ResMut<NextState<Menu>>,
) {
    if keys.just_pressed(KeyCode::Escape) && binding.control.is_none() {
        menu.set(below(*screen.get()));
    }
}

fn choose(
    mut pressed: MessageReader<Pressed>,
    choices: Query<&Choice>,
    screen: Res<State<Screen>>,
    mut binding: ResMut<Binding>,
    mut asking: ResMut<Asking>,
    mut settings: ResMut<Settings>,
    mut menu: ResMut<NextState<Menu>>,
) {
    for choice in pressed.read().filter_map(|pressed| choices.get(pressed.0).ok()) {
        match *choice {
            Choice::Bind(control) => {
                *binding = Binding { control: Some(control), complaint: None };
                asking.0 = true;
            }
            Choice::UsualKeys => settings.keys = Bindings::default(),
            Choice::Close => menu.set(below(*screen.get())),
        }
    }
}

fn step(mut stepped: MessageReader<Stepped>, steppers: Query<&Setting>, mut settings: ResMut<Settings>) {
    for Stepped(entity, by) in stepped.read() {
        match steppers.get(*entity) {
            Ok(Setting::Window) => settings.window = settings.window.step(*by),
            Ok(Setting::Letters) => settings.letters = settings.letters.step(*by),
            Ok(Setting::Shake) => settings.shake = settings.shake.step(*by),
            Ok(Setting::Colours) => settings.colours = settings.colours.step(*by),
            Ok(Setting::Volume) => settings.volume = settings.volume.step(*by),
            Err(_) => {}
        }
    }
}
