//! The palette: every colour of the game, each with the letter that stands for it in a sprite.

use bevy::prelude::*;

macro_rules! palette {
    ($($name:ident $letter:literal $hex:literal $what:literal;)*) => {
        $(#[doc = $what] pub(crate) const $name: Color = rgb($hex);)*
        /// Every colour with its letter.
        pub(crate) const ALL: &[(char, Color)] = &[$(($letter, $name)),*];
    };
}

palette! {
    INK 'k' 0x15121c "Outlines, and what lies beyond the light.";
    NIGHT 'n' 0x241f31 "Tops of walls, panels.";
    DUSK 'd' 0x3a3350 "Floor.";
    SEAM 'e' 0x322b46 "Seams between floor stones.";
    SLATE 's' 0x4a4166 "Stone in shadow, borders.";
    STONE 't' 0x756a8f "Stone in the light.";
    MIST 'm' 0xa9a1c2 "Metal, quiet text.";
    BONE 'w' 0xe8e2d6 "Bones, text.";
    WHITE 'W' 0xfffaf0 "Flashes, strong text.";
    BLOOD 'r' 0xa52f3c "Health that is going.";
    EMBER 'R' 0xf0564a "Health, trouble.";
    RUST 'o' 0xa9552d "Fire in shadow.";
    FLAME 'O' 0xf29a3d "Fire.";
    GOLD 'y' 0xf7cf5c "Gold.";
    GLOW 'Y' 0xfff0a6 "The heart of a fire.";
    MOSS 'g' 0x2f6b48 "Slime in shadow.";
    LEAF 'G' 0x57b060 "Slime, everything well.";
    LIME 'l' 0xa8e070 "Slime in the light, experience.";
    DEEP 'b' 0x27407a "Cloth in shadow.";
    AZURE 'B' 0x3f7fd0 "Cloth, mana.";
    SKY 'c' 0x7cc8f2 "Cloth in the light, what is not confirmed yet.";
    PLUM 'p' 0x6a2f6e "Hide in shadow.";
    ORCHID 'P' 0xa656a8 "Hide.";
    UMBER 'u' 0x4b2f28 "Leather in shadow.";
    BROWN 'U' 0x7d5238 "Leather.";
    SKIN 'S' 0xe6b48a "Skin.";
}

const fn rgb(hex: u32) -> Color {
    const fn channel(byte: u32) -> f32 {
        (byte & 0xff) as f32 / 255.0
    }
    Color::srgb(channel(hex >> 16), channel(hex >> 8), channel(hex))
}

/// Red, green and blue of the colour with this letter.
pub(crate) fn letter(letter: char) -> Option<[u8; 3]> {
    let (_, colour) = ALL.iter().find(|(candidate, _)| *candidate == letter)?;
    Some(colour.to_srgba().to_u8_array_no_alpha())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_palette_is_small_and_its_letters_are_unique() {
        assert!(ALL.len() <= 32, "one palette of at most 32 colours");
        let mut letters: Vec<char> = ALL.iter().map(|(letter, _)| *letter).collect();
        letters.sort_unstable();
        letters.dedup();
        assert_eq!(letters.len(), ALL.len());
    }
}
