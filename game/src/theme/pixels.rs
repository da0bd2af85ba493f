//! Pictures made in memory: sprites from text, and soft shapes from formulas.

use bevy::asset::RenderAssetUsages;
use bevy::prelude::*;
use bevy::render::render_resource::{Extent3d, TextureDimension, TextureFormat};

use super::palette;

/// Side of a sprite, in pixels.
pub(crate) const SIDE: usize = 16;

const NOTHING: char = '.';

/// A sprite as rows of palette letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pixels(Vec<Vec<char>>);

impl Pixels {
    /// Reads a sprite; what is missing at the end of a row or below is empty.
    pub(crate) fn parse(text: &str) -> Self {
        let mut rows: Vec<Vec<char>> = text.lines().map(|line| line.chars().collect()).collect();
        rows.resize(SIDE, Vec::new());
        for row in &mut rows {
            row.resize(SIDE, NOTHING);
        }
        Self(rows)
    }

    /// The second frame of a thing that breathes: everything above `waist` sinks by a pixel.
    pub(crate) fn sunk(&self, waist: usize) -> Self {
        let mut rows = self.0.clone();
        rows.remove(waist.min(SIDE - 1));
        rows.insert(0, vec![NOTHING; SIDE]);
        Self(rows)
    }

    /// In its own colours.
    pub(crate) fn image(&self) -> Image {
        self.paint(|letter| palette::letter(letter).unwrap_or([255, 0, 255]))
    }

    /// All white, for flashes; a sprite's tint then gives the colour.
    pub(crate) fn silhouette(&self) -> Image {
        self.paint(|_| [255, 255, 255])
    }

    fn paint(&self, colour: impl Fn(char) -> [u8; 3]) -> Image {
        let bytes = self.0.iter().flatten().flat_map(|&letter| {
            let [red, green, blue] = colour(letter);
            [red, green, blue, if letter == NOTHING { 0 } else { 255 }]
        });
        image(SIDE, SIDE, bytes.collect())
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

fn image(width: usize, height: usize, bytes: Vec<u8>) -> Image {
    let size = Extent3d { width: width as u32, height: height as u32, depth_or_array_layers: 1 };
    Image::new(size, TextureDimension::D2, bytes, TextureFormat::Rgba8UnormSrgb, RenderAssetUsages::RENDER_WORLD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sinking_keeps_the_size_and_the_feet() {
        let text: String = (0..SIDE).map(|row| format!("{}\n", if row % 2 == 0 { "kw" } else { "wk" })).collect();
        let pixels = Pixels::parse(&text);
        let sunk = pixels.sunk(8);
        assert_eq!(sunk.0.len(), SIDE);
        assert_eq!(sunk.0[SIDE - 1], pixels.0[SIDE - 1], "the feet stay");
        assert_eq!(sunk.0[0], vec![NOTHING; SIDE]);
    }
}
