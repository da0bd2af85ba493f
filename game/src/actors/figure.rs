//! Anything with feet: a shadow, a picture that breathes, a flash when hit, a lunge when it strikes.

use bevy::prelude::*;

use crate::level::map::Map;
use crate::level::tiles::depth;
use crate::theme::art::{self, Art, Figure, Motion};
use crate::theme::palette;
use crate::view::body::{Body, CELL};
use crate::view::screen::{Scenery, Step};

/// Pixels for one of a hero's sprite.
pub(super) const HERO_SCALE: f32 = 4.0;
/// Seconds that a flash takes to fade.
const FLASH_S: f32 = 0.18;
/// Seconds of a lunge, there and back.
const LUNGE_S: f32 = 0.2;
/// How far a lunge goes, in world units.
const LUNGE: f32 = 14.0;
/// Seconds that a hero lies before rising.
const DOWN_S: f32 = 1.1;
/// Seconds from the beginning of a fall until it lies.
const COLLAPSE_S: f32 = 0.22;
/// Seconds for which a blow is felt.
const FLINCH_S: f32 = 0.28;
/// How far a blow throws back, in world units.
const RECOIL: f32 = 8.0;
/// How much of a changed opacity is left after one second.
const FADE_PER_SECOND: f32 = 0.003;

/// How a figure holds itself; whoever knows the reason writes it, this file shows it.
#[derive(Component, Debug, Clone, Default)]
pub(crate) struct Pose {
    /// Shifts the breathing, so that not all breathe at once.
    pub(crate) phase: f32,
    /// Breaths, or steps while walking, per second.
    pub(crate) pace: f32,
    /// Whether it looks to the left.
    pub(crate) left: bool,
    /// Opacity that it tends to.
    pub(crate) presence: f32,
    /// Colour of its light; white for its own colours.
    tint: Color,
    /// Whether it lies on the floor, or is about to.
    pub(crate) fallen: bool,
    walking: bool,
    /// Seconds for which it lies yet, when it falls only to rise again.
    down_s: f32,
    /// Seconds for which it has been falling or lying.
    lain_s: f32,
    shown: f32,
    flash: f32,
    flinch: f32,
    away: Vec2,
    lunge: f32,
    towards: Vec2,
}

impl Pose {
    /// Standing at ease.
    pub(crate) fn new(phase: f32) -> Self {
        Self { phase, pace: 1.6, presence: 1.0, ..default() }
    }

    /// In another light than white.
    pub(crate) fn tinted(self, tint: Color) -> Self {
        Self { tint, ..self }
    }

    /// White for a moment and thrown back along `away`: it was hit.
    pub(crate) fn hit(&mut self, away: Vec2) {
        (self.flash, self.flinch) = (1.0, 1.0);
        self.away = away.normalize_or_zero();
    }

    /// On its way or at ease.
    pub(crate) fn walk(&mut self, walking: bool) {
        self.walking = walking;
        self.pace = if walking { 5.0 } else { 1.6 };
    }

    /// Falls, and rises after a moment: the chain lets a hero live again at once.
    pub(crate) fn fall(&mut self) {
        self.down_s = DOWN_S;
    }

    /// Lets `dt` seconds pass.
    fn pass(&mut self, dt: f32) {
        self.flash = (self.flash - dt / FLASH_S).max(0.0);
        self.flinch = (self.flinch - dt / FLINCH_S).max(0.0);
        self.lunge = (self.lunge - dt / LUNGE_S).max(0.0);
        self.shown = self.presence.lerp(self.shown, FADE_PER_SECOND.powf(dt));
        self.down_s = (self.down_s - dt).max(0.0);
        let lying = self.fallen || self.down_s > 0.0;
        self.lain_s = if lying { self.lain_s + dt } else { 0.0 };
    }

    /// What is seen of it, and which of the two frames: a fall before a blow struck, that before one taken.
    fn motion(&self, now_s: f32) -> (Motion, usize) {
        let beat = (now_s * self.pace * 2.0 + self.phase) as usize % 2;
        if self.lain_s > 0.0 {
            (Motion::Death, usize::from(self.lain_s > COLLAPSE_S))
        } else if self.lunge > 0.0 {
            (Motion::Strike, usize::from(self.lunge < 0.6))
        } else if self.flinch > 0.0 {
            (Motion::Hurt, usize::from(self.flinch < 0.6))
        } else if self.walking {
            (Motion::Walk, beat)
        } else {
            (Motion::Rest, beat)
        }
    }

