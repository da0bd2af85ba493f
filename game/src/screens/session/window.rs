//! From when to when, in the player's own time and in UTC.

use std::time::SystemTime;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The window of a session of so many minutes that is signed now, one line for each clock.
///
/// The chain decides in which second it begins; its clock and this one's differ by a block at most.
pub(super) fn lines(minutes: u32) -> [String; 2] {
    let now = Timestamp::try_from(SystemTime::now()).unwrap_or(Timestamp::UNIX_EPOCH);
    let words = |zone: TimeZone| between(now, minutes, &zone);
    [format!("From the signature: {} here", words(TimeZone::system())), format!("That is {}", words(TimeZone::UTC))]
}

fn between(from: Timestamp, minutes: u32, zone: &TimeZone) -> String {
    let until = from.checked_add(SignedDuration::from_mins(minutes.into())).unwrap_or(from);
    let words = |at: Timestamp| at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
    let name = from.to_zoned(zone.clone()).strftime("%Z").to_string();
    format!("{} to {} ({name})", words(from), words(until))
}

#[cfg(test)]
mod tests {
    use jiff::tz::offset;

    use super::*;

    #[test]
    fn both_clocks_are_told() {
        let from: Timestamp = "2026-11-22T22:30:00Z".parse().expect("a time");
        assert_eq!(between(from, 120, &TimeZone::UTC), "2026-11-22 22:30 to 2026-11-23 00:30 (UTC)");
        let tokyo = TimeZone::fixed(offset(9));
        assert_eq!(between(from, 15, &tokyo), "2026-11-23 07:30 to 2026-11-23 07:45 (+09)");
    }
}
