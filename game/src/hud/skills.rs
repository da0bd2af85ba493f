//! What the hero can do, with keys, costs and the cooldown.

use bevy::prelude::*;

use crate::input::skill_keys;
use crate::rules::Skill;
use crate::theme::palette;
use crate::theme::widgets::{NORMAL, SMALL, SPACE, panel, text};
use crate::view::realm::Realm;
use crate::view::screen::{Screen, Step};

#[derive(Component, Debug, Clone, Copy)]
struct Slot(Option<Skill>);

#[derive(Component)]
struct State;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Screen::Dungeon), spawn)
        .add_systems(Update, show.in_set(Step::Show).run_if(in_state(Screen::Dungeon)));
}

fn spawn(mut commands: Commands) {
    let bar = (
        Node {
            position_type: PositionType::Absolute,
            bottom: px(2.0 * SPACE),
            right: px(2.0 * SPACE),
            column_gap: px(SPACE),
            ..default()
        },
        DespawnOnExit(Screen::Dungeon),
    );
    commands.spawn(bar).with_children(|bar| {
        bar.spawn(slot(None, "Space", "Attack"));
        for skill in Skill::ALL {
            bar.spawn(slot(Some(skill), skill_keys(skill).1, skill.balance().name));
        }
    });
}

fn slot(skill: Option<Skill>, key: &str, name: &str) -> impl Bundle + use<> {
    (
        Slot(skill),
        panel(Node {
            width: px(144),
            flex_direction: FlexDirection::Column,
            align_items: AlignItems::Center,
            row_gap: px(SPACE / 2.0),
            ..default()
        }),
        children![
            text(key, SMALL, palette::MIST),
            text(name, NORMAL, palette::WHITE),
            (State, text("", SMALL, palette::LIME)),
        ],
    )
}

fn show(
    realm: Res<Realm>,
    mut slots: Query<(&Slot, &Children, &mut BorderColor)>,
    mut states: Query<(&mut Text, &mut TextColor), With<State>>,
) {
    let (player, hero) = (&realm.predicted.player, realm.predicted.hero());
    for (slot, children, mut border) in &mut slots {
        let (words, colour) = match slot.0 {
            None => (format!("{} damage", hero.attack_damage()), palette::LIME),
            Some(skill) => match hero.ready_at(skill).saturating_sub(realm.now) {
                0 if !player.affords(skill) => (format!("needs {}", skill.price()), palette::EMBER),
                0 if skill.balance().mana > 0 => (skill.price(), palette::SKY),
                0 => (skill.price(), palette::GOLD),
                wait => (format!("wait {wait} s"), palette::MIST),
            },
        };
        *border = BorderColor::all(if colour == palette::MIST || colour == palette::EMBER {
            palette::SLATE
        } else {
            palette::STONE
        });
        for child in children {
            if let Ok((mut text, mut shown)) = states.get_mut(*child) {
                text.set_if_neq(Text(words.clone()));
                shown.0 = colour;
            }
        }
    }
}
