//! Pictures made in memory: frames from text, and soft shapes from formulas.

use bevy::asset::RenderAssetUsages;
use bevy::prelude::*;
use bevy::render::render_resource::{Extent3d, TextureDimension, TextureFormat};

use super::palette;

/// Side of a frame, in pixels.
pub(crate) const SIDE: usize = 16;

const NOTHING: char = '.';

/// One frame as rows of palette letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pixels(Vec<Vec<char>>);

impl Pixels {
    /// Reads a frame; what is missing at the end of a row or below is empty.
    pub(super) fn parse<'a>(rows: impl Iterator<Item = &'a str>) -> Self {
        let mut rows: Vec<Vec<char>> = rows.map(|row| row.chars().collect()).collect();
        rows.resize(SIDE, Vec::new());
        for row in &mut rows {
            row.resize(SIDE, NOTHING);
        }
        Self(rows)
    }

    /// Red, green, blue and opacity at a place; beyond the edge, what is at the edge.
    pub(super) fn at(&self, x: i32, y: i32) -> [u8; 4] {
        let inside = |place: i32| place.clamp(0, SIDE as i32 - 1) as usize;
        match self.0[inside(y)][inside(x)] {
            NOTHING => [0; 4],
            letter => {
                let [red, green, blue] = palette::letter(letter).unwrap_or([255, 0, 255]);
                [red, green, blue, 255]
            }
        }
    }
}

/// A white disc that fades from its middle to its rim, `side` pixels wide.
///
/// `power` above 1 gathers the light in the middle.
pub(crate) fn glow(side: usize, power: f32) -> Image {
    let middle = (side as f32 - 1.0) / 2.0;
    let bytes = (0..side * side).flat_map(|place| {
        let (x, y) = ((place % side) as f32, (place / side) as f32);
        let far = Vec2::new(x - middle, y - middle).length() / middle;
        let alpha = (1.0 - far).clamp(0.0, 1.0).powf(power) * 255.0;
        [255, 255, 255, alpha as u8]
    });
    image(side, side, bytes.collect())
}

/// A picture of `bytes`, four a pixel, row by row.
pub(super) fn image(width: usize, height: usize, bytes: Vec<u8>) -> Image {
    let size = Extent3d { width: width as u32, height: height as u32, depth_or_array_layers: 1 };
    Image::new(size, TextureDimension::D2, bytes, TextureFormat::Rgba8UnormSrgb, RenderAssetUsages::RENDER_WORLD)
}
