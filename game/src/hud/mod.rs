//! What lies over the picture: the hero's state, the skills, the chain, and the latest word.

mod chain;
mod meter;
mod notice;
mod skills;
mod vitals;

use bevy::prelude::*;

pub(crate) fn plugin(app: &mut App) {
    app.add_plugins((meter::plugin, vitals::plugin, skills::plugin, chain::plugin, notice::plugin));
}
