//! Orders become actions; the prediction is back before the frame is drawn.

use std::collections::VecDeque;

use bevy::prelude::*;
use latchkey::ActError;
use latchkey::bevy::{ChainHandle, running};

use crate::rules::{Reject, Rules};
use crate::view::deed::{Deed, Order};
use crate::view::panel::Notice;
use crate::view::realm::Realm;
use crate::view::screen::Step;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<OnHold>().add_systems(Update, submit.in_set(Step::Order).run_if(running::<Rules>));
}

/// Most orders that wait while they are held back: what a player gives in the block for which it lasts.
const HELD_MAX: usize = 32;

/// Whether orders wait for another session to take over.
#[derive(Resource, Debug, Default)]
pub(super) struct OnHold(pub(super) bool);

/// Asks the front door itself rather than by the plugin's `Act`: the number that it gives back is what
/// ties a damage number on screen to its outcome.
fn submit(
    mut orders: MessageReader<Order>,
    mut chain: ResMut<ChainHandle<Rules>>,
    mut realm: ResMut<Realm>,
    mut deeds: MessageWriter<Deed>,
    mut notice: ResMut<Notice>,
    hold: Res<OnHold>,
    mut held: Local<VecDeque<Order>>,
) {
    let room = HELD_MAX.saturating_sub(held.len());
    held.extend(orders.read().take(room));
    if hold.0 {
        return;
    }
    for Order(action) in &held.drain(..).collect::<Vec<_>>() {
        let before = chain.predicted().clone();
        match chain.act(*action) {
            Ok(id) => {
                deeds.write(Deed::between(id.0, *action, &before, chain.predicted(), chain.now()));
            }
            // Walking over loot and asking for it in the same moment is one wish, not a mistake.
            Err(ActError::Unplayable { reason: Reject::LootGone { .. }, .. }) => {}
            Err(error) => notice.say(sentence(&error.to_string()), false),
        }
        realm.predicted.clone_from(chain.predicted());
    }
}

/// `words` with a capital and a full stop.
pub(super) fn sentence(words: &str) -> String {
    let mut letters = words.trim_end_matches('.').chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn sentences_begin_and_end_well() {
        assert_eq!(sentence("not enough mana: 3 of 15"), "Not enough mana: 3 of 15.");
        assert_eq!(sentence("Done."), "Done.");
    }
}
