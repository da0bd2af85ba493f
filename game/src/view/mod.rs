//! What the rooms of the game say to each other: plain states, resources, components and messages.
//!
//! `onchain` and `input` write them, everything that draws reads them, and nobody here knows the engine.

pub mod body;
pub mod deed;
pub mod faults;
pub mod feel;
pub mod keys;
pub mod offer;
pub mod panel;
pub mod realm;
pub mod screen;
pub mod sessions;
pub mod settings;

use bevy::prelude::*;

pub(crate) fn plugin(app: &mut App) {
    app.init_resource::<realm::Realm>()
        .init_resource::<panel::ChainPanel>()
        .init_resource::<panel::Notice>()
        .init_resource::<offer::Offer>()
        .init_resource::<offer::Renewal>()
        .init_resource::<offer::After>()
        .init_resource::<body::Pointed>()
        .init_resource::<sessions::Sessions>()
        .init_resource::<faults::Faults>()
        .init_resource::<feel::Jolt>()
        .add_message::<faults::Fault>()
        .init_resource::<settings::Settings>()
        .add_message::<sessions::SessionsWish>()
        .add_message::<offer::Answer>()
        .add_message::<deed::Order>()
        .add_message::<deed::Deed>()
        .add_message::<deed::Settled>()
        .add_message::<deed::Foreign>();
}
