//! Which hindrances there are, and which of them has been told.

use super::{DegradedReason, Update};

/// Hindrances in the order in which they are told: what a player can do something about comes first.
const ORDER: [DegradedReason; 4] =
    [DegradedReason::GasMoney, DegradedReason::FeeCeiling, DegradedReason::Throttled, DegradedReason::Endpoint];

#[derive(Debug, Default)]
pub(super) struct Health {
    present: [bool; ORDER.len()],
    told: Option<DegradedReason>,
}

impl Health {
    /// Notes that a hindrance is there, or is not.
    pub(super) fn note(&mut self, reason: DegradedReason, present: bool) {
        if let Some(at) = ORDER.iter().position(|known| *known == reason) {
            self.present[at] = present;
        }
    }

    /// True while the hindrance is there.
    pub(super) fn is(&self, reason: DegradedReason) -> bool {
        ORDER.iter().zip(self.present).any(|(known, present)| present && *known == reason)
    }

    /// What is to be told, once per change.
    pub(super) fn news(&mut self) -> Option<Update> {
        let now = ORDER.iter().zip(self.present).find_map(|(reason, present)| present.then_some(*reason));
        if now == self.told {
            return None;
        }
        self.told = now;
        Some(now.map_or(Update::Recovered, Update::Degraded))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_change_is_told_once_and_the_gravest_hindrance_first() {
        let mut health = Health::default();
        let mut check = |reason, present, expected: Option<Option<DegradedReason>>| {
            health.note(reason, present);
            let told = health.news().map(|update| match update {
                Update::Degraded(reason) => Some(reason),
                _ => None,
            });
            assert_eq!(told, expected);
        };
        check(DegradedReason::Endpoint, true, Some(Some(DegradedReason::Endpoint)));
        check(DegradedReason::Endpoint, true, None);
        check(DegradedReason::GasMoney, true, Some(Some(DegradedReason::GasMoney)));
        check(DegradedReason::Endpoint, false, None);
        check(DegradedReason::GasMoney, false, Some(None));
    }
}
