//! The pictures of the game, made once at the start.

use bevy::prelude::*;

use super::atlas::{Atlas, Sheet, Tile};
use super::bestiary::looks;
use super::pixels::{self, SIDE};
use crate::rules::Kind;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Art>();
}

/// Text of the sprite with this name.
macro_rules! sprite {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/sprites/", $name, ".txt"))
    };
}
pub(super) use sprite;

/// What a figure may be about, each with two frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Motion {
    /// Breathing.
    Rest,
    /// On its way.
    Walk,
    /// Striking: the swing back, then the blow.
    Strike,
    /// Struck.
    Hurt,
    /// Falling, then lying.
    Death,
}

impl Motion {
    const ALL: [(Self, &str); 5] = [
        (Self::Rest, "rest"),
        (Self::Walk, "walk"),
        (Self::Strike, "strike"),
        (Self::Hurt, "hurt"),
        (Self::Death, "death"),
    ];
}

/// Two frames for each motion of something that lives.
#[derive(Debug, Clone, Default)]
pub(crate) struct Figure([[Tile; 2]; Motion::ALL.len()]);

impl Figure {
    /// Frame `beat`, 0 or 1, of `motion`.
    pub(crate) fn frame(&self, motion: Motion, beat: usize) -> Tile {
        self.0[motion as usize][beat % 2]
    }

    fn pack(atlas: &mut Atlas, text: &str) -> Self {
        let frames = atlas.add(&Sheet::parse(text));
        Self(Motion::ALL.map(|(_, name)| {
            let mut of = frames.iter().filter(|(motion, _)| motion == name).map(|(_, tile)| *tile);
            [(); 2].map(|()| of.next().unwrap_or_default())
        }))
    }
}

/// Every picture.
#[derive(Resource, Debug, Clone)]
pub(crate) struct Art {
    atlas: Handle<Image>,
    /// The hero.
    pub(crate) hero: Figure,
    monsters: [Figure; Kind::ALL.len()],
    /// A bag of Gold.
    pub(crate) loot: Tile,
    /// What glitters on it.
    pub(crate) sparkle: [Tile; 2],
    /// Walls seen from the front; the first is the usual one.
    pub(crate) walls: [Tile; 3],
    /// A wall seen from above.
    pub(crate) roof: Tile,
    /// Floors; the first is the usual one.
    pub(crate) floors: [Tile; 3],
    /// What lies about on the floor.
    pub(crate) decor: [Tile; 4],
    /// A standing torch.
    pub(crate) torch: [Tile; 3],
    /// A swing of the sword, to the right.
    pub(crate) slash: Tile,
    /// Signs of health, mana and experience.
    pub(crate) icons: [Tile; 3],
    /// Soft light.
    pub(crate) glow: Handle<Image>,
    /// A shadow's disc.
    pub(crate) shadow: Handle<Image>,
}

impl Art {
    /// The figure of this kind of monster.
    pub(crate) fn monster(&self, kind: Kind) -> &Figure {
        &self.monsters[kind as usize]
    }

    /// A frame of the atlas as a square of `side` world units.
    pub(crate) fn square(&self, tile: Tile, side: f32) -> Sprite {
        Sprite { image: self.atlas.clone(), rect: Some(tile.own), custom_size: Some(Vec2::splat(side)), ..default() }
    }

    /// A frame of the atlas for a sheet or the head-up display.
    pub(crate) fn icon(&self, tile: Tile) -> ImageNode {
        ImageNode { image: self.atlas.clone(), rect: Some(tile.own), ..default() }
    }

