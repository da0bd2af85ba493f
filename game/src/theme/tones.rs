//! The colours that mean something, by the player's choice.

use bevy::prelude::*;

use super::palette;
use crate::view::settings::{Colours, Settings};

/// What colours mean; every one is told in words or shape as well.
#[derive(Resource, Debug, Clone, Copy, PartialEq)]
pub(crate) struct Tones {
    /// Confirmed, ready, well.
    pub(crate) good: Color,
    /// Taken back, refused, trouble.
    pub(crate) bad: Color,
    /// Not confirmed yet.
    pub(crate) waiting: Color,
}

impl Tones {
    const fn of(colours: Colours) -> Self {
        match colours {
            Colours::Usual => Self { good: palette::LIME, bad: palette::EMBER, waiting: palette::SKY },
            Colours::Safe => Self { good: palette::SKY, bad: palette::FLAME, waiting: palette::MIST },
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
