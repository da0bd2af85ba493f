//! Keys and mouse become wishes and orders.

mod aim;
mod hands;
mod keys;
mod mouse;
#[cfg(feature = "desktop")]
mod pad;

use bevy::prelude::*;

pub(crate) use hands::Hands;
pub(crate) use keys::skill_control;

use crate::view::screen::{Menu, Screen, Step};

pub(crate) fn plugin(app: &mut App) {
    #[cfg(feature = "desktop")]
    app.add_plugins(pad::plugin);
    app.add_systems(
        Update,
        (mouse::point, keys::steer, keys::act, mouse::click, keys::collect).chain().in_set(Step::Input).run_if(playing),
    );
}

fn playing(screen: Res<State<Screen>>, menu: Res<State<Menu>>) -> bool {
    *screen.get() == Screen::Dungeon && *menu.get() == Menu::Closed
}
