//! A window that plays itself: confirms the session, lets the bot play, takes pictures, and leaves.

mod tour;

use std::path::PathBuf;
use std::time::Duration;

use bevy::prelude::*;

use crate::bot::Bot;
use crate::rules::{Action, Kind, Monster, World as Rules};
use crate::view::body::{Body, Errand, HeroBody, MonsterBody, Wish};
use crate::view::offer::{After, Answer, Offer};
use crate::view::realm::Realm;
use crate::view::screen::{Menu, Screen, Step};

/// Seconds that the session screen is shown before it is confirmed.
const READING_S: f32 = 2.0;
/// The bot sees this many of the nearest monsters, so that it fights more than it walks.
const NEAREST: usize = 4;
/// Length of play for pictures unless something else is asked for.
const LENGTH: Duration = Duration::from_secs(30);

/// What the window does by itself.
#[derive(Debug, Clone)]
pub struct Autoplay {
    /// Whether the bot confirms and plays.
    pub play: bool,
    /// Seed of the bot's choices.
    pub seed: u64,
    /// Most actions of the bot per second.
    pub actions_per_second: u32,
    /// Length of play after which the window closes by itself; none for as long as the player likes.
    pub length: Option<Duration>,
    /// Folder for pictures; it must exist.
    pub pictures: Option<PathBuf>,
}

#[derive(Resource)]
struct Script {
    plan: Autoplay,
    length_s: Option<f32>,
    bot: Bot,
    pause_s: f32,
    on_screen_s: f32,
    asked: bool,
}

impl Autoplay {
    pub(crate) fn plugin(mut self, app: &mut App) {
        self.play |= self.pictures.is_some();
        if let Some(folder) = &self.pictures {
            app.insert_resource(tour::Tour::new(folder.clone())).add_plugins(tour::plugin);
        }
        let length = self.length.or_else(|| self.pictures.as_ref().map(|_| LENGTH));
        app.insert_resource(Script {
            bot: Bot::new(self.seed),
            length_s: length.map(|length| length.as_secs_f32()),
            plan: self,
            pause_s: 0.0,
            on_screen_s: 0.0,
            asked: false,
        })
        .add_systems(
            Update,
            (begin.run_if(in_state(Screen::Title)), confirm.run_if(in_state(Screen::Session)))
                .in_set(Step::Input)
                .run_if(not(resource_exists::<tour::Tour>)),
        )
        .add_systems(Update, give_up.in_set(Step::Input).run_if(in_state(Screen::Session)))
        .add_systems(OnEnter(Screen::Dungeon), |mut script: ResMut<Script>| script.on_screen_s = 0.0)
        .add_systems(Update, (play, leave).in_set(Step::Input).run_if(in_state(Screen::Dungeon)));
    }
}

fn begin(script: Res<Script>, mut next: ResMut<NextState<Screen>>) {
    if script.plan.play {
        next.set(Screen::Session);
    }
}

fn confirm(time: Res<Time>, offer: Res<Offer>, mut script: ResMut<Script>, mut answers: MessageWriter<Answer>) {
    if matches!(*offer, Offer::Offered(_)) {
        script.on_screen_s += time.delta_secs();
    }
    if script.plan.play && !script.asked && script.on_screen_s >= READING_S {
        script.asked = true;
        answers.write(Answer::Confirm);
    }
}

/// Nobody is there to try again.
fn give_up(offer: Res<Offer>, script: Res<Script>, mut answers: MessageWriter<Answer>) {
    if script.plan.play && matches!(*offer, Offer::Failed(_)) {
        answers.write(Answer::End(After::Quit));
    }
}

/// The hero gets an errand whenever the last one is done and the pace allows it.
fn play(
    time: Res<Time>,
    realm: Res<Realm>,
    menu: Res<State<Menu>>,
    tour: Option<Res<tour::Tour>>,
    mut script: ResMut<Script>,
    hero: Single<(&Body, &mut Wish), With<HeroBody>>,
    monsters: Query<(&MonsterBody, &Body)>,
) {
    let (body, mut wish) = hero.into_inner();
    if !script.plan.play || *menu.get() != Menu::Closed {
        return;
    }
    script.pause_s -= time.delta_secs();
    if script.pause_s > 0.0 || wish.errand.is_some() {
        return;
    }
    script.pause_s = 1.0 / script.plan.actions_per_second.max(1) as f32;
    let mut by_distance: Vec<(f32, u8)> =
        monsters.iter().map(|(monster, other)| (other.at.distance(body.at), monster.0)).collect();
    by_distance.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    if tour.is_some_and(|tour| tour.reckless()) {
        let ogre = by_distance.iter().find(|(_, id)| Kind::of(*id) == Kind::Ogre && realm.stands(*id));
        wish.errand = ogre.map(|(_, id)| Errand::Do(Action::Attack { monster: *id }));
        return;
    }
    let near: Vec<u8> = by_distance.into_iter().take(NEAREST).map(|(_, id)| id).collect();
    let seen = only(&realm.predicted, &near);
    wish.errand = script.bot.next(&seen, realm.now).map(Errand::Do);
}

/// The world with all monsters but `near` out of the game.
fn only(world: &Rules, near: &[u8]) -> Rules {
    let mut seen = world.clone();
    for (id, monster) in (0_u8..).zip(&mut seen.monsters) {
        if !near.contains(&id) {
            *monster = Monster { health: 0, respawn_at: u64::MAX, loot_generation: 0, ..*monster };
        }
    }
    seen
}

fn leave(time: Res<Time<Real>>, mut script: ResMut<Script>, mut answers: MessageWriter<Answer>) {
    script.on_screen_s += time.delta_secs();
    if script.length_s.is_some_and(|length| script.on_screen_s > length) {
        answers.write(Answer::End(After::Quit));
    }
}
