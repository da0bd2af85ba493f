//! The pictures of the game, made once at the start.

use bevy::prelude::*;

use super::pixels::{self, Pixels};
use crate::rules::Kind;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Art>();
}

macro_rules! sprite {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/sprites/", $name, ".txt"))
    };
}

/// Texts of all sprites, by name.
const SPRITES: &[(&str, &str)] = &[
    ("hero", sprite!("hero")),
    ("hero-walk-1", sprite!("hero-walk-1")),
    ("hero-walk-2", sprite!("hero-walk-2")),
    ("hero-strike-1", sprite!("hero-strike-1")),
    ("hero-strike-2", sprite!("hero-strike-2")),
    ("slime", sprite!("slime")),
    ("skeleton", sprite!("skeleton")),
    ("ogre", sprite!("ogre")),
    ("loot", sprite!("loot")),
    ("wall", sprite!("wall")),
    ("roof", sprite!("roof")),
    ("floor-1", sprite!("floor-1")),
    ("floor-2", sprite!("floor-2")),
    ("floor-3", sprite!("floor-3")),
    ("torch", sprite!("torch")),
    ("slash", sprite!("slash")),
];

/// Two frames of something that lives, and its outline in white.
#[derive(Debug, Clone, Default)]
pub(crate) struct Figure {
    /// At ease, in their own colours.
    pub(crate) frames: [Handle<Image>; 2],
    /// On its way.
    pub(crate) walk: [Handle<Image>; 2],
    /// Striking: the swing back, then the blow.
    pub(crate) strike: [Handle<Image>; 2],
    /// The same frames, all white.
    pub(crate) flashes: [Handle<Image>; 2],
}

/// Every picture.
#[derive(Resource, Debug, Clone)]
pub(crate) struct Art {
    /// The hero.
    pub(crate) hero: Figure,
    slime: Figure,
    skeleton: Figure,
    ogre: Figure,
    /// A bag of Gold.
    pub(crate) loot: Handle<Image>,
    /// A wall seen from the front.
    pub(crate) wall: Handle<Image>,
    /// A wall seen from above.
    pub(crate) roof: Handle<Image>,
    /// Floors; the first is the usual one.
    pub(crate) floors: [Handle<Image>; 3],
    /// A standing torch.
    pub(crate) torch: [Handle<Image>; 2],
    /// A swing of the sword, to the right.
    pub(crate) slash: Handle<Image>,
    /// Soft light.
    pub(crate) glow: Handle<Image>,
    /// A shadow's disc.
    pub(crate) shadow: Handle<Image>,
}

impl Art {
    /// The figure of this kind of monster.
    pub(crate) fn monster(&self, kind: Kind) -> &Figure {
        match kind {
            Kind::Slime => &self.slime,
            Kind::Skeleton => &self.skeleton,
            Kind::Ogre => &self.ogre,
        }
    }
}

impl FromWorld for Art {
    fn from_world(world: &mut World) -> Self {
        // Without a renderer there are no images, and tests run without pictures.
        let mut images = world.get_resource_mut::<Assets<Image>>();
        let mut add = |image: Image| images.as_mut().map(|images| images.add(image)).unwrap_or_default();
        let read = |name: &str| {
            let text = SPRITES.iter().find(|(candidate, _)| *candidate == name).map_or("", |(_, text)| text);
            Pixels::parse(text)
        };
        let mut figure = |name: &str, waist: usize| {
            let pixels = read(name);
            let frames = [pixels.clone(), pixels.sunk(waist)];
            let breath = frames.each_ref().map(|frame| add(frame.image()));
            // Who has no pictures of a motion moves as it breathes, only faster.
            let mut motion = |motion: &str| {
                let names = [1, 2].map(|step| format!("{name}-{motion}-{step}"));
                let drawn = names.iter().all(|name| SPRITES.iter().any(|(known, _)| known == name));
                if drawn { names.map(|name| add(read(&name).image())) } else { breath.clone() }
            };
            Figure {
                walk: motion("walk"),
                strike: motion("strike"),
                frames: breath,
                flashes: frames.each_ref().map(|frame| add(frame.silhouette())),
            }
        };
        let (hero, slime) = (figure("hero", 11), figure("slime", 11));
        let (skeleton, ogre) = (figure("skeleton", 11), figure("ogre", 9));
        Self {
            hero,
            slime,
            skeleton,
            ogre,
            loot: add(read("loot").image()),
            wall: add(read("wall").image()),
            roof: add(read("roof").image()),
            floors: ["floor-1", "floor-2", "floor-3"].map(|name| add(read(name).image())),
            torch: [add(read("torch").image()), add(read("torch").sunk(4).image())],
            slash: add(read("slash").image()),
            glow: add(pixels::glow(64, 2.0)),
            shadow: add(pixels::glow(16, 0.6)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::palette;

    #[test]
    fn every_sprite_is_square_and_in_the_palette() {
        for (name, text) in SPRITES {
            assert_eq!(text.lines().count(), pixels::SIDE, "rows of {name}");
            for line in text.lines() {
                assert_eq!(line.chars().count(), pixels::SIDE, "a row of {name}: {line}");
                for letter in line.chars().filter(|letter| *letter != '.') {
                    assert!(palette::letter(letter).is_some(), "{name} uses {letter:?}");
                }
            }
        }
    }
}
