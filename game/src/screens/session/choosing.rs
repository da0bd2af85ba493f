//! What of the policy can be chosen, as steppers.

use bevy::prelude::*;

use crate::view::offer::Choice;

/// One part of the policy.
#[derive(Component, Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chosen {
    Lifetime,
    Native,
    Gold,
    Rate,
}

impl Chosen {
    pub(super) const ALL: [Self; 4] = [Self::Lifetime, Self::Native, Self::Rate, Self::Gold];

    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Lifetime => "Lasts",
            Self::Native => "Native coin in total",
            Self::Gold => "Gold in total",
            Self::Rate => "Transactions per second",
        }
    }

    pub(super) fn value(self, choice: &Choice) -> String {
        match self {
            Self::Lifetime => lifetime(choice.minutes),
            Self::Native if choice.native_cents == 0 => "none".to_owned(),
            Self::Native => format!("{}", f64::from(choice.native_cents) / 100.0),
            Self::Gold if choice.gold == 0 => "none".to_owned(),
            Self::Gold => choice.gold.to_string(),
            Self::Rate => choice.transactions_per_s.to_string(),
        }
    }
}

fn lifetime(minutes: u32) -> String {
    let (count, unit) = match minutes {
        0..60 => (minutes, "minute"),
        60..1_440 => (minutes / 60, "hour"),
        _ => (minutes / 1_440, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// `choice` with `what` gone `by` values on; the ends hold.
pub(super) fn chosen(what: Chosen, choice: Choice, by: i32) -> Choice {
    match what {
        Chosen::Lifetime => Choice { minutes: step(&Choice::MINUTES, choice.minutes, by), ..choice },
        Chosen::Native => Choice { native_cents: step(&Choice::NATIVE_CENTS, choice.native_cents, by), ..choice },
        Chosen::Gold => Choice { gold: step(&Choice::GOLD, choice.gold, by), ..choice },
        Chosen::Rate => {
            Choice { transactions_per_s: step(&Choice::TRANSACTIONS_PER_S, choice.transactions_per_s, by), ..choice }
        }
    }
}

fn step<T: Copy + PartialOrd>(values: &[T], value: T, by: i32) -> T {
    let at = values.iter().position(|candidate| *candidate >= value).unwrap_or(0) as i32;
    values[(at + by).clamp(0, values.len() as i32 - 1) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_stay_in_range_and_read_well() {
        let all = Choice::default();
        let longer = chosen(Chosen::Lifetime, all, 1);
        assert_eq!((longer.minutes, Chosen::Lifetime.value(&longer)), (240, "4 hours".to_owned()));
        let most = (0..20).fold(all, |choice, _| chosen(Chosen::Lifetime, choice, 1));
        assert_eq!(Chosen::Lifetime.value(&most), "7 days");
        let least = (0..20).fold(all, |choice, _| chosen(Chosen::Native, choice, -1));
        assert_eq!(Chosen::Native.value(&least), "none");
        assert_eq!(Chosen::Native.value(&all), "0.05");
    }

    #[test]
    fn what_is_chosen_at_first_is_among_the_values() {
        let all = Choice::default();
        for what in Chosen::ALL {
            assert_eq!(chosen(what, all, 0), all);
        }
    }
}
