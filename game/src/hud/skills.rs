//! What the hero can do, with keys, costs and the cooldown.

use bevy::prelude::*;

use crate::input::skill_control;
use crate::rules::Skill;
use crate::theme::palette;
use crate::theme::tones::Tones;
use crate::theme::widgets::{NORMAL, SMALL, SPACE, panel, text};
use crate::view::keys::Control;
use crate::view::realm::Realm;
use crate::view::screen::{Screen, Step};
use crate::view::settings::Settings;

#[derive(Component, Debug, Clone, Copy)]
struct Slot(Option<Skill>);

#[derive(Component)]
struct State;

/// The key's name on a slot.
#[derive(Component)]
struct Key;

/// What covers a slot while its skill recovers, from below.
#[derive(Component, Debug, Default)]
struct Cooldown {
    left_s: f32,
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Screen::Dungeon), spawn).add_systems(
        Update,
        (show, cool, rename.run_if(resource_changed::<Settings>)).in_set(Step::Show).run_if(in_state(Screen::Dungeon)),
    );
}

fn spawn(mut commands: Commands, settings: Res<Settings>) {
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
        bar.spawn(slot(None, &settings.keys.words(Control::Attack), "Attack"));
        for skill in Skill::ALL {
            bar.spawn(slot(Some(skill), &settings.keys.words(skill_control(skill)), skill.balance().name));
        }
    });
}

fn slot(skill: Option<Skill>, key: &str, name: &str) -> impl Bundle + use<> {
    (
        Slot(skill),
        panel(Node {
            width: px(160),
            flex_direction: FlexDirection::Column,
            align_items: AlignItems::Center,
            row_gap: px(SPACE / 2.0),
            ..default()
        }),
        children![
            (Key, text(key, SMALL, palette::MIST)),
            text(name, NORMAL, palette::WHITE),
            (State, text("", SMALL, palette::LIME)),
            (
                Cooldown::default(),
                Node {
                    position_type: PositionType::Absolute,
                    left: px(0),
                    bottom: px(0),
                    width: percent(100),
                    ..default()
                },
                BackgroundColor(palette::INK.with_alpha(0.6)),
            ),
        ],
    )
}

fn show(
    realm: Res<Realm>,
    mut slots: Query<(&Slot, &Children, &mut BorderColor)>,
    tones: Res<Tones>,
    mut states: Query<(&mut Text, &mut TextColor), With<State>>,
) {
    let (player, hero) = (&realm.predicted.player, realm.predicted.hero());
    for (slot, children, mut border) in &mut slots {
        let (words, colour) = match slot.0 {
            None => (format!("{} damage", hero.attack_damage()), tones.good),
            Some(skill) => match hero.ready_at(skill).saturating_sub(realm.now) {
                0 if !player.affords(skill) => (format!("needs {}", skill.price()), tones.bad),
                0 if skill.balance().mana > 0 => (skill.price(), palette::SKY),
                0 => (skill.price(), palette::GOLD),
                wait => (format!("wait {wait} s"), palette::MIST),
            },
        };
        *border = BorderColor::all(if colour == palette::MIST || colour == tones.bad {
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

/// The chain counts whole seconds; the veil sinks evenly between them, and never behind them.
fn cool(
    realm: Res<Realm>,
    time: Res<Time>,
    slots: Query<(&Slot, &Children)>,
    mut veils: Query<(&mut Cooldown, &mut Node)>,
) {
    for (slot, children) in &slots {
        let Some(skill) = slot.0 else { continue };
        let wait_s = realm.predicted.hero().ready_at(skill).saturating_sub(realm.now) as f32;
        let whole_s = skill.balance().cooldown_s.max(1) as f32;
        for child in children {
            let Ok((mut cooldown, mut node)) = veils.get_mut(*child) else { continue };
            cooldown.left_s = (cooldown.left_s - time.delta_secs()).clamp((wait_s - 1.0).max(0.0), wait_s.min(whole_s));
            let height = percent(100.0 * cooldown.left_s / whole_s);
            if node.height != height {
                node.height = height;
            }
        }
    }
}

fn rename(settings: Res<Settings>, slots: Query<(&Slot, &Children)>, mut names: Query<&mut Text, With<Key>>) {
    for (slot, children) in &slots {
        let control = slot.0.map_or(Control::Attack, skill_control);
        for child in children {
            if let Ok(mut text) = names.get_mut(*child) {
                text.set_if_neq(Text(settings.keys.words(control)));
            }
        }
    }
}
