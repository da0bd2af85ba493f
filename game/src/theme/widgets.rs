//! The few things that screens, menus and head-up display are made of.

use bevy::prelude::*;
use bevy::text::FontHinting;

use super::focus::{Arrow, Meant, Reachable, Stepper};
use super::palette;

/// Letters whose every dot is a pixel wide, in pixels: the font has 56 dots to three heights.
pub(crate) const CRISP: f32 = 56.0 / 3.0;
/// Letters of ordinary size, in pixels; the player's choice of letters changes it for all text on sheets.
pub(crate) const REM: f32 = CRISP;
/// Letters of quiet text, in pixels at that size; smaller ones could not be told apart, and addresses are read here.
pub(crate) const SMALL: f32 = CRISP;
/// Letters of ordinary text, in pixels.
pub(crate) const NORMAL: f32 = CRISP;
/// Letters of a heading, in pixels.
pub(crate) const LARGE: f32 = 2.0 * CRISP;
/// The one space that all others are multiples of, in pixels.
pub(crate) const SPACE: f32 = 8.0;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, shade_buttons);
}

/// Text in one size and colour.
pub(crate) fn text(words: &str, size: f32, colour: Color) -> impl Bundle + use<> {
    // Hinting closes the gaps of this font's letters, so that 6 and 8 look alike.
    (Text::new(plain(words)), letters(size), TextColor(colour), FontHinting::Disabled)
}

/// Letters of a size in pixels, as far as the player's choice of letters lets it be.
pub(crate) fn letters(size: f32) -> TextFont {
    TextFont::from_font_size(FontSize::Rem(size / REM))
}

/// `words` with only the characters that the font can draw; others are written with their nearest.
pub(crate) fn plain(words: &str) -> String {
    words
        .chars()
        .map(|letter| match letter {
            '\u{2212}' => '-',
            '\u{202f}' => ' ',
            '\n' | '\u{2013}' | '\u{2014}' | '\u{2018}' | '\u{2019}' | '\u{201c}' | '\u{201d}' | '\u{2026}' => letter,
            ' '..='~' | '\u{a0}'..='\u{ff}' => letter,
            _ => '?',
        })
        .collect()
}

/// Hours, minutes and seconds.
pub(crate) fn clock(seconds: u64) -> String {
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// A node that fills the window with `node`'s contents in its middle.
pub(crate) fn middle() -> Node {
    Node {
        position_type: PositionType::Absolute,
        width: percent(100),
        height: percent(100),
        flex_direction: FlexDirection::Column,
        align_items: AlignItems::Center,
        justify_content: JustifyContent::Center,
        ..default()
    }
}

/// A box with the palette's dark ground and a thin border.
pub(crate) fn panel(node: Node) -> impl Bundle {
    let node = Node {
        padding: UiRect::all(px(2.0 * SPACE)),
        border: UiRect::all(px(2)),
        border_radius: BorderRadius::all(px(6)),
        ..node
    };
    (node, BackgroundColor(palette::NIGHT), BorderColor::all(palette::SLATE))
}

/// Ground of a line of words over the dungeon, so that walls do not run into its letters; [`line_ground`] colours it.
pub(crate) fn line() -> impl Bundle {
    let node = Node {
        padding: UiRect::axes(px(1.5 * SPACE), px(SPACE / 2.0)),
        border_radius: BorderRadius::all(px(4)),
        ..default()
    };
    (node, BackgroundColor(Color::NONE))
}

/// Colour of the ground under `words` of this opacity.
pub(crate) fn line_ground(words: &str, opacity: f32) -> BackgroundColor {
    BackgroundColor(palette::INK.with_alpha(if words.is_empty() { 0.0 } else { 0.7 * opacity }))
}

/// A button with `label`.
pub(crate) fn button<M: Bundle>(label: &str, mark: M) -> impl Bundle + use<M> {
    lever(label, palette::DUSK, palette::STONE, mark)
}

/// The button that is meant to be pressed, with `label`.
pub(crate) fn strong<M: Bundle>(label: &str, mark: M) -> impl Bundle + use<M> {
    lever(label, palette::MOSS, palette::LIME, (Meant, mark))
}

/// A button that shares its row evenly with others.
pub(crate) fn half<M: Bundle>(label: &str, mark: M) -> impl Bundle + use<M> {
    let node = Node { flex_grow: 1.0, flex_basis: px(0), ..default() };
    shaped(label, palette::DUSK, palette::STONE, mark, node)
}

fn lever<M: Bundle>(label: &str, ground: Color, border: Color, mark: M) -> impl Bundle + use<M> {
    shaped(label, ground, border, mark, Node::default())
}

fn shaped<M: Bundle>(label: &str, ground: Color, border: Color, mark: M, node: Node) -> impl Bundle + use<M> {
    (
        Button,
        Reachable,
        mark,
        Node {
            padding: UiRect::axes(px(if node.flex_grow > 0.0 { SPACE } else { 3.0 * SPACE }), px(SPACE)),
            border: UiRect::all(px(2)),
            border_radius: BorderRadius::all(px(6)),
            justify_content: JustifyContent::Center,
            ..node
        },
        Outline::new(px(2), px(2), Color::NONE),
        BackgroundColor(ground),
        BorderColor::all(border),
        Ground(ground),
        children![text(label, NORMAL, palette::WHITE)],
    )
}

/// A row `label  < value >` of `width` whose value is gone through.
pub(crate) fn stepper<M: Bundle>(label: &str, value: &str, width: f32, mark: M) -> impl Bundle + use<M> {
    let arrow = |words: &str, by: i32| {
        let node = Node { padding: UiRect::axes(px(SPACE), px(0)), ..default() };
        (
            Button,
            Arrow(by),
            Ground(Color::NONE),
            BackgroundColor(Color::NONE),
            node,
            children![text(words, NORMAL, palette::GOLD)],
        )
    };
    (
        Reachable,
        Stepper,
        mark,
        Node {
            width: px(width),
            padding: UiRect::axes(px(SPACE), px(SPACE / 2.0)),
            border_radius: BorderRadius::all(px(4)),
            align_items: AlignItems::Center,
            ..default()
        },
        Outline::new(px(2), px(0), Color::NONE),
        BackgroundColor(palette::DUSK),
        children![
            (Node { flex_grow: 1.0, ..default() }, children![text(label, NORMAL, palette::BONE)]),
            arrow("<", -1),
            text(value, NORMAL, palette::WHITE),
            arrow(">", 1),
        ],
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
    fn the_clock_counts_hours() {
        assert_eq!(clock(7_199), "1:59:59");
        assert_eq!(clock(5), "0:00:05");
    }

    #[test]
    fn only_drawable_characters_are_left() {
        assert_eq!(plain("\u{2212}5/s \u{2013} \u{201c}GOLD\u{201d} \u{2192}"), "-5/s \u{2013} \u{201c}GOLD\u{201d} ?");
    }
}
