//! What is heard, and when. Sounds are described in `assets/sounds`, and played where the feature `desktop` is built in.

#[cfg(feature = "desktop")]
mod speaker;
pub mod synth;

#[cfg(feature = "desktop")]
pub(crate) use speaker::plugin;

use crate::rules::{Action, Skill};
use crate::view::deed::Deed;

macro_rules! sounds {
    ($($name:ident $file:literal $what:literal;)*) => {
        /// Everything that is heard.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Sound {
            $(#[doc = $what] $name,)*
        }

        impl Sound {
            /// All of them with their descriptions.
            pub const ALL: &'static [(Self, &'static str)] = &[
                $((Self::$name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/sounds/", $file, ".txt"))),)*
            ];
        }
    };
}

sounds! {
    Strike "strike" "The sword.";
    Firebolt "firebolt" "The first skill.";
    Smite "smite" "The second.";
    Tithe "tithe" "The third.";
    Hurt "hurt" "The hero is struck.";
    Felled "felled" "A monster falls.";
    Pickup "pickup" "Gold.";
    Level "level" "The hero rises a level.";
    Fall "fall" "The hero falls.";
    Undone "undone" "The chain took something back.";
    Press "press" "A button of a sheet.";
}

/// What a deed sounds like, at once: the chain is not waited for.
pub fn of(deed: &Deed) -> impl Iterator<Item = Sound> + use<> {
    let own = match deed.action {
        Action::Attack { .. } => Sound::Strike,
        Action::UseSkill { skill: Skill::Firebolt, .. } => Sound::Firebolt,
        Action::UseSkill { skill: Skill::Smite, .. } => Sound::Smite,
        Action::UseSkill { skill: Skill::Tithe, .. } => Sound::Tithe,
        Action::Pickup { .. } => Sound::Pickup,
    };
    let more = [
        (deed.felled, Sound::Felled),
        (deed.blow > 0, Sound::Hurt),
        (deed.level_up, Sound::Level),
        (deed.died, Sound::Fall),
    ];
    std::iter::once(own).chain(more.into_iter().filter(|(heard, _)| *heard).map(|(_, sound)| sound))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sound_is_short_audible_and_ends_in_silence() {
        for (sound, text) in Sound::ALL {
            let samples = synth::render(text).unwrap_or_else(|error| panic!("{sound:?}: {error}"));
            let length_s = samples.len() as f32 / synth::RATE as f32;
            assert!((0.02..1.5).contains(&length_s), "{sound:?} lasts {length_s} s");
            assert!(samples.iter().any(|sample| sample.abs() > 0.1), "{sound:?} is silent");
            assert!(samples.last().is_some_and(|sample| sample.abs() < 0.01), "{sound:?} ends with a click");
        }
    }

    #[test]
    fn a_deed_sounds_like_all_that_it_is() {
        let action = Action::Attack { monster: 0 };
        let quiet = Deed {
            key: 1,
            action,
            damage: 8,
            felled: false,
            blow: 0,
            died: false,
            level_up: false,
            healed: 0,
            gold: 0,
        };
        assert_eq!(of(&quiet).collect::<Vec<_>>(), [Sound::Strike]);
        let loud = Deed { felled: true, level_up: true, ..quiet };
        assert_eq!(of(&loud).collect::<Vec<_>>(), [Sound::Strike, Sound::Felled, Sound::Level]);
    }
}
