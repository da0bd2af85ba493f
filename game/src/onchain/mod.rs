//! The chain's side of the game: the only rooms that know the engine, with `input` as their customer.
//!
//! | path | what lives there |
//! |---|---|
//! | [`setup`] | from options to a granted session, without a window |
//! | `granting` | the same, asked for by the session screen, off the frame |
//! | `submit` | orders become actions, and the prediction comes back |
//! | `publish` | what the engine knows becomes plain resources and messages |
//! | `sessions` | every session of the account, read and revoked for the screen that asks |
//! | `faults` | what the developer menu breaks between the engine and the embedded chain |
//! | `renewing` | the next session takes over from one that ends soon |
//! | `trial` | play on the chain and on the rules alone by turns, for the measurement of frames |
//! | `closing` | drains what is in flight and revokes the session |

mod closing;
mod faults;
mod granting;
mod publish;
mod renewing;
mod sessions;
pub mod setup;
mod submit;
pub(crate) mod trial;
mod waiting;

use bevy::prelude::*;
use latchkey::bevy::ChainPlugin;

pub use closing::{Ending, Outbox};
pub use granting::Desk;
pub use setup::*;

use crate::rules::Rules;

pub(crate) fn plugin(app: &mut App) {
    app.add_plugins((
        ChainPlugin::<Rules>::default(),
        granting::plugin,
        submit::plugin,
        publish::plugin,
        renewing::plugin,
        sessions::plugin,
        faults::plugin,
        closing::plugin,
    ));
}

#[cfg(test)]
mod tests;