    /// Packs everything that is drawn; gives the pictures without handles, and the atlas.
    fn pack() -> (Self, Atlas) {
        let mut atlas = Atlas::default();
        let hero = Figure::pack(&mut atlas, sprite!("hero"));
        let monsters = Kind::ALL.map(|kind| Figure::pack(&mut atlas, looks(kind).sheet));
        let mut one = |text: &str| tiles::<1>(&mut atlas, text)[0];
        let (loot, roof, slash) = (one(sprite!("loot")), one(sprite!("roof")), one(sprite!("slash")));
        let art = Self {
            atlas: Handle::default(),
            hero,
            monsters,
            loot,
            sparkle: tiles(&mut atlas, sprite!("sparkle")),
            walls: tiles(&mut atlas, sprite!("wall")),
            roof,
            floors: tiles(&mut atlas, sprite!("floor")),
            decor: tiles(&mut atlas, sprite!("decor")),
            torch: tiles(&mut atlas, sprite!("torch")),
            slash,
            icons: tiles(&mut atlas, sprite!("icon")),
            glow: Handle::default(),
            shadow: Handle::default(),
        };
        (art, atlas)
    }
}

/// The first frames of a sprite, whatever its motions are called.
fn tiles<const N: usize>(atlas: &mut Atlas, text: &str) -> [Tile; N] {
    let mut frames = atlas.add(&Sheet::parse(text)).into_iter();
    [(); N].map(|()| frames.next().map(|(_, tile)| tile).unwrap_or_default())
}

/// Side of a sprite that is drawn with so many pixels for one of its own, in world units.
pub(crate) const fn side(scale: f32) -> f32 {
    SIDE as f32 * scale
}

impl FromWorld for Art {
    fn from_world(world: &mut World) -> Self {
        let (art, atlas) = Self::pack();
        // Without a renderer there are no images, and tests run without pictures.
        let Some(mut images) = world.get_resource_mut::<Assets<Image>>() else { return art };
        Self {
            atlas: images.add(atlas.image()),
            glow: images.add(pixels::glow(64, 2.0)),
            shadow: images.add(pixels::glow(16, 0.6)),
            ..art
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use bevy::image::{CompressedImageFormats, ImageSampler, ImageType};

    use super::*;
    use crate::theme::palette;

    const ASSETS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../assets");

    #[test]
    fn every_frame_is_square_and_in_the_palette() {
        for entry in fs::read_dir(Path::new(ASSETS).join("sprites")).expect("the sprites") {
            let path = entry.expect("a file").path();
            let text = fs::read_to_string(&path).expect("text");
            let name = path.display();
            let rows = text.lines().filter(|line| !line.starts_with('[')).count();
            let frames = text.lines().filter(|line| line.starts_with('[')).count().max(1);
            assert_eq!(rows, frames * SIDE, "rows of {name}");
            for line in text.lines().filter(|line| !line.starts_with('[')) {
                assert_eq!(line.chars().count(), SIDE, "a row of {name}: {line}");
                for letter in line.chars().filter(|letter| *letter != '.') {
                    assert!(palette::letter(letter).is_some(), "{name} uses {letter:?}");
                }
            }
        }
    }

    #[test]
    fn every_figure_has_two_different_frames_for_each_motion() {
        let (art, _) = Art::pack();
        let figures = Kind::ALL.into_iter().map(|kind| (kind.name(), art.monster(kind)));
        for (name, figure) in figures.chain([("hero", &art.hero)]) {
            for (motion, _) in Motion::ALL {
                let [first, second] = [0, 1].map(|beat| figure.frame(motion, beat));
                assert!(first != second && first != Tile::default(), "{name}: {motion:?}");
            }
        }
    }

    /// `LATCHKEY_WRITE_ATLAS=1` writes it anew.
    #[test]
    fn the_committed_atlas_is_what_is_packed() {
        let path = Path::new(ASSETS).join("atlas.png");
        let packed = Art::pack().1.image();
        if std::env::var_os("LATCHKEY_WRITE_ATLAS").is_some() {
            packed.clone().try_into_dynamic().expect("four bytes a pixel").save(&path).expect("a folder of our own");
        }
        let bytes = fs::read(&path).expect("the atlas; LATCHKEY_WRITE_ATLAS=1 writes it");
        let formats = CompressedImageFormats::NONE;
        let png = ImageType::Extension("png");
        let read = Image::from_buffer(&bytes, png, formats, true, ImageSampler::Default, default()).expect("a picture");
        let same = (read.size(), read.data) == (packed.size(), packed.data);
        assert!(same, "sprites have changed: LATCHKEY_WRITE_ATLAS=1 cargo test --workspace -- committed_atlas");
    }
}
