//! A window that plays itself: confirms the session, lets the bot play, takes pictures, and leaves.

use std::path::PathBuf;
use std::time::Duration;

use bevy::prelude::*;
use bevy::render::view::screenshot::{Screenshot, save_to_disk};

use crate::bot::Bot;
use crate::rules::{Monster, World as Rules};
use crate::view::body::{Body, Errand, HeroBody, MonsterBody, Wish};
use crate::view::deed::Deed;
use crate::view::offer::{Answer, Offer};
use crate::view::realm::Realm;
use crate::view::screen::{Screen, Step};

/// Seconds that the session screen is shown before it is confirmed.
const READING_S: f32 = 2.0;
/// Seconds into the screen at which its picture is taken.
const PICTURE_S: f32 = 1.0;
/// When pictures of play are taken, as shares of its length.
const PICTURES: [f32; 4] = [0.25, 0.5, 0.7, 0.9];
/// Seconds that a picture waits for a blow to be seen in it.
const PATIENCE_S: f32 = 6.0;
/// Seconds from a blow to its picture, so that its numbers have risen.
const AFTERWARDS_S: f32 = 0.1;
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
    taken: usize,
    since_blow_s: f32,
    asked: bool,
}

impl Autoplay {
    pub(crate) fn plugin(self, app: &mut App) {
        let length = self.length.or_else(|| self.pictures.as_ref().map(|_| LENGTH));
        app.insert_resource(Script {
            bot: Bot::new(self.seed),
            length_s: length.map(|length| length.as_secs_f32()),
            plan: self,
            pause_s: 0.0,
            on_screen_s: 0.0,
            taken: 0,
            since_blow_s: f32::INFINITY,
            asked: false,
        })
        .add_systems(Update, confirm.in_set(Step::Input).run_if(in_state(Screen::Session)))
        .add_systems(OnEnter(Screen::Dungeon), |mut script: ResMut<Script>| script.on_screen_s = 0.0)
        .add_systems(Update, (play, leave).in_set(Step::Input).run_if(in_state(Screen::Dungeon)))
        .add_systems(Update, picture.in_set(Step::Show));
    }
}

fn confirm(time: Res<Time>, offer: Res<Offer>, mut script: ResMut<Script>, mut answers: MessageWriter<Answer>) {
    match &*offer {
        Offer::Offered(_) => script.on_screen_s += time.delta_secs(),
        Offer::Failed(_) if script.plan.play && !script.asked => {
            script.asked = true;
            answers.write(Answer::Quit);
        }
        _ => {}
    }
    if script.plan.play && !script.asked && script.on_screen_s >= READING_S {
        script.asked = true;
        answers.write(Answer::Confirm);
    }
}

/// The hero gets an errand whenever the last one is done and the pace allows it.
fn play(
    time: Res<Time>,
    realm: Res<Realm>,
    mut script: ResMut<Script>,
    hero: Single<(&Body, &mut Wish), With<HeroBody>>,
    monsters: Query<(&MonsterBody, &Body)>,
) {
    let (body, mut wish) = hero.into_inner();
    if !script.plan.play {
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

fn leave(time: Res<Time>, mut script: ResMut<Script>, mut answers: MessageWriter<Answer>) {
    script.on_screen_s += time.delta_secs();
    if script.length_s.is_some_and(|length| script.on_screen_s > length) {
        answers.write(Answer::Quit);
    }
}

fn picture(
    mut commands: Commands,
    time: Res<Time>,
    screen: Res<State<Screen>>,
    mut script: ResMut<Script>,
    mut deeds: MessageReader<Deed>,
) {
    script.since_blow_s += time.delta_secs();
    if deeds.read().any(|deed| deed.damage > 0) {
        script.since_blow_s = 0.0;
    }
    let Some(folder) = script.plan.pictures.clone() else { return };
    let (due_s, name) = match (screen.get(), script.taken) {
        (Screen::Session, 0) => (PICTURE_S, "01-session.png".to_owned()),
        (Screen::Dungeon, 1..) => {
            let Some(share) = PICTURES.get(script.taken - 1) else { return };
            (share * script.length_s.unwrap_or_default(), format!("{:02}-fight.png", script.taken + 1))
        }
        (Screen::Dungeon, 0) => {
            script.taken = 1;
            return;
        }
        _ => return,
    };
    let late_s = script.on_screen_s - due_s;
    let struck = (AFTERWARDS_S..2.0 * AFTERWARDS_S).contains(&script.since_blow_s);
    let ready = struck || late_s > PATIENCE_S || *screen.get() == Screen::Session;
    if late_s >= 0.0 && ready {
        script.taken += 1;
        commands.spawn(Screenshot::primary_window()).observe(save_to_disk(folder.join(name)));
    }
}
