//! The colours that mean something, by the player's choice.

use bevy::prelude::*;

use super::palette;
use crate::view::settings::{Colours, Settings};

/// What colours mean; every one is told in words or shape as well.
#[derive(Resource, Debug, Clone, Copy, PartialEq)]
pub(crate) struct Tones {
    /// Confirmed, ready, well, healed.
    pub(crate) good: Color,
    /// Taken back, refused, trouble, hurt.
    pub(crate) bad: Color,
    /// Not confirmed yet.
    pub(crate) waiting: Color,
    /// What a skill does.
    pub(crate) skill: Color,
    /// The hero's health.
    pub(crate) health: Color,
    /// A monster's health.
    pub(crate) foe: Color,
    /// Mana.
    pub(crate) mana: Color,
    /// Experience.
    pub(crate) experience: Color,
}

impl Tones {
    const fn of(colours: Colours) -> Self {
        match colours {
            Colours::Usual => Self {
                good: palette::LIME,
                bad: palette::EMBER,
                waiting: palette::SKY,
                skill: palette::FLAME,
                health: palette::BLOOD,
                foe: palette::EMBER,
                mana: palette::AZURE,
                experience: palette::MOSS,
            },
            // Blue and orange; what stands side by side differs in lightness too, for those who see neither.
            Colours::Safe => Self {
                good: palette::SKY,
                bad: palette::FLAME,
                waiting: palette::MIST,
                skill: palette::GLOW,
                health: palette::RUST,
                foe: palette::FLAME,
                mana: palette::DEEP,
                experience: palette::STONE,
            },
        }
    }
}

impl Default for Tones {
    fn default() -> Self {
        Self::of(Colours::default())
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Tones>().add_systems(PreUpdate, choose.run_if(resource_changed::<Settings>));
}

fn choose(settings: Res<Settings>, mut tones: ResMut<Tones>) {
    *tones = Tones::of(settings.colours);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left of a colour for an eye without its red and its green receptors, after Viénot, Brettel and Mollon.
    fn seen(colour: Color) -> [Vec3; 2] {
        let linear = colour.to_linear();
        let [red, green, blue] = [linear.red, linear.green, linear.blue];
        let protan = 0.112 * red + 0.888 * green;
        let deutan = 0.293 * red + 0.707 * green;
        [
            Vec3::new(protan, protan, 0.004 * (red - green) + blue),
            Vec3::new(deutan, deutan, 0.022 * (green - red) + blue),
        ]
    }

    #[test]
    fn safe_colours_stay_apart_without_red_or_green() {
        let tones = Tones::of(Colours::Safe);
        let apart = |all: &[Color]| {
            for (place, first) in all.iter().enumerate() {
                for second in &all[..place] {
                    for (one, other) in seen(*first).into_iter().zip(seen(*second)) {
                        // In the eye's own steps, which are about the cube root of light.
                        let steps = |light: Vec3| light.max(Vec3::ZERO).map(f32::cbrt);
                        let far = steps(one).distance(steps(other));
                        assert!(far > 0.15, "{first:?} and {second:?}: {far}");
                    }
                }
            }
        };
        apart(&[tones.good, tones.bad, tones.waiting]);
        apart(&[tones.health, tones.mana, tones.experience]);
        apart(&[tones.bad, tones.skill, tones.good]);
    }
}
