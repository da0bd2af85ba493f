//! How many transactions may be without a receipt at once: more while all goes well, half as many when it does not.

use std::time::Duration;

/// Size at the start. Pools hold sixteen transactions of a plain account; half of them leave room for replacements.
const START: u32 = 8;

/// Largest size: what pools hold, less room for a few that another endpoint has not forgotten yet.
const MOST: u32 = 12;

/// One refusal is mostly followed by others of the same moment; the size is halved once for all of them.
const ONE_MOMENT: Duration = Duration::from_secs(1);

/// The in-flight window: additive increase, multiplicative decrease.
#[derive(Clone, Debug)]
pub struct Window {
    size: u32,
    /// Receipts since the size last changed.
    receipts: u32,
    halved: Option<Duration>,
}

impl Default for Window {
    fn default() -> Self {
        Self { size: START, receipts: 0, halved: None }
    }
}

impl Window {
    /// Transactions that may be without a receipt.
    pub fn size(&self) -> usize {
        self.size as usize
    }

    /// Takes in a receipt: a window full of them widens it by one.
    pub fn mined(&mut self) {
        self.receipts += 1;
        if self.receipts >= self.size {
            self.receipts = 0;
            self.size = (self.size + 1).min(MOST);
        }
    }

    /// Takes in that an endpoint holds as much of ours as it may, or asks for fewer requests.
    pub fn refused(&mut self, now: Duration) {
        if self.halved.is_none_or(|at| now >= at + ONE_MOMENT) {
            self.size = (self.size / 2).max(1);
            self.receipts = 0;
            self.halved = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_widens_slowly_and_narrows_at_once_but_never_closes() {
        let mut window = Window::default();
        (0..7).for_each(|_| window.mined());
        assert_eq!(window.size(), 8);
        window.mined();
        assert_eq!(window.size(), 9);
        (0..1_000).for_each(|_| window.mined());
        assert_eq!(window.size(), 12);
        for ms in 0..10 {
            window.refused(Duration::from_millis(ms));
        }
        assert_eq!(window.size(), 6, "ten refusals of one moment are one");
        (1..60).for_each(|second| window.refused(Duration::from_secs(second * 2)));
        assert_eq!(window.size(), 1);
    }
}
