//! What the figures must show: ratios in one run, so that they hold on any machine.

use serde::Serialize;

use crate::candidate::Operation::{self, Raw, Sign};
use crate::hop::Hop;
use crate::ours::{BULK_64, LIBSECP_BULK_64, LIBSECP_SINGLE, PRESIGNED, SINGLE};
use crate::peer::{ALLOY, ALLOY_TABLES, LIBSECP, VIEM};
use crate::rounds::{Series, Spread};

/// A candidate's operation.
type Side = (&'static str, Operation);

struct Goal {
    ours: Side,
    theirs: Side,
    at_most: f64,
}

const fn goal(ours: Side, theirs: Side, at_most: f64) -> Goal {
    Goal { ours, theirs, at_most }
}

const GOALS: [Goal; 10] = [
    goal((SINGLE, Sign), (ALLOY, Sign), 0.52),
    goal((SINGLE, Sign), (ALLOY_TABLES, Sign), 0.80),
    goal((LIBSECP_SINGLE, Sign), (LIBSECP, Sign), 0.85),
    goal((BULK_64, Sign), (ALLOY_TABLES, Sign), 0.58),
    goal((LIBSECP_BULK_64, Sign), (LIBSECP, Sign), 0.75),
    goal((SINGLE, Raw), (ALLOY_TABLES, Raw), 0.58),
    goal((LIBSECP_SINGLE, Raw), (ALLOY_TABLES, Raw), 0.58),
    goal((SINGLE, Raw), (VIEM, Raw), 0.05),
    goal((LIBSECP_SINGLE, Raw), (VIEM, Raw), 0.05),
    goal((PRESIGNED, Raw), (LIBSECP, Sign), 0.10),
];

/// Longest median of a hop to a spinning thread, in µs.
const HOP_US: f64 = 0.5;

/// A goal beside what was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Verdict {
    /// What is compared with what.
    pub goal: String,
    /// Largest ratio that meets it; for the thread hop the largest time, in µs.
    pub at_most: f64,
    /// Ratio within each round: median and quartiles. For the thread hop its distribution in µs.
    pub measured: Spread,
    /// Whether the median is at most that.
    pub met: bool,
}

/// Every goal whose two sides were measured.
pub fn verdicts(series: &[Series], hops: &[Hop]) -> Vec<Verdict> {
    let find = |(name, operation): Side| series.iter().find(|s| s.about.name == name && s.operation == operation);
    let judge = |goal: &Goal| {
        let ratio = find(goal.ours)?.ratio_to(find(goal.theirs)?)?;
        let [ours, theirs] = [goal.ours, goal.theirs].map(|(name, operation)| (name, operation.title()));
        let goal_text = match ours.1 == theirs.1 {
            true => format!("{}: {} to {}", ours.1, ours.0, theirs.0),
            false => format!("{}, {} to {}, {}", ours.0, ours.1, theirs.0, theirs.1),
        };
        Some(Verdict { goal: goal_text, at_most: goal.at_most, measured: ratio, met: ratio.median <= goal.at_most })
    };
    let hop = hops.iter().find(|hop| hop.spinning).map(|hop| Verdict {
        goal: "thread hop, spinning, p50 in us".to_owned(),
        at_most: HOP_US,
        measured: hop.us,
        met: hop.us.median <= HOP_US,
    });
    GOALS.iter().filter_map(judge).chain(hop).collect()
}
