//! The few things that screens, menus and head-up display are made of.

use bevy::prelude::*;

use super::palette;

/// Letters of quiet text, in pixels.
pub(crate) const SMALL: f32 = 16.0;
/// Letters of ordinary text, in pixels.
pub(crate) const NORMAL: f32 = 18.0;
/// Letters of a heading, in pixels.
pub(crate) const LARGE: f32 = 30.0;
/// The one space that all others are multiples of, in pixels.
pub(crate) const SPACE: f32 = 8.0;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, shade_buttons);
}

/// Text in one size and colour.
///
/// The built-in font knows ASCII alone; other punctuation is written with its nearest.
pub(crate) fn text(words: &str, size: f32, colour: Color) -> impl Bundle + use<> {
    (Text::new(plain(words)), TextFont::from_font_size(size), TextColor(colour))
}

/// `words` with only the characters that the font can draw.
pub(crate) fn plain(words: &str) -> String {
    words
        .chars()
        .map(|letter| match letter {
            '\u{2013}' | '\u{2014}' | '\u{2212}' => '-',
            '\u{2018}' | '\u{2019}' => '\'',
            '\u{201c}' | '\u{201d}' => '"',
            '\u{b7}' | '\u{2022}' => '-',
            '\u{d7}' => 'x',
            '\u{a0}' | '\u{202f}' => ' ',
            '\n' => '\n',
            letter if letter.is_ascii() && !letter.is_ascii_control() => letter,
            _ => '?',
        })
        .collect()
}

/// A box with the palette's dark ground and a thin border.
pub(crate) fn panel(node: Node) -> impl Bundle {
    let node = Node {
        padding: UiRect::all(px(2.0 * SPACE)),
        border: UiRect::all(px(2)),
        border_radius: BorderRadius::all(px(6)),
        ..node
    };
    (node, BackgroundColor(palette::NIGHT.with_alpha(0.96)), BorderColor::all(palette::SLATE))
}

/// A button with `label`; `strong` for the one that Enter presses.
pub(crate) fn button<M: Bundle>(label: &str, strong: bool, mark: M) -> impl Bundle + use<M> {
    let ground = Ground(if strong { palette::MOSS } else { palette::DUSK });
    (
        Button,
        mark,
        Node {
            padding: UiRect::axes(px(3.0 * SPACE), px(1.25 * SPACE)),
            border: UiRect::all(px(2)),
            border_radius: BorderRadius::all(px(6)),
            justify_content: JustifyContent::Center,
            ..default()
        },
        BackgroundColor(ground.0),
        BorderColor::all(if strong { palette::LIME } else { palette::STONE }),
        ground,
        children![text(label, NORMAL, palette::WHITE)],
    )
}

/// Colour of a button that is left alone.
#[derive(Component, Debug, Clone, Copy)]
struct Ground(Color);

fn shade_buttons(mut buttons: Query<(&Interaction, &Ground, &mut BackgroundColor), Changed<Interaction>>) {
    for (interaction, ground, mut shown) in &mut buttons {
        shown.0 = match interaction {
            Interaction::None => ground.0,
            Interaction::Hovered => ground.0.mix(&palette::BONE, 0.15),
            Interaction::Pressed => ground.0.mix(&palette::INK, 0.35),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_drawable_characters_are_left() {
        assert_eq!(plain("5/s \u{2013} \u{201c}GOLD\u{201d} \u{2192}"), "5/s - \"GOLD\" ?");
    }
}
