//! The figures of a run: as JSON for tools, as a table for people.

use std::fmt;

use serde::Serialize;

use crate::candidate::{Kind, Operation};
use crate::goals::{Verdict, verdicts};
use crate::hop::Hop;
use crate::machine::Machine;
use crate::ours::SINGLE;
use crate::peer::Skipped;
use crate::rounds::{Series, Spread};

/// Everything that a run has to say.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Version of the library.
    pub latchkey: &'static str,
    /// When it was measured, in UTC.
    pub date: String,
    /// Where, and with what build.
    pub machine: Machine,
    /// Rounds that the medians are over.
    pub rounds: usize,
    /// One per candidate and operation, in the order of the candidates.
    pub figures: Vec<Figure>,
    /// From thread to thread.
    pub hops: Vec<Hop>,
    /// Goals beside what was measured.
    pub goals: Vec<Verdict>,
    /// Candidates that were not measured.
    pub skipped: Vec<Skipped>,
}

/// What one operation of one candidate takes.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// The candidate.
    pub candidate: &'static str,
    /// Versions of what signs.
    pub version: String,
    /// How the figure is to be read.
    pub kind: Kind,
    /// What was measured.
    pub operation: Operation,
    /// Nanoseconds per operation, over the rounds.
    pub ns: Spread,
    /// How many times as long as the library's default takes for the same, over the rounds.
    pub times_ours: Option<Spread>,
}

impl Report {
    /// Sums the rounds up.
    pub fn new(series: &[Series], hops: Vec<Hop>, skipped: Vec<Skipped>, date: String) -> Self {
        let ours = |operation| series.iter().find(|s| s.about.name == SINGLE && s.operation == operation);
        let figure = |series: &Series| {
            Some(Figure {
                candidate: series.about.name,
                version: series.about.version.clone(),
                kind: series.about.kind,
                operation: series.operation,
                ns: Spread::of(series.ns.clone())?,
                times_ours: ours(series.operation).and_then(|ours| series.ratio_to(ours)),
            })
        };
        Self {
            latchkey: env!("CARGO_PKG_VERSION"),
            date,
            machine: Machine::here(),
            rounds: series.iter().map(|series| series.ns.len()).max().unwrap_or(0),
            figures: series.iter().filter_map(figure).collect(),
            goals: verdicts(series, &hops),
            hops,
            skipped,
        }
    }

    /// Figures of an operation, fastest first.
    pub fn ranking(&self, operation: Operation) -> Vec<&Figure> {
        let mut figures: Vec<_> = self.figures.iter().filter(|figure| figure.operation == operation).collect();
        figures.sort_by(|a, b| a.ns.median.total_cmp(&b.ns.median));
        figures
    }

    /// Machine, build and length of the run, one line each.
    pub fn circumstances(&self) -> [String; 3] {
        let Machine { processor, threads, target, compiler, opt_level, commit } = &self.machine;
        let source = if commit.is_empty() { String::new() } else { format!(", commit {commit}") };
        [
            format!("{processor}, {threads} threads, {target}"),
            format!("latchkey {}{source}, {compiler}, opt-level {opt_level}", self.latchkey),
            format!("{}, median of {} rounds, one thread", self.date, self.rounds),
        ]
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.circumstances() {
            writeln!(f, "{line}")?;
        }
        for operation in Operation::ALL {
            writeln!(f, "\n{:<40} {:>9}  {:>17}  {:>7}", operation.title(), "us", "quartiles", "ratio")?;
            for figure in self.ranking(operation) {
                let Spread { low, median, high } = figure.ns;
                let quartiles = format!("{:.2} - {:.2}", low / 1e3, high / 1e3);
                let ratio = figure.times_ours.map(|times| format!("{:.2}x", times.median)).unwrap_or_default();
                let mark = if figure.kind == Kind::Presigned { "  not deterministic" } else { "" };
                writeln!(f, "{:<40} {:>9.2}  {quartiles:>17}  {ratio:>7}{mark}", figure.candidate, median / 1e3)?;
            }
        }
        if !self.hops.is_empty() {
            writeln!(f)?;
        }
        for Hop { spinning, us } in &self.hops {
            let name = if *spinning { "thread hop, spinning" } else { "thread hop, parked" };
            let quartiles = format!("{:.2} - {:.2}", us.low, us.high);
            writeln!(f, "{name:<40} {:>9.2}  {quartiles:>17}", us.median)?;
        }
        if !self.goals.is_empty() {
            writeln!(f, "\n{:<86} {:>6}  {:>7}", "goal", "is", "at most")?;
        }
        for Verdict { goal, at_most, measured, met } in &self.goals {
            let met = if *met { "met" } else { "MISSED" };
            writeln!(f, "{goal:<86} {:>6.3}  {at_most:>7.3}  {met}", measured.median)?;
        }
        if !self.skipped.is_empty() {
            writeln!(f)?;
        }
        for Skipped { candidate, reason } in &self.skipped {
            writeln!(f, "skipped: {candidate}: {reason}")?;
        }
        Ok(())
    }
}
