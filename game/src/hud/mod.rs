//! What lies over the picture: the hero's state, the skills, the chain, the latest word, the first hints, a fall.

mod chain;
mod death;
mod hints;
mod meter;
mod notice;
mod panel;
mod renewal;
mod skills;
mod vitals;

use bevy::prelude::*;

pub(crate) fn plugin(app: &mut App) {
    app.add_plugins((death::plugin, hints::plugin, renewal::plugin)).add_plugins((
        meter::plugin,
        vitals::plugin,
        skills::plugin,
        chain::plugin,
        notice::plugin,
        panel::plugin,
    ));
}
