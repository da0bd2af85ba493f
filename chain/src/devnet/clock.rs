//! The chain's time. It has no clock of its own: the wall time is told to it, or it is stepped.

use std::time::Duration;

use super::limits::MAX_CATCH_UP;

/// Where the timestamps of blocks come from, in milliseconds since the Unix epoch.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    /// Stepped time moves by one block time with each block and ignores the wall.
    stepped: bool,
    block_time_ms: u64,
    wall_ms: u64,
    now_ms: u64,
    /// When the next interval block is due, on the schedule `genesis + n × block time`.
    due_ms: u64,
    /// What `evm_increaseTime` and `evm_setNextBlockTimestamp` added to the schedule.
    offset_ms: i128,
    forced_s: Option<u64>,
}

impl Clock {
    pub(crate) fn new(genesis_ms: u64, block_time: Duration, stepped: bool) -> Self {
        let block_time_ms = millis(block_time);
        Self {
            stepped,
            block_time_ms,
            wall_ms: genesis_ms,
            now_ms: genesis_ms,
            due_ms: genesis_ms + block_time_ms,
            offset_ms: 0,
            forced_s: None,
        }
    }

    pub(crate) fn block_time(&self) -> Duration {
        Duration::from_millis(self.block_time_ms)
    }

    /// Tells the wall time. Time that goes back is ignored.
    pub(crate) fn observe(&mut self, wall_ms: u64) {
        self.wall_ms = self.wall_ms.max(wall_ms);
        if !self.stepped {
            self.now_ms = self.now_ms.max(self.wall_ms);
        }
    }

    pub(crate) fn due_ms(&self) -> u64 {
        self.due_ms
    }

    /// Starts a schedule of interval blocks at the wall's time.
    pub(crate) fn start_interval(&mut self, block_time: Duration) {
        // Leaving stepped time must not lose what was stepped ahead of the wall.
        let ahead = i128::from(self.now_ms) - i128::from(self.wall_ms);
        self.offset_ms += ahead.max(0);
        self.stepped = false;
        self.now_ms = self.wall_ms;
        self.block_time_ms = millis(block_time);
        self.due_ms = self.now_ms + self.block_time_ms;
    }

    /// Takes the next interval block that is due, or `None` when it is not yet.
    pub(crate) fn take_due(&mut self) -> Option<u64> {
        let behind = self.now_ms.checked_sub(self.due_ms)? / self.block_time_ms;
        if behind > MAX_CATCH_UP {
            self.due_ms += behind * self.block_time_ms;
        }
        let at = self.due_ms;
        self.due_ms += self.block_time_ms;
        Some(at)
    }

    /// Takes the time of a block that is mined on demand.
    pub(crate) fn take_on_demand(&mut self) -> u64 {
        if self.stepped {
            self.now_ms += self.block_time_ms;
        }
        self.now_ms
    }

    /// Timestamp in seconds of a block mined at `at_ms` on top of `parent_s`: never goes back.
    pub(crate) fn stamp(&mut self, at_ms: u64, parent_s: u64) -> u64 {
        if let Some(forced) = self.forced_s.take() {
            let wanted = i128::from(forced) * 1000;
            self.offset_ms = wanted - i128::from(at_ms);
        }
        self.shifted_s(at_ms).max(parent_s)
    }

    /// The timestamp that the next block would carry, in seconds.
    pub(crate) fn peek(&self, interval: bool, parent_s: u64) -> u64 {
        let at_ms = match (interval, self.stepped) {
            (true, _) => self.due_ms,
            (false, true) => self.now_ms + self.block_time_ms,
            (false, false) => self.now_ms,
        };
        self.forced_s.unwrap_or_else(|| self.shifted_s(at_ms)).max(parent_s)
    }

    /// Moves the time of all later blocks ahead; returns the whole shift in seconds.
    pub(crate) fn advance(&mut self, by: Duration) -> i64 {
        self.offset_ms += i128::from(millis(by));
        i64::try_from(self.offset_ms / 1000).unwrap_or(i64::MAX)
    }

