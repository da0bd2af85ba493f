//! A live line while the bot plays: rewritten in place on a terminal, now and then a plain line elsewhere.

use std::io::{IsTerminal, Write, stderr};
use std::time::{Duration, Instant};

/// How often the line is rewritten on a terminal: often enough to look alive, seldom enough to be read.
const TERMINAL_EVERY: Duration = Duration::from_millis(200);
/// How often a line is printed where nobody rewrites it.
const PLAIN_EVERY: Duration = Duration::from_secs(5);

/// Prints to stderr, so that stdout holds the summary alone.
pub(crate) struct Progress {
    quiet: bool,
    terminal: bool,
    every: Duration,
    next: Instant,
    width: usize,
}

impl Progress {
    /// Starts silent when `quiet`.
    pub(crate) fn new(quiet: bool) -> Self {
        let terminal = stderr().is_terminal();
        let every = if terminal { TERMINAL_EVERY } else { PLAIN_EVERY };
        Self { quiet, terminal, every, next: Instant::now() + every, width: 0 }
    }

    /// Shows what `line` gives, when it is time for it.
    pub(crate) fn tick(&mut self, line: impl FnOnce() -> String) {
        let now = Instant::now();
        if self.quiet || now < self.next {
            return;
        }
        self.next = now + self.every;
        self.show(&line());
    }

    /// Prints a line of its own, above the live one.
    pub(crate) fn note(&mut self, line: &str) {
        if !self.quiet {
            self.clear();
            eprintln!("{line}");
        }
    }

    /// Removes the live line, so that what follows starts clean.
    pub(crate) fn clear(&mut self) {
        if self.terminal && self.width > 0 {
            // What cannot be printed is not worth failing a run for.
            drop(write!(stderr(), "\r{:1$}\r", "", self.width));
            self.width = 0;
        }
    }

    fn show(&mut self, line: &str) {
        if self.terminal {
            let width = line.chars().count();
            drop(write!(stderr(), "\r{line:0$}", self.width.max(width)));
            drop(stderr().flush());
            self.width = width;
        } else {
            eprintln!("{line}");
        }
    }
}
