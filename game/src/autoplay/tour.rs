//! Goes through every screen and takes a picture of each. A new screen is a row of [`TOUR`] and an arm of `arrange`.

use std::path::PathBuf;

use bevy::prelude::*;
use bevy::render::view::screenshot::{Screenshot, save_to_disk};

use crate::view::deed::Deed;
use crate::view::offer::{Answer, Offer};
use crate::view::screen::{Menu, Panel, Screen, Step};
use crate::view::sessions::Sessions;

/// Seconds from a blow to its picture: its numbers have risen and are still there, also where frames are slow.
const AFTERWARDS_S: std::ops::Range<f32> = 0.1..0.5;
/// Longest that a picture waits for what it is to show, in seconds.
const PATIENCE_S: f32 = 12.0;
/// Seconds from one picture to the next scene, for the renderer to hand the picture over.
const HANDOVER_S: f32 = 0.5;

/// What is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scene {
    Title,
    Settings,
    Session,
    Fight,
    Panel,
    Pause,
    Sessions,
    Death,
}

/// The scenes in their order: file, and seconds from arranging to the picture.
const TOUR: [(Scene, &str, f32); 8] = [
    (Scene::Title, "title", 2.0),
    (Scene::Settings, "settings", 0.7),
    (Scene::Session, "session", 1.0),
    (Scene::Fight, "dungeon", 5.0),
    (Scene::Panel, "panel", 2.0),
    (Scene::Pause, "pause", 0.7),
    (Scene::Sessions, "sessions", 0.7),
    (Scene::Death, "death", 0.0),
];

/// How far the tour is.
#[derive(Resource, Debug)]
pub(super) struct Tour {
    folder: PathBuf,
    at: usize,
    since_s: f32,
    since_blow_s: f32,
    since_fall_s: f32,
    taken: bool,
}

impl Tour {
    pub(super) fn new(folder: PathBuf) -> Self {
        let never = f32::INFINITY;
        Self { folder, at: 0, since_s: 0.0, since_blow_s: never, since_fall_s: never, taken: false }
    }

    /// Whether the hero is to fall.
    pub(super) fn reckless(&self) -> bool {
        TOUR.get(self.at).is_some_and(|(scene, ..)| *scene == Scene::Death)
    }
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, (listen, picture, arrange).chain().in_set(Step::Show));
}

fn listen(time: Res<Time>, mut tour: ResMut<Tour>, mut deeds: MessageReader<Deed>) {
    tour.since_s += time.delta_secs();
    tour.since_blow_s += time.delta_secs();
    tour.since_fall_s += time.delta_secs();
    for deed in deeds.read() {
        if deed.damage > 0 {
            tour.since_blow_s = 0.0;
        }
        if deed.died {
            tour.since_fall_s = 0.0;
        }
    }
}

fn picture(
    mut commands: Commands,
    mut tour: ResMut<Tour>,
    screen: Res<State<Screen>>,
    offer: Res<Offer>,
    sessions: Res<Sessions>,
) {
    let Some((scene, name, due_s)) = TOUR.get(tour.at) else { return };
    let there = match scene {
        Scene::Title | Scene::Settings => *screen.get() == Screen::Title,
        Scene::Session => matches!(*offer, Offer::Offered(_)),
        _ => *screen.get() == Screen::Dungeon,
    };
    if !there {
        tour.since_s = 0.0;
    }
    if tour.taken || !there || tour.since_s < *due_s {
        return;
    }
    let seen = match scene {
        Scene::Fight => AFTERWARDS_S.contains(&tour.since_blow_s),
        Scene::Sessions => matches!(*sessions, Sessions::Known(_)),
        Scene::Death => (1.2..2.0).contains(&tour.since_fall_s),
        _ => true,
    };
    if seen || tour.since_s > due_s + PATIENCE_S {
        let file = format!("{:02}-{name}.png", tour.at + 1);
        commands.spawn(Screenshot::primary_window()).observe(save_to_disk(tour.folder.join(file)));
        (tour.taken, tour.since_s) = (true, 0.0);
    }
}

/// Once a picture is taken, sets the next scene.
fn arrange(
    mut tour: ResMut<Tour>,
    mut screen: ResMut<NextState<Screen>>,
    mut menu: ResMut<NextState<Menu>>,
    mut panel: ResMut<NextState<Panel>>,
    mut answers: MessageWriter<Answer>,
) {
    if !tour.taken || tour.since_s < HANDOVER_S {
        return;
    }
    (tour.at, tour.taken, tour.since_s) = (tour.at + 1, false, 0.0);
    let Some((scene, ..)) = TOUR.get(tour.at) else { return };
    match scene {
        Scene::Title => screen.set(Screen::Title),
        Scene::Settings => menu.set(Menu::Settings),
        Scene::Session => {
            menu.set(Menu::Closed);
            screen.set(Screen::Session);
        }
        Scene::Fight => {
            answers.write(Answer::Confirm);
        }
        Scene::Panel => panel.set(Panel::Open),
        Scene::Pause => {
            panel.set(Panel::Closed);
            menu.set(Menu::Pause);
        }
        Scene::Sessions => menu.set(Menu::Sessions),
        Scene::Death => menu.set(Menu::Closed),
    }
}
