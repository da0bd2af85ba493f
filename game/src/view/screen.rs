//! Which screen is shown, and the order of a frame.

use bevy::prelude::*;

/// The screens.
#[derive(States, Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Screen {
    /// The title, before the dungeon's own scenery.
    #[default]
    Title,
    /// The policy is prepared, shown and confirmed.
    Session,
    /// Play.
    Dungeon,
    /// The run is drained and the session revoked; `After` says where to.
    Leaving,
}

/// While the dungeon is drawn, be it for play or as the scene behind title and session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scenery;

impl ComputedStates for Scenery {
    type SourceStates = Screen;

    fn compute(screen: Screen) -> Option<Self> {
        (screen != Screen::Leaving).then_some(Self)
    }
}

/// What lies over the screen and takes the keys; the chain goes on meanwhile.
#[derive(States, Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Menu {
    /// Nothing.
    #[default]
    Closed,
    /// The pause menu of the dungeon.
    Pause,
    /// Keys, window, letters and colours.
    Settings,
    /// Every live session of the account.
    Sessions,
    /// The session takes nothing more; what now?
    Over,
}

/// Whether the chain panel is unfolded; play goes on beside it.
#[derive(States, Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Panel {
    /// Folded to its line.
    #[default]
    Closed,
    /// The whole panel.
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