    /// A quick step towards `direction` and back: it strikes.
    pub(crate) fn lunge(&mut self, direction: Vec2) {
        self.lunge = 1.0;
        self.towards = direction.normalize_or_zero();
        if direction.x != 0.0 {
            self.left = direction.x < 0.0;
        }
    }
}

/// The pictures that a figure is shown with.
#[derive(Component, Debug, Clone)]
struct Look(Figure);

#[derive(Component)]
struct Picture;

#[derive(Component)]
struct Flash;

/// All that makes a figure with so many pixels for one of its sprite; give it a [`Body`] too.
pub(super) fn figure(art: &Art, look: &Figure, scale: f32, phase: f32) -> impl Bundle + use<> {
    let side = art::side(scale);
    let frame = || art.square(look.frame(Motion::Rest, 0), side);
    // The feet's lowest row lies below the place where it stands.
    let lift = Transform::from_xyz(0.0, 0.5 * side - scale, 0.0);
    let flash = lift.with_translation(lift.translation + Vec3::Z * 0.05);
    let shadow = Transform::from_xyz(0.0, 1.0, depth::SHADOW - depth::FIGURE).with_scale(Vec3::new(1.0, 0.45, 1.0));
    (
        Transform::default(),
        Visibility::default(),
        Pose::new(phase),
        Look(look.clone()),
        children![
            (
                Sprite {
                    image: art.shadow.clone(),
                    color: palette::INK.with_alpha(0.7),
                    custom_size: Some(Vec2::splat(0.8 * side)),
                    ..default()
                },
                shadow,
            ),
            (Picture, frame(), lift),
            (Flash, frame(), flash),
        ],
    )
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, (place, animate).in_set(Step::Show).run_if(in_state(Scenery)));
}

fn place(map: Res<Map>, mut figures: Query<(&Body, &Pose, &mut Transform)>) {
    let height = map.size.y as f32 * CELL;
    for (body, pose, mut transform) in &mut figures {
        let swing = (pose.lunge * std::f32::consts::PI).sin() * LUNGE;
        let at = body.at + pose.towards * swing + pose.away * (pose.flinch * RECOIL);
        let nearness = (1.0 - body.at.y / height).clamp(0.0, 1.0);
        // Whole pixels, so that those of the sprite stay square.
        transform.translation = at.round().extend(depth::FIGURE + 10.0 * nearness);
    }
}

fn animate(
    time: Res<Time>,
    mut figures: Query<(&Look, &mut Pose, &Children)>,
    mut pictures: Query<(&mut Sprite, Has<Flash>, Has<Picture>)>,
) {
    for (look, mut pose, children) in &mut figures {
        pose.pass(time.delta_secs());
        let (motion, beat) = pose.motion(time.elapsed_secs());
        let frame = look.0.frame(motion, beat);
        for child in children {
            let Ok((mut sprite, is_flash, is_picture)) = pictures.get_mut(*child) else { continue };
            if is_flash {
                sprite.rect = Some(frame.white);
                sprite.color = palette::WHITE.with_alpha(pose.flash * pose.shown);
                sprite.flip_x = pose.left;
            } else if is_picture {
                sprite.rect = Some(frame.own);
                sprite.color = pose.tint.with_alpha(pose.shown);
                sprite.flip_x = pose.left;
            } else {
                sprite.color = palette::INK.with_alpha(0.7 * pose.shown);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_motion_shows_both_its_frames_and_ends() {
        let seen = |pose: &mut Pose| {
            let mut seen: Vec<(Motion, usize)> = Vec::new();
            for _ in 0..120 {
                let frame = pose.motion(0.0);
                if seen.last() != Some(&frame) {
                    seen.push(frame);
                }
                pose.pass(1.0 / 60.0);
            }
            seen
        };
        let rest = (Motion::Rest, 0);
        let mut pose = Pose::new(0.0);
        pose.hit(Vec2::X);
        assert_eq!(seen(&mut pose), [(Motion::Hurt, 0), (Motion::Hurt, 1), rest]);
        pose.lunge(Vec2::X);
        pose.hit(Vec2::X);
        let blow = [(Motion::Strike, 0), (Motion::Strike, 1)];
        assert_eq!(seen(&mut pose), [blow[0], blow[1], (Motion::Hurt, 1), rest], "who strikes back is not interrupted");
        pose.fall();
        assert_eq!(seen(&mut pose), [rest, (Motion::Death, 0), (Motion::Death, 1), rest], "a hero rises again");
        pose.fallen = true;
        assert_eq!(seen(&mut pose).last(), Some(&(Motion::Death, 1)), "a monster lies until the chain agrees");
    }
}
