//! Anything with feet: a shadow, a picture that breathes, a flash when hit, a lunge when it strikes.

use bevy::prelude::*;

use crate::level::map::Map;
use crate::level::tiles::depth;
use crate::theme::art::{Art, Figure};
use crate::theme::palette;
use crate::view::body::{Body, CELL};
use crate::view::screen::{Scenery, Step};

/// Seconds that a flash takes to fade.
const FLASH_S: f32 = 0.18;
/// Seconds of a lunge, there and back.
const LUNGE_S: f32 = 0.2;
/// How far a lunge goes, in world units.
const LUNGE: f32 = 14.0;
/// Seconds that a hero lies before rising.
const DOWN_S: f32 = 1.1;
/// How far a fallen figure tips over, in radians.
const TILT: f32 = 1.4;
/// How much of a tilt is left to go after one second.
const TIP_PER_SECOND: f32 = 0.000_02;
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
    tilt: f32,
    shown: f32,
    flash: f32,
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

    /// White for a moment: it was hit.
    pub(crate) fn flash(&mut self) {
        self.flash = 1.0;
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

    /// Which of two frames is seen.
    fn beat(&self, now_s: f32) -> usize {
        (now_s * self.pace * 2.0 + self.phase) as usize % 2
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

/// All that makes a figure of a size in cells; give it a [`Body`] too.
pub(super) fn figure(art: &Art, look: &Figure, cells: f32, phase: f32) -> impl Bundle + use<> {
    let side = Some(Vec2::splat(CELL * cells));
    let lift = Transform::from_xyz(0.0, CELL * cells * 0.42, 0.0);
    let flash = lift.with_translation(lift.translation + Vec3::Z * 0.05);
    let shadow = Transform::from_xyz(0.0, 1.0, depth::SHADOW - depth::FIGURE).with_scale(Vec3::new(1.0, 0.45, 1.0));
    (
        Transform::default(),
        Visibility::default(),
        Pose::new(phase),
        Look(look.clone()),
        DespawnOnExit(Scenery),
        children![
            (
                Sprite {
                    image: art.shadow.clone(),
                    color: palette::INK.with_alpha(0.7),
                    custom_size: Some(Vec2::splat(CELL * cells * 0.8)),
                    ..default()
                },
                shadow,
            ),
            (Picture, Sprite { image: look.frames[0].clone(), custom_size: side, ..default() }, lift),
            (Flash, Sprite { image: look.flashes[0].clone(), custom_size: side, ..default() }, flash),
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
        let at = body.at + pose.towards * swing;
        let nearness = (1.0 - body.at.y / height).clamp(0.0, 1.0);
        transform.translation = at.extend(depth::FIGURE + 10.0 * nearness);
    }
}

fn animate(
    time: Res<Time>,
    mut figures: Query<(&Look, &mut Pose, &Children)>,
    mut pictures: Query<(&mut Sprite, &mut Transform, Has<Flash>, Has<Picture>)>,
) {
    let dt = time.delta_secs();
    for (look, mut pose, children) in &mut figures {
        pose.flash = (pose.flash - dt / FLASH_S).max(0.0);
        pose.lunge = (pose.lunge - dt / LUNGE_S).max(0.0);
        pose.shown = pose.presence.lerp(pose.shown, FADE_PER_SECOND.powf(dt));
        pose.down_s = (pose.down_s - dt).max(0.0);
        let lying = if pose.fallen || pose.down_s > 0.0 { 1.0 } else { 0.0 };
        pose.tilt = lying.lerp(pose.tilt, TIP_PER_SECOND.powf(dt));
        let striking = pose.lunge > 0.0;
        let motion = match (striking, pose.walking) {
            (true, _) => &look.0.strike,
            (false, true) => &look.0.walk,
            (false, false) => &look.0.frames,
        };
        let beat = if striking { usize::from(pose.lunge < 0.6) } else { pose.beat(time.elapsed_secs()) };
        for child in children {
            let Ok((mut sprite, mut transform, is_flash, is_picture)) = pictures.get_mut(*child) else { continue };
            if is_flash || is_picture {
                let side = if pose.left { 1.0 } else { -1.0 };
                transform.rotation = Quat::from_rotation_z(side * TILT * pose.tilt);
            }
            if is_flash {
                sprite.image = look.0.flashes[beat].clone();
                sprite.color = palette::WHITE.with_alpha(pose.flash * pose.shown);
                sprite.flip_x = pose.left;
            } else if is_picture {
                sprite.image = motion[beat].clone();
                sprite.color = pose.tint.with_alpha(pose.shown);
                sprite.flip_x = pose.left;
            } else {
                sprite.color = palette::INK.with_alpha(0.7 * pose.shown);
            }
        }
    }
}
