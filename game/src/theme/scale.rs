//! Sheets and head-up display grow with the window, in steps that keep lines and letters even.

use bevy::prelude::*;
use bevy::ui::UiScale;

/// Window for which everything is laid out, in pixels.
pub(crate) const LAID_OUT: Vec2 = Vec2::new(1280.0, 720.0);
/// Steps of the scale: quarters.
const STEPS: f32 = 4.0;
/// Smallest scale; below it nobody could read.
const SCALE_MIN: f32 = 0.5;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<UiScale>().add_systems(PreUpdate, fit);
}

fn fit(windows: Query<&Window, Changed<Window>>, mut scale: ResMut<UiScale>) {
    if let Some(window) = windows.iter().next() {
        let fitting = scale_of(window.size());
        if scale.0 != fitting {
            scale.0 = fitting;
        }
    }
}

fn scale_of(window: Vec2) -> f32 {
    let room = (window / LAID_OUT).min_element();
    ((room * STEPS).floor() / STEPS).max(SCALE_MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sheets_always_fit_the_window() {
        assert_eq!(scale_of(LAID_OUT), 1.0);
        assert_eq!(scale_of(Vec2::new(1920.0, 1080.0)), 1.5);
        assert_eq!(scale_of(Vec2::new(1919.0, 1080.0)), 1.25);
        assert_eq!(scale_of(Vec2::new(3840.0, 1080.0)), 1.5, "the shorter side decides");
        assert_eq!(scale_of(Vec2::splat(1.0)), SCALE_MIN);
    }
}
