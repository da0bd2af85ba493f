//! The one font, in place of the engine's own.

use bevy::prelude::*;
use bevy::text::Font;

const JERSEY: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/fonts/jersey-10.ttf"));

pub(super) fn plugin(app: &mut App) {
    // Without a renderer there are no fonts, and tests run without letters.
    if let Some(mut fonts) = app.world_mut().get_resource_mut::<Assets<Font>>()
        && fonts.insert(AssetId::default(), Font::from_bytes(JERSEY.to_vec())).is_err()
    {
        tracing::warn!("the font could not be installed; the built-in one is used");
    }
}
