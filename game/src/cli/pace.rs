//! A bot at its pace, without a window.

use std::time::{Duration, Instant};

use latchkey::{ActError, Chain};
use latchkey_game::bot::Bot;
use latchkey_game::rules::Rules;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

/// Longest time that the bot, having found nothing to do, takes to notice that there is something.
///
/// Monsters return on whole seconds, as blocks do: without it the bot would act in step with the blocks, always
/// just after one, and measure a latency that no person meets.
const REACTION_MAX: Duration = Duration::from_millis(1_250);

/// Decides when the bot acts, and lets it.
pub(crate) struct Pace {
    bot: Bot,
    rng: Xoshiro256PlusPlus,
    pause: Duration,
    turn: Instant,
    /// Actions that the engine would not take.
    pub(crate) refused: u64,
}

impl Pace {
    /// A bot whose choices follow from `seed`, with so many turns a second.
    pub(crate) fn new(seed: u64, actions_per_second: u32) -> Self {
        let pause = Duration::from_secs(1) / actions_per_second.max(1);
        let rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        Self { bot: Bot::new(seed), rng, pause, turn: Instant::now(), refused: 0 }
    }

    /// Takes a turn when it is time for one.
    pub(crate) fn step(&mut self, chain: &mut Chain<Rules>) {
        let now = Instant::now();
        if now < self.turn {
            return;
        }
        // A late frame is no reason to hurry after lost turns.
        self.turn = (self.turn + self.pause).max(now);
        if !self.act(chain) {
            self.turn = now + self.rng.random_range(self.pause..REACTION_MAX.max(self.pause * 2));
        }
    }

    /// False when there is nothing to do.
    fn act(&mut self, chain: &mut Chain<Rules>) -> bool {
        let Some(action) = self.bot.next(chain.predicted(), chain.now()) else { return false };
        if let Err(error) = chain.act(action) {
            self.refused += 1;
            match error {
                // Expected when the chain is slow: the next turn tries again.
                ActError::Full(_) => tracing::debug!("{error}"),
                _ => tracing::warn!("{error}"),
            }
        }
        true
    }
}
