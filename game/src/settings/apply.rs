//! Settings that change more than what reads them: window and letters.

use bevy::prelude::*;
use bevy::text::RemSize;
use bevy::window::{MonitorSelection, PrimaryWindow, WindowMode};

use crate::theme::widgets::REM;
use crate::view::settings::{Frame, Settings};

pub(super) fn plugin(app: &mut App) {
    app.insert_resource(RemSize(REM)).add_systems(Update, (letters, frame).run_if(resource_changed::<Settings>));
}

fn letters(settings: Res<Settings>, mut size: ResMut<RemSize>) {
    size.0 = REM * settings.letters.factor();
}

fn frame(settings: Res<Settings>, mut windows: Query<&mut Window, With<PrimaryWindow>>) {
    for mut window in &mut windows {
        let wanted = match settings.window {
            Frame::Windowed => WindowMode::Windowed,
            Frame::FullScreen => WindowMode::BorderlessFullscreen(MonitorSelection::Current),
        };
        if window.mode != wanted {
            window.mode = wanted;
        }
    }
}
