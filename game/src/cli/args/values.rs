//! How single values of the command line are written.

use std::time::Duration;

use alloy::primitives::utils::parse_ether;

/// Shortest block time of the embedded chain, in milliseconds.
pub(super) const MIN_BLOCK_MS: i64 = 10;
/// Longest block time of the embedded chain, in milliseconds.
pub(super) const MAX_BLOCK_MS: i64 = 12_000;

/// Smallest and largest side of a window that can be asked for, in pixels.
const SIDES: std::ops::RangeInclusive<u32> = 320..=7_680;

/// Reads a size such as `1920x1080`.
pub(super) fn size(text: &str) -> Result<(u32, u32), String> {
    let side = |text: &str| text.parse().ok().filter(|side| SIDES.contains(side));
    text.split_once('x')
        .and_then(|(width, height)| Some((side(width)?, side(height)?)))
        .ok_or_else(|| format!("write two sides of {} to {} pixels, such as 1920x1080", SIDES.start(), SIDES.end()))
}

/// Reads an amount of native coin as wei.
pub(super) fn coin(text: &str) -> Result<u128, String> {
    if text.is_empty() {
        return Err("no amount; write one such as 0.05".to_owned());
    }
    let wei = parse_ether(text).map_err(|error| format!("{error}; write an amount such as 0.05"))?;
    wei.try_into().map_err(|_| "more than there can be".to_owned())
}

/// When the served chain mines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// One block per block time.
    Every(Duration),
    /// When asked.
    OnDemand,
    /// One block per transaction.
    Instant,
}

pub(super) fn pace(text: &str) -> Result<Pace, String> {
    match text {
        "on-demand" => Ok(Pace::OnDemand),
        "instant" => Ok(Pace::Instant),
        _ => text
            .parse::<i64>()
            .ok()
            .filter(|ms| (MIN_BLOCK_MS..=MAX_BLOCK_MS).contains(ms))
            .map(|ms| Pace::Every(Duration::from_millis(ms.unsigned_abs())))
            .ok_or_else(|| format!("neither {MIN_BLOCK_MS} to {MAX_BLOCK_MS} milliseconds nor on-demand or instant")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gas_money_is_read_in_whole_coin() {
        assert_eq!(coin("0.05"), Ok(50_000_000_000_000_000));
        for bad in ["", "much", "-1", "1e99"] {
            assert!(coin(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn sizes_are_two_sides() {
        assert_eq!(size("1920x1080"), Ok((1920, 1080)));
        for bad in ["1920", "x", "0x0", "1920x99999", "1920*1080"] {
            assert!(size(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn blocks_come_at_a_pace_or_when_asked() {
        assert_eq!(pace("10"), Ok(Pace::Every(Duration::from_millis(10))));
        assert_eq!(pace("12000"), Ok(Pace::Every(Duration::from_secs(12))));
        assert_eq!(pace("on-demand"), Ok(Pace::OnDemand));
        assert_eq!(pace("instant"), Ok(Pace::Instant));
        for bad in ["9", "12001", "-1", "fast", ""] {
            assert!(pace(bad).is_err(), "{bad:?}");
        }
    }
}
