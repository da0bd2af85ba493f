//! The newest canonical heads, one below the other.

use std::collections::VecDeque;

use alloy::primitives::B256;

use crate::pure::REORG_DEPTH;

/// Logs in the blocks that can be stepped back over. The game keeps what it read from them for as long; at a few
/// hundred bytes each that is some megabytes. Past it the ring is shorter than [`REORG_DEPTH`].
const MAX_LOGS: usize = 16_384;

/// Room for so many more blocks is taken at a time, up to the depth: a power of two would leave half of it empty.
const GROWTH: usize = 22;

/// A canonical block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) number: u64,
    pub(super) hash: B256,
    /// Logs that were read from it.
    pub(super) logs: usize,
}

/// At most [`REORG_DEPTH`] blocks without a gap, and the block below them.
#[derive(Debug, Default)]
pub(super) struct Ring {
    links: VecDeque<Link>,
    logs: usize,
}

impl Ring {
    pub(super) fn last(&self) -> Option<Link> {
        self.links.back().copied()
    }

    /// Height that can be stepped back to and not below.
    pub(super) fn floor(&self) -> u64 {
        self.links.front().map_or(0, |oldest| oldest.number)
    }

    /// The canonical block's hash at a height, where it is known.
    pub(super) fn at(&self, number: u64) -> Option<B256> {
        let place = usize::try_from(number.checked_sub(self.floor())?).ok()?;
        self.links.get(place).map(|link| link.hash)
    }

    /// Adds the block above the last one and lets go of those below the depth.
    pub(super) fn push(&mut self, link: Link) {
        self.logs += link.logs;
        if self.links.len() == self.links.capacity() {
            self.links.reserve_exact(GROWTH);
        }
        self.links.push_back(link);
        while self.links.len() > 1 && (self.links.len() as u64 > REORG_DEPTH + 1 || self.logs_above_floor() > MAX_LOGS)
        {
            self.logs -= self.links.pop_front().map_or(0, |oldest| oldest.logs);
        }
    }

    /// Drops the blocks above a height.
    pub(super) fn cut(&mut self, to: u64) {
        while let Some(newest) = self.links.pop_back_if(|newest| newest.number > to) {
            self.logs -= newest.logs;
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    fn logs_above_floor(&self) -> usize {
        self.logs - self.links.front().map_or(0, |oldest| oldest.logs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(numbers: std::ops::RangeInclusive<u64>, logs: usize) -> Ring {
        let mut ring = Ring::default();
        for number in numbers {
            ring.push(Link { number, hash: B256::with_last_byte(number as u8), logs });
        }
        ring
    }

    #[test]
    fn it_steps_back_over_its_depth_and_no_further() {
        let ring = ring(5..=100, 0);
        assert_eq!((ring.floor(), ring.last().map(|last| last.number)), (100 - REORG_DEPTH, Some(100)));
        assert_eq!((ring.at(35), ring.at(36)), (None, Some(B256::with_last_byte(36))));
    }

    #[test]
    fn blocks_full_of_logs_make_it_shorter_and_a_cut_gives_room_again() {
        let mut full = ring(0..=9, MAX_LOGS / 2);
        assert_eq!((full.floor(), full.last().map(|last| last.number)), (7, Some(9)));
        full.cut(8);
        full.push(Link { number: 9, hash: B256::ZERO, logs: 0 });
        assert_eq!((full.floor(), full.at(9)), (7, Some(B256::ZERO)));
        let one = ring(3..=3, 2 * MAX_LOGS);
        assert_eq!(one.floor(), 3, "the last block is always kept");
    }
}
