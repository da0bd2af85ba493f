//! Health, mana, experience and Gold.

use bevy::prelude::*;

use super::meter::{Meter, Words, meter};
use crate::rules::balance::{self, LEVEL_CAP};
use crate::rules::{Hero, Player};
use crate::theme::art::Art;
use crate::theme::palette;
use crate::theme::tones::Tones;
use crate::theme::widgets::{NORMAL, SPACE, panel, text};
use crate::view::realm::Realm;
use crate::view::screen::{Screen, Step};

/// Side of a meter's sign, in pixels: its sprite, twice.
const ICON: f32 = 32.0;

#[derive(Component, Debug, Clone, Copy)]
enum Vital {
    Health,
    Mana,
    Experience,
}

#[derive(Component)]
struct Purse;

#[derive(Component)]
struct Level;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Screen::Dungeon), spawn)
        .add_systems(Update, (fill, count).in_set(Step::Show).run_if(in_state(Screen::Dungeon)));
}

fn spawn(mut commands: Commands, art: Res<Art>, tones: Res<Tones>) {
    const WIDTH: f32 = 264.0;
    let row = Node { justify_content: JustifyContent::SpaceBetween, ..default() };
    commands.spawn((
        panel(Node {
            position_type: PositionType::Absolute,
            left: px(2.0 * SPACE),
            bottom: px(2.0 * SPACE),
            flex_direction: FlexDirection::Column,
            row_gap: px(SPACE),
            ..default()
        }),
        DespawnOnExit(Screen::Dungeon),
        children![
            (row, children![(Level, text("", NORMAL, palette::WHITE)), (Purse, text("", NORMAL, palette::GOLD)),]),
            line(&art, WIDTH, Vital::Health, &tones),
            line(&art, WIDTH, Vital::Mana, &tones),
            line(&art, WIDTH, Vital::Experience, &tones),
        ],
    ));
}

/// A meter with a sign of its own before it, for those whom colours do not tell it from the others.
fn line(art: &Art, width: f32, vital: Vital, tones: &Tones) -> impl Bundle + use<> {
    (
        Node { column_gap: px(1.5 * SPACE), align_items: AlignItems::Center, ..default() },
        children![
            (art.icon(art.icons[vital as usize]), Node { width: px(ICON), height: px(ICON), ..default() }),
            meter(width, 26.0, vital.colour(tones), vital),
        ],
    )
}

impl Vital {
    const fn colour(self, tones: &Tones) -> Color {
        match self {
            Self::Health => tones.health,
            Self::Mana => tones.mana,
            Self::Experience => tones.experience,
        }
    }
}

/// Value and most of a vital, and what it is called.
fn read(vital: Vital, hero: &Hero) -> (u32, u32, &'static str) {
    match vital {
        Vital::Health => (hero.health.into(), hero.max_health().into(), "Health"),
        Vital::Mana => (hero.mana.into(), hero.max_mana().into(), "Mana"),
        Vital::Experience => (hero.xp, balance::xp_to_next(hero.level), "XP"),
    }
}

fn fill(
    realm: Res<Realm>,
    tones: Res<Tones>,
    mut meters: Query<(&Vital, &mut Meter, &Children)>,
    mut words: Query<&mut Text, With<Words>>,
) {
    let share = |value: u32, most: u32| (value as f32 / most.max(1) as f32).min(1.0);
    for (vital, mut meter, children) in &mut meters {
        let (value, most, name) = read(*vital, realm.predicted.hero());
        let (certain, certain_most, _) = read(*vital, realm.confirmed.hero());
        meter.colour = vital.colour(&tones);
        meter.predicted = share(value, most);
        meter.confirmed = share(certain, certain_most);
        let label = if matches!(vital, Vital::Experience) && realm.predicted.hero().level >= LEVEL_CAP {
            format!("{name} {value}")
        } else {
            format!("{name} {value} / {most}")
        };
        for child in children {
            if let Ok(mut text) = words.get_mut(*child) {
                text.set_if_neq(Text(label.clone()));
            }
        }
    }
}

fn count(
    realm: Res<Realm>,
    mut level: Single<&mut Text, (With<Level>, Without<Purse>)>,
    purse: Single<(&mut Text, &mut TextColor), With<Purse>>,
) {
    let hero = realm.predicted.hero();
    level.set_if_neq(Text(format!("Level {}  Kills {}", hero.level, hero.kills)));
    let (mut text, mut colour) = purse.into_inner();
    let gold = Player::whole_gold;
    text.set_if_neq(Text(format!("{} Gold", gold(&realm.predicted.player))));
    let certain = gold(&realm.predicted.player) == gold(&realm.confirmed.player);
    colour.0 = palette::GOLD.with_alpha(if certain { 1.0 } else { 0.55 });
}