    /// Sets the timestamp of the next block; the later ones go on from it.
    pub(crate) fn force_next(&mut self, timestamp_s: u64) {
        self.forced_s = Some(timestamp_s);
    }

    /// What is needed to go on later: the time and the shift, in milliseconds.
    pub(crate) fn saved(&self) -> (u64, i64) {
        let limit = |shift: i128| shift.clamp(i64::MIN.into(), i64::MAX.into());
        (self.now_ms, i64::try_from(limit(self.offset_ms)).unwrap_or_default())
    }

    /// Goes on from an earlier run: stepped time where it was, the other where the wall is now.
    pub(crate) fn resume(&mut self, now_ms: u64, offset_ms: i64) {
        self.offset_ms = offset_ms.into();
        if self.stepped {
            self.now_ms = now_ms;
            self.due_ms = now_ms + self.block_time_ms;
        }
    }

    /// Leaves the timestamp of the next block to the schedule again.
    pub(crate) fn unforce(&mut self) {
        self.forced_s = None;
    }

    /// Goes back to an earlier clock; the wall does not go back with it.
    pub(crate) fn restore(&mut self, earlier: Self) {
        let (wall_ms, due_ms, stepped) = (self.wall_ms, self.due_ms, self.stepped);
        *self = earlier;
        self.stepped &= stepped;
        self.due_ms = self.due_ms.max(due_ms);
        self.observe(wall_ms);
    }

    fn shifted_s(&self, at_ms: u64) -> u64 {
        let shifted = (i128::from(at_ms) + self.offset_ms).max(0) / 1000;
        u64::try_from(shifted).unwrap_or(u64::MAX)
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GENESIS_MS: u64 = 1_000_400;

    fn stamps(block_time_ms: u64, count: usize) -> Vec<u64> {
        let mut clock = Clock::new(GENESIS_MS, Duration::from_millis(block_time_ms), false);
        let mut parent = GENESIS_MS / 1000;
        (0..count)
            .map(|_| {
                clock.observe(clock.due_ms());
                let at = clock.take_due().expect("the wall has reached the due time");
                parent = clock.stamp(at, parent);
                parent
            })
            .collect()
    }

    #[test]
    fn whole_second_blocks_strictly_increase() {
        assert_eq!(stamps(1_000, 4), [1001, 1002, 1003, 1004]);
        assert_eq!(stamps(1_500, 4), [1001, 1003, 1004, 1006]);
    }

    #[test]
    fn sub_second_blocks_repeat_and_never_go_back() {
        assert_eq!(stamps(300, 5), [1000, 1001, 1001, 1001, 1001]);
    }

    #[test]
    fn a_long_stall_is_skipped_on_the_schedule() {
        let mut clock = Clock::new(0, Duration::from_secs(1), false);
        clock.observe(100_500);
        assert_eq!(clock.take_due(), Some(100_000));
        assert_eq!(clock.take_due(), None, "one block makes up for the whole stall");
        assert_eq!(clock.due_ms(), 101_000);
    }

    #[test]
    fn stepped_time_ignores_the_wall() {
        let mut clock = Clock::new(5_000, Duration::from_secs(2), true);
        clock.observe(99_000);
        let at = clock.take_on_demand();
        assert_eq!(clock.stamp(at, 5), 7);
        clock.advance(Duration::from_secs(10));
        assert_eq!(clock.peek(false, 7), 19);
        let at = clock.take_on_demand();
        assert_eq!(clock.stamp(at, 7), 19);
    }

    #[test]
    fn a_forced_timestamp_shifts_the_later_ones() {
        let mut clock = Clock::new(0, Duration::from_secs(1), true);
        clock.force_next(500);
        let at = clock.take_on_demand();
        assert_eq!(clock.stamp(at, 0), 500);
        let at = clock.take_on_demand();
        assert_eq!(clock.stamp(at, 500), 501);
    }
}
