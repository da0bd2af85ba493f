//! Who and what moves in the dungeon: positions are the game's own, lives are the chain's.

mod bars;
mod effects;
mod figure;
mod hero;
mod loot;
mod monsters;
mod numbers;
mod others;
mod particles;

use bevy::prelude::*;

pub(crate) fn plugin(app: &mut App) {
    app.add_plugins((
        figure::plugin,
        hero::plugin,
        monsters::plugin,
        loot::plugin,
        bars::plugin,
        numbers::plugin,
        effects::plugin,
        others::plugin,
        particles::plugin,
    ));
}
