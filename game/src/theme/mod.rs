//! How everything looks: one palette, one scale of spaces and letters, one set of pictures.

pub(crate) mod art;
mod atlas;
pub(crate) mod bestiary;
pub(crate) mod focus;
mod font;
pub(crate) mod palette;
pub(crate) mod pixels;
pub(crate) mod scale;
pub(crate) mod tones;
pub(crate) mod widgets;

use bevy::prelude::*;

pub(crate) fn plugin(app: &mut App) {
    app.insert_resource(ClearColor(palette::INK)).add_plugins((
        art::plugin,
        focus::plugin,
        font::plugin,
        scale::plugin,
        tones::plugin,
        widgets::plugin,
    ));
}
