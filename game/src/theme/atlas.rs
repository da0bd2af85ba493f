//! The atlas: every frame of every sprite in one picture, packed at the start from the texts in `assets/sprites`.
//!
//! A sprite's text is rows of palette letters; where it has several frames, each begins with the name of its motion in
//! brackets, and frames of one motion follow each other. `assets/atlas.png` is the same picture for people to look at.

use bevy::prelude::*;

use super::pixels::{self, Pixels, SIDE};

/// Frames in a row of the atlas.
const COLUMNS: usize = 16;
/// Side of a frame with the rim around it that repeats its edge, so that no neighbour shows at uneven places.
const CELL: usize = SIDE + 2;

/// Where a frame is in the atlas.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Tile {
    /// In its own colours.
    pub(crate) own: Rect,
    /// All white, for flashes; a sprite's tint then gives the colour.
    pub(crate) white: Rect,
}

/// The frames of one sprite, each under the name of its motion, which is empty where there is only one frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sheet(Vec<(String, Pixels)>);

impl Sheet {
    /// Reads a sprite's text.
    pub(super) fn parse(text: &str) -> Self {
        let mut frames: Vec<(String, Vec<&str>)> = Vec::new();
        for line in text.lines() {
            match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                Some(motion) => frames.push((motion.to_owned(), Vec::new())),
                None => {
                    if frames.is_empty() {
                        frames.push((String::new(), Vec::new()));
                    }
                    frames.last_mut().into_iter().for_each(|(_, rows)| rows.push(line));
                }
            }
        }
        Self(frames.into_iter().map(|(motion, rows)| (motion, Pixels::parse(rows.into_iter()))).collect())
    }
}

/// Frames, one after the other.
#[derive(Debug, Default)]
pub(super) struct Atlas(Vec<Pixels>);

impl Atlas {
    /// Packs a sheet and gives its frames' places by motion.
    pub(super) fn add(&mut self, sheet: &Sheet) -> Vec<(String, Tile)> {
        let packed = sheet.0.iter().map(|(motion, frame)| {
            self.0.push(frame.clone());
            (motion.clone(), self.0.len() - 1)
        });
        let places: Vec<(String, usize)> = packed.collect();
        places.into_iter().map(|(motion, place)| (motion, tile(place))).collect()
    }

    /// The picture.
    pub(super) fn image(&self) -> Image {
        let (width, height) = (COLUMNS * CELL, 2 * self.0.len().div_ceil(COLUMNS) * CELL);
        let mut bytes = vec![0; 4 * width * height];
        for (place, frame) in self.0.iter().enumerate() {
            for (x, y) in (0..CELL * CELL).map(|spot| (spot % CELL, spot / CELL)) {
                let colour = frame.at(x as i32 - 1, y as i32 - 1);
                let (column, row) = (place % COLUMNS * CELL + x, place / COLUMNS * 2 * CELL + y);
                let white = [255, 255, 255, colour[3]];
                for (row, colour) in [(row, colour), (row + CELL, white)] {
                    let at = 4 * (row * width + column);
                    bytes[at..at + 4].copy_from_slice(&colour);
                }
            }
        }
        pixels::image(width, height, bytes)
    }
}

/// Each row of frames in their own colours has the same row all white below it.
fn tile(place: usize) -> Tile {
    let corner = |row: usize| Vec2::new((place % COLUMNS * CELL + 1) as f32, (row * CELL + 1) as f32);
    let rect = |corner: Vec2| Rect::from_corners(corner, corner + SIDE as f32);
    let row = place / COLUMNS * 2;
    Tile { own: rect(corner(row)), white: rect(corner(row + 1)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_found_by_motion_and_keep_their_pixels() {
        let sheet = Sheet::parse("[rest]\nkw\n[walk]\nWk\n[walk]\nk\n");
        let mut atlas = Atlas::default();
        atlas.add(&Sheet::parse("k\n"));
        let frames = atlas.add(&sheet);
        assert_eq!(frames.iter().map(|(motion, _)| motion.as_str()).collect::<Vec<_>>(), ["rest", "walk", "walk"]);
        let image = atlas.image();
        let pixel = |at: Vec2| {
            let at = 4 * (at.y as usize * COLUMNS * CELL + at.x as usize);
            image.data.as_ref().map(|bytes| bytes[at..at + 4].to_vec()).expect("made in memory")
        };
        let walk = frames[1].1;
        assert_eq!(pixel(walk.own.min), [0xff, 0xfa, 0xf0, 0xff]);
        assert_eq!(pixel(walk.own.min - 1.0), pixel(walk.own.min), "the rim repeats the edge");
        assert_eq!(pixel(walk.white.min + Vec2::X), [0xff; 4]);
        assert_eq!(pixel(walk.own.max - 1.0), [0; 4], "nothing there");
    }
}
