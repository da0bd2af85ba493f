//! The engine's figures on a chain in this process, each beside its goal.
//!
//! `cargo bench -p latchkey-benches --bench figures`; names after `--` (act, drain, signed, journal, confirmed,
//! requests, saturation) run those parts alone, and `--minutes 10` makes the last one as long as its goal asks for.

#[path = "../ground/mod.rs"]
mod ground;

mod confirmed;
mod door;
mod journal;
mod saturation;
mod signed;
mod world;

use std::time::{Duration, Instant};

use latchkey::Chain;

use ground::{FRAME, Numbers, Table};

/// Longest wait for what is unconfirmed at the end of a part.
const END: Duration = Duration::from_secs(30);

/// Length of the last part, in minutes, when nothing is asked for: enough to see that it works.
const MINUTES: f64 = 2.0;

/// Measures some figures and adds their rows.
type Part<'a> = &'a dyn Fn(&mut Table);

fn main() {
    let mut minutes = MINUTES;
    let mut asked = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--minutes" => minutes = arguments.next().and_then(|text| text.parse().ok()).expect("--minutes NUMBER"),
            // What cargo itself passes.
            "--bench" => {}
            _ => asked.push(argument),
        }
    }
    let length = Duration::from_secs_f64(minutes * 60.0);
    let saturation = |table: &mut Table| saturation::measure(table, length);
    let parts: [(&str, Part<'_>); 7] = [
        ("act", &door::act),
        ("drain", &door::drain),
        ("signed", &signed::measure),
        ("journal", &journal::measure),
        ("confirmed", &confirmed::measure),
        ("requests", &saturation::requests),
        ("saturation", &saturation),
    ];
    if let Some(unknown) = asked.iter().find(|name| parts.iter().all(|(part, _)| part != name)) {
        panic!("{unknown}: choose among {:?}", parts.map(|(part, _)| part));
    }
    let mut table = Table::new();
    for (name, part) in parts {
        if asked.is_empty() || asked.iter().any(|asked| asked == name) {
            part(&mut table);
        }
    }
    table.print();
}

/// Calls `frame` at 60 Hz for a while.
fn frames(length: Duration, mut frame: impl FnMut(u32)) {
    let begun = Instant::now();
    let mut count = 0;
    while begun.elapsed() < length {
        frame(count);
        count += 1;
        let next = begun + FRAME * count;
        std::thread::park_timeout(next.saturating_duration_since(Instant::now()));
    }
}

/// Drains at 60 Hz until every action has ended.
fn end(chain: &mut Chain<Numbers>) {
    let begun = Instant::now();
    while chain.status().actions.unresolved > 0 {
        assert!(begun.elapsed() < END, "not ended: {:?}", chain.status());
        drop(chain.drain());
        std::thread::park_timeout(FRAME);
    }
}

/// The value below which so many of a hundred lie; sorts.
fn percentile(all: &mut [f64], of_hundred: f64) -> f64 {
    all.sort_by(f64::total_cmp);
    let at = (all.len() as f64 * of_hundred / 100.0) as usize;
    all.get(at.min(all.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}
