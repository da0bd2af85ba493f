//! Which screen is shown, and the order of a frame.

use bevy::prelude::*;

/// The screens.
#[derive(States, Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Screen {
    /// The policy is prepared, shown and confirmed.
    #[default]
    Session,
    /// Play.
    Dungeon,
    /// The run is drained and the session revoked.
    Leaving,
}

/// Whether the player has opened the menu; the chain goes on meanwhile.
#[derive(States, Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Menu {
    /// No menu.
    #[default]
    Closed,
    /// The pause menu.
    Open,
}

/// The order within `Update`.
#[derive(SystemSet, Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// Keys, mouse and bot become wishes.
    Input,
    /// Wishes become movement, and an order once the hero is in reach.
    Move,
    /// Orders go to the chain, and the prediction comes back.
    Order,
    /// What is known becomes a picture.
    Show,
}
