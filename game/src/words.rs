//! The words on screen, kept in a file: for a screen reader, and for tests that press real keys.
//!
//! The first line names screen, menu and panel; each further line is a text as it can be read, from top to bottom. What
//! Enter would press begins with `> `.

use std::path::{Path, PathBuf};
use std::{fs, io};

use bevy::prelude::*;
use bevy::ui::UiGlobalTransform;

use crate::view::screen::{Menu, Panel, Screen};

/// Seconds between two looks at the screen; nobody reads faster.
const LOOK_EVERY_S: f32 = 0.1;
/// Texts whose middles are this near to each other in height are on one line, in pixels.
const LINE: f32 = 8.0;
/// Opacity below which a text cannot be read.
const FAINTEST: f32 = 0.1;

/// Frames until the renderer has shown what is known in this one.
const DRAWN_AFTER: u32 = 4;

/// Where the words are kept.
#[derive(Resource, Debug)]
struct WordsFile {
    path: PathBuf,
    kept: String,
    seen: String,
    frames: u32,
    unlooked_s: f32,
}

/// Keeps the words on screen in the file at `path`.
pub(crate) fn plugin(path: PathBuf) -> impl Fn(&mut App) {
    move |app| {
        app.insert_resource(WordsFile {
            path: path.clone(),
            kept: String::new(),
            seen: String::new(),
            frames: DRAWN_AFTER,
            unlooked_s: 0.0,
        })
        .add_systems(Last, (look, keep).chain());
    }
}

type Shown = (
    Entity,
    &'static Text,
    &'static TextColor,
    &'static ComputedNode,
    &'static UiGlobalTransform,
    &'static InheritedVisibility,
);

fn look(
    time: Res<Time>,
    screen: Res<State<Screen>>,
    menu: Res<State<Menu>>,
    panel: Res<State<Panel>>,
    texts: Query<Shown>,
    (parents, outlines): (Query<&ChildOf>, Query<&Outline>),
    mut file: ResMut<WordsFile>,
) {
    file.unlooked_s += time.delta_secs();
    if file.unlooked_s < LOOK_EVERY_S || file.frames < DRAWN_AFTER {
        return;
    }
    file.unlooked_s = 0.0;
    let readable = texts.iter().filter(|(_, text, colour, node, _, visible)| {
        visible.get() && !text.0.is_empty() && colour.0.alpha() > FAINTEST && node.size().min_element() > 0.0
    });
    let outlined = |entity: Entity| outlines.get(entity).is_ok_and(|outline| outline.color != Color::NONE);
    let mut lines: Vec<(i32, f32, String)> = readable
        .map(|(entity, text, _, _, transform, _)| {
            let mark = if parents.iter_ancestors(entity).any(outlined) { "> " } else { "" };
            let at = transform.translation;
            ((at.y / LINE) as i32, at.x, format!("{mark}{}", text.0))
        })
        .collect();
    lines.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mut words = format!("screen {:?}, menu {:?}, panel {:?}\n", screen.get(), menu.get(), panel.get());
    for (.., line) in lines {
        words.push_str(&line);
        words.push('\n');
    }
    (file.seen, file.frames) = (words, 0);
}

/// Keeps what was seen so long ago that it is drawn.
fn keep(mut file: ResMut<WordsFile>) {
    file.frames += 1;
    if file.frames != DRAWN_AFTER || file.seen == file.kept {
        return;
    }
    if let Err(error) = replace(&file.path, &file.seen) {
        tracing::warn!("the words on screen could not be kept in {}: {error}", file.path.display());
    }
    file.kept = file.seen.clone();
}

/// Whoever reads the file meanwhile finds the former words whole.
fn replace(path: &Path, words: &str) -> io::Result<()> {
    let fresh = path.with_extension("new");
    fs::write(&fresh, words)?;
    fs::rename(fresh, path)
}
