//! The rules in force, and how often each method was asked.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

use super::rule::{Fault, Rule, RuleId};

/// Rules in force at once; each is looked at for every request.
pub(super) const MAX_RULES: usize = 64;

/// Methods counted by name.
const MAX_METHODS: usize = 256;

/// Submissions remembered; the oldest go first.
const MAX_SUBMISSIONS: usize = 1_024;

/// Different refusals counted by their words.
const MAX_REFUSALS: usize = 64;

/// Characters of a refusal that are kept.
const REFUSAL_CHARACTERS: usize = 200;

/// Rules in force, in the order in which they were injected, and what was asked and refused.
#[derive(Debug, Default)]
pub(super) struct Book {
    rules: Vec<(RuleId, Rule)>,
    last: u64,
    counts: BTreeMap<String, u64>,
    submissions: VecDeque<String>,
    refusals: BTreeMap<String, u64>,
}

impl Book {
    /// Puts a rule behind the others, or gives `None` when there are too many.
    pub(super) fn add(&mut self, rule: Rule) -> Option<RuleId> {
        if self.rules.len() >= MAX_RULES {
            return None;
        }
        self.last += 1;
        let id = RuleId(self.last);
        self.rules.push((id, rule));
        Some(id)
    }

    pub(super) fn remove(&mut self, id: RuleId) -> u64 {
        let fired = self.fired(id);
        self.rules.retain(|(other, _)| *other != id);
        fired
    }

    pub(super) fn clear(&mut self) {
        self.rules.clear();
    }

    pub(super) fn fired(&self, id: RuleId) -> u64 {
        self.rules.iter().find(|(other, _)| *other == id).map_or(0, |(_, rule)| rule.fired())
    }

    /// Counts a request and says what happens to it. Every rule counts it, the first that strikes decides.
    pub(super) fn decide(&mut self, method: &str, params: &Value) -> Option<Fault> {
        count(&mut self.counts, method, MAX_METHODS);
        if method.starts_with("eth_sendRaw")
            && let Some(raw) = params.get(0).and_then(Value::as_str)
        {
            if self.submissions.len() == MAX_SUBMISSIONS {
                self.submissions.pop_front();
            }
            self.submissions.push_back(raw.to_owned());
        }
        let mut fault = None;
        for (_, rule) in &mut self.rules {
            if rule.strikes(method, params) && fault.is_none() {
                fault = Some(rule.fault.clone());
            }
        }
        fault
    }

    /// Counts what the endpoint refused, by its words.
    pub(super) fn refused(&mut self, words: &str) {
        let words: String = words.chars().take(REFUSAL_CHARACTERS).collect();
        count(&mut self.refusals, &words, MAX_REFUSALS);
    }

    pub(super) fn take_submissions(&mut self) -> Vec<String> {
        self.submissions.drain(..).collect()
    }

    pub(super) fn refusals(&self) -> &BTreeMap<String, u64> {
        &self.refusals
    }

    pub(super) fn count(&self, method: &str) -> u64 {
        self.counts.get(method).copied().unwrap_or_default()
    }

    pub(super) fn counts(&self) -> &BTreeMap<String, u64> {
        &self.counts
    }
}

/// Counts by name, of at most so many names: a peer that makes names up fills no more.
fn count(counts: &mut BTreeMap<String, u64>, name: &str, most: usize) {
    if let Some(count) = counts.get_mut(name) {
        *count += 1;
    } else if counts.len() < most {
        counts.insert(name.to_owned(), 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rule_that_strikes_decides_and_all_of_them_count() {
        let mut book = Book::default();
        let first = book.add(Rule::new(Fault::Refuse).every(2)).expect("room");
        let second = book.add(Rule::new(Fault::LoseAnswer).every(2).times(2)).expect("room");
        let fates: Vec<_> = (0..4).map(|_| book.decide("a", &Value::Null).map(|fault| format!("{fault:?}"))).collect();
        assert_eq!(fates, [None, Some("Refuse".to_owned()), None, Some("Refuse".to_owned())]);
        assert_eq!((book.remove(first), book.fired(second), book.count("a")), (2, 2, 4));
        assert!(book.decide("a", &Value::Null).is_none(), "the second one has struck as often as it may");
    }

    #[test]
    fn what_peers_make_up_fills_no_memory() {
        let mut book = Book::default();
        for number in 0..2 * MAX_SUBMISSIONS {
            book.decide(&number.to_string(), &Value::Null);
            book.decide("eth_sendRawTransaction", &serde_json::json!([number.to_string()]));
            book.refused(&number.to_string().repeat(1_000));
        }
        assert_eq!((book.counts().len(), book.refusals().len()), (MAX_METHODS, MAX_REFUSALS));
        assert_eq!(book.take_submissions().len(), MAX_SUBMISSIONS);
        assert!(book.refusals().keys().all(|words| words.len() <= REFUSAL_CHARACTERS));
        while book.add(Rule::new(Fault::Refuse)).is_some() {}
        assert_eq!(book.rules.len(), MAX_RULES);
    }
}
