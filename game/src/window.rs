//! The game in a window: what is switched on, and in which order a frame runs.

pub mod frames;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bevy::app::TerminalCtrlCHandlerPlugin;
use bevy::log::LogPlugin;
use bevy::prelude::*;
use bevy::window::{ExitCondition, PresentMode, WindowCloseRequested, WindowResolution};

use crate::autoplay::Autoplay;
use crate::onchain::{Desk, Ending, Outbox, Prepared, RunOptions};
use crate::settings::file::SettingsFile;
#[cfg(feature = "desktop")]
use crate::sound;
use crate::view::offer::{After, Answer};
use crate::view::screen::{Menu, Panel, Scenery, Screen, Step};
use crate::{actors, hud, input, level, menus, onchain, screens, settings, theme, view};

/// Size of the window when it opens unless something else is asked for, in pixels.
pub const SIZE: (u32, u32) = (1280, 720);

/// What a window is to be made of.
#[derive(Debug, Clone)]
pub struct WindowOptions {
    /// The chain and the owner, for further runs.
    pub run: RunOptions,
    /// What the window does by itself; all off for a player of flesh and blood.
    pub autoplay: Autoplay,
    /// Size of the window when it opens, in pixels.
    pub size: (u32, u32),
    /// Where the player's settings are kept; none for the usual ones, kept nowhere.
    pub settings: Option<SettingsFile>,
    /// File in which the words on screen are kept, for a screen reader or a test.
    pub words: Option<PathBuf>,
    /// Set from outside, by Ctrl-C for example, to leave as if the player had chosen to.
    pub stop: Arc<AtomicBool>,
}

/// Plays in a window until it is closed, and says how each run ended; the first is `prepared`. Blocks; on the main
/// thread only.
///
/// # Errors
///
/// There is no display, or the window went away without an ending.
pub fn play(options: WindowOptions, prepared: Prepared) -> anyhow::Result<Vec<Ending>> {
    anyhow::ensure!(
        display_available(),
        "no display: neither DISPLAY nor WAYLAND_DISPLAY is set, so no window can be opened. \
         Run with --headless to let the bot play without one."
    );
    let mut app = app(options, prepared);
    let outbox = app.world().resource::<Outbox>().clone();
    app.run();
    let endings = outbox.take();
    anyhow::ensure!(!endings.is_empty(), "the window went away before the session was closed");
    Ok(endings)
}

/// Whether a window can be opened, as far as the environment tells.
pub fn display_available() -> bool {
    if !cfg!(all(unix, not(target_os = "macos"))) {
        return true;
    }
    ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// The whole game with its window, not yet running.
///
/// # Panics
///
/// Where there is no display: ask [`display_available`] before.
pub fn app(options: WindowOptions, prepared: Prepared) -> App {
    let WindowOptions { run, autoplay, size, settings, words, stop } = options;
    let mut app = windowed(size, PresentMode::default());
    app.insert_resource(Desk::new(run, prepared)).insert_resource(Stop(stop)).add_plugins(plugin);
    app.add_systems(Update, ask_to_leave);
    if let Some(file) = settings {
        app.insert_resource(file);
    }
    if let Some(path) = words {
        app.add_plugins(crate::words::plugin(path));
    }
    autoplay.plugin(&mut app);
    app
}

/// An app with its window and nothing in it.
fn windowed((width, height): (u32, u32), present_mode: PresentMode) -> App {
    let window = Window {
        title: "Latchkey".to_owned(),
        resolution: WindowResolution::new(width, height),
        present_mode,
        ..default()
    };
    let mut app = App::new();
    app.add_plugins(
        DefaultPlugins
            .set(WindowPlugin {
                primary_window: Some(window),
                // Closing the window revokes the session first; `closing` ends the app.
                exit_condition: ExitCondition::DontExit,
                close_when_requested: false,
                ..default()
            })
            .set(ImagePlugin::default_nearest())
            // The command line has its own log and its own Ctrl-C.
            .disable::<LogPlugin>()
            .disable::<TerminalCtrlCHandlerPlugin>(),
    );
    app
}

/// Everything but window and renderer; works with `MinimalPlugins`, `StatesPlugin` and `InputPlugin`.
pub fn plugin(app: &mut App) {
    app.init_state::<Screen>()
        .init_state::<Menu>()
        .init_state::<Panel>()
        .add_computed_state::<Scenery>()
        .configure_sets(Update, (Step::Input, Step::Move, Step::Order, Step::Show).chain())
        .add_plugins((
            view::plugin,
            onchain::plugin,
            input::plugin,
            theme::plugin,
            level::plugin,
            actors::plugin,
            hud::plugin,
            menus::plugin,
            screens::plugin,
            settings::plugin,
        ));
    #[cfg(feature = "desktop")]
    app.add_plugins(sound::plugin);
}

#[derive(Resource)]
struct Stop(Arc<AtomicBool>);

fn ask_to_leave(
    stop: Res<Stop>,
    screen: Res<State<Screen>>,
    mut closed: MessageReader<WindowCloseRequested>,
    mut answers: MessageWriter<Answer>,
) {
    let asked = closed.read().count() > 0 || stop.0.load(Ordering::Relaxed);
    if asked && *screen.get() != Screen::Leaving {
        answers.write(Answer::End(After::Quit));
    }
}

#[cfg(test)]
mod tests;
