//! Figures beside their goals, as a table for a README.

use latchkey_benches::machine::Machine;

/// What a figure must reach.
#[derive(Clone, Copy)]
pub(crate) enum Goal {
    AtMost(f64),
    AtLeast(f64),
    /// It is told, and nothing is asked of it.
    None,
}

/// Rows of a table, printed when the last one is there.
pub(crate) struct Table(Vec<String>);

impl Table {
    pub(crate) fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a figure; its unit follows the numbers.
    pub(crate) fn row(&mut self, what: impl AsRef<str>, measured: f64, unit: &str, goal: Goal) {
        let (asked, met) = match goal {
            Goal::AtMost(most) => (format!("≤ {}{unit}", number(most)), Some(measured <= most)),
            Goal::AtLeast(least) => (format!("≥ {}{unit}", number(least)), Some(measured >= least)),
            Goal::None => (String::new(), None),
        };
        let verdict = met.map_or("", |met| if met { "met" } else { "missed" });
        let line = format!("| {} | {}{unit} | {asked} | {verdict} |", what.as_ref(), number(measured));
        println!("{line}");
        self.0.push(line);
    }

    /// Prints where and how it was measured, and all rows.
    pub(crate) fn print(self) {
        let machine = Machine::here();
        let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        println!();
        println!(
            "{}, {} threads, {}, optimisation {}, commit {}, load {}",
            machine.processor,
            machine.threads,
            machine.compiler,
            machine.opt_level,
            machine.commit,
            load.split(' ').next().unwrap_or_default(),
        );
        if !machine.optimised() {
            println!("This build is not optimised: its times mean little.");
        }
        println!("\n| figure | measured | goal | |\n|---|---:|---:|---|");
        self.0.iter().for_each(|line| println!("{line}"));
    }
}

/// Three digits, or all of those before the point, in groups.
fn number(value: f64) -> String {
    let digits = match value.abs() {
        large if large >= 100.0 => 0,
        middle if middle >= 10.0 => 1,
        _ => 2,
    };
    let text = format!("{value:.digits$}");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) && digit.is_ascii_digit() {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { grouped } else { format!("{grouped}.{fraction}") }
}
