//! Level and health above monsters: solid where the chain agrees, faint where it is only predicted, eased in both.

use bevy::prelude::*;
use bevy::sprite::Text2dShadow;

use crate::level::tiles::depth;
use crate::rules::Kind;
use crate::theme::art;
use crate::theme::bestiary::looks;
use crate::theme::palette;
use crate::theme::tones::Tones;
use crate::theme::widgets::{self, CRISP};
use crate::view::body::MonsterBody;
use crate::view::realm::Realm;
use crate::view::screen::{Screen, Step};

/// Width and height of a full bar, in world units.
const SIZE: Vec2 = Vec2::new(44.0, 6.0);
/// Height of the level's letters, in world units.
const LETTERS: f32 = CRISP;
/// Share of a difference that is left after one second.
const EASE_PER_SECOND: f32 = 0.0008;

/// One layer of a bar, from `from` to `to` of its width.
#[derive(Component, Debug, Clone, Copy)]
enum Layer {
    Back,
    /// What is certain: the smaller of prediction and confirmation.
    Solid {
        shown: f32,
    },
    /// What is not: between the two.
    Faint {
        from: f32,
        to: f32,
    },
}

#[derive(Component)]
struct Bar;

/// The monster's level, before its bar.
#[derive(Component)]
struct Level;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, (hang, ease, count).chain().in_set(Step::Show).run_if(in_state(Screen::Dungeon)));
}

fn hang(mut commands: Commands, fresh: Query<(Entity, &MonsterBody), Added<MonsterBody>>) {
    for (entity, monster) in &fresh {
        let height = art::side(looks(Kind::of(monster.0)).scale) + 6.0;
        let sprite = |colour: Color, size: Vec2| Sprite { color: colour, custom_size: Some(size), ..default() };
        commands.entity(entity).with_child((
            Bar,
            Transform::from_xyz(0.0, height, depth::BAR - depth::FIGURE),
            Visibility::Inherited,
            children![
                (Layer::Back, sprite(palette::INK, SIZE + 4.0), Transform::from_xyz(0.0, 0.0, 0.0)),
                (Layer::Faint { from: 1.0, to: 1.0 }, sprite(palette::BLOOD, SIZE), Transform::from_xyz(0.0, 0.0, 0.1)),
                (Layer::Solid { shown: 1.0 }, sprite(palette::EMBER, SIZE), Transform::from_xyz(0.0, 0.0, 0.2)),
                (
                    Level,
                    Text2d::default(),
                    widgets::letters(LETTERS),
                    TextColor(palette::BONE),
                    Text2dShadow { offset: Vec2::new(1.0, -1.0), color: palette::INK },
                    Transform::from_xyz(-0.5 * SIZE.x - LETTERS, 0.0, 0.2),
                ),
            ],
        ));
    }
}

fn ease(
    time: Res<Time>,
    realm: Res<Realm>,
    tones: Res<Tones>,
    monsters: Query<(&MonsterBody, &Children)>,
    mut bars: Query<(&mut Visibility, &Children), With<Bar>>,
    mut layers: Query<(&mut Layer, &mut Sprite, &mut Transform)>,
) {
    let left = EASE_PER_SECOND.powf(time.delta_secs());
    for (monster, children) in &monsters {
        let (predicted, confirmed) = realm.monster_health(monster.0);
        let hurt = predicted < 1.0 || confirmed < 1.0;
        for child in children {
            let Ok((mut visibility, parts)) = bars.get_mut(*child) else { continue };
            let gone = predicted == 0.0 && confirmed == 0.0;
            *visibility = if hurt && !gone { Visibility::Inherited } else { Visibility::Hidden };
            for part in parts {
                let Ok((mut layer, mut sprite, mut transform)) = layers.get_mut(*part) else { continue };
                let (from, to) = layer.ease(predicted, confirmed, left);
                sprite.custom_size = Some(match *layer {
                    Layer::Back => SIZE + 4.0,
                    _ => Vec2::new(SIZE.x * (to - from).max(0.0), SIZE.y),
                });
                sprite.color = match *layer {
                    Layer::Back => palette::INK,
                    Layer::Solid { .. } => tones.foe,
                    Layer::Faint { .. } if predicted > confirmed => tones.waiting.with_alpha(0.6),
                    Layer::Faint { .. } => palette::BONE.with_alpha(0.45),
                };
                transform.translation.x = SIZE.x * ((from + to) / 2.0 - 0.5);
            }
        }
    }
}

fn count(
    realm: Res<Realm>,
    monsters: Query<(&MonsterBody, &Children)>,
    bars: Query<&Children, With<Bar>>,
    mut levels: Query<&mut Text2d, With<Level>>,
) {
    for (monster, children) in &monsters {
        let words = realm.monster_level(monster.0).to_string();
        for part in children.iter().filter_map(|child| bars.get(child).ok()).flatten() {
            if let Ok(mut text) = levels.get_mut(*part)
                && text.0 != words
            {
                text.0.clone_from(&words);
            }
        }
    }
}

impl Layer {
    /// Moves towards what should be shown and gives where it begins and ends.
    fn ease(&mut self, predicted: f32, confirmed: f32, left: f32) -> (f32, f32) {
        let (low, high) = (predicted.min(confirmed), predicted.max(confirmed));
        match self {
            Self::Back => (0.0, 1.0),
            Self::Solid { shown } => {
                *shown = low.lerp(*shown, left);
                (0.0, *shown)
            }
            Self::Faint { from, to } => {
                *from = low.lerp(*from, left);
                *to = high.lerp(*to, left);
                (*from, *to)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_ease_and_end_where_they_should() {
        let mut solid = Layer::Solid { shown: 1.0 };
        let (_, first) = solid.ease(0.5, 1.0, 0.5);
        assert_eq!(first, 0.75, "half of the way, never a snap");
        let (_, last) = solid.ease(0.5, 1.0, 0.0);
        assert_eq!(last, 0.5);
        let mut faint = Layer::Faint { from: 1.0, to: 1.0 };
        assert_eq!(faint.ease(0.5, 1.0, 0.0), (0.5, 1.0), "the unconfirmed part lies between");
    }
}
