//! The rules in force, and how often each method was asked.

use std::collections::BTreeMap;

use serde_json::Value;

use super::rule::{Fault, Rule, RuleId};

/// Rules in force at once; each is looked at for every request.
pub(super) const MAX_RULES: usize = 64;

/// Methods counted by name; a client that makes names up fills no more than this.
const MAX_METHODS: usize = 256;

/// Rules in force, in the order in which they were injected, and counts by method.
#[derive(Debug, Default)]
pub(super) struct Book {
    rules: Vec<(RuleId, Rule)>,
    last: u64,
    counts: BTreeMap<String, u64>,
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
        if let Some(count) = self.counts.get_mut(method) {
            *count += 1;
        } else if self.counts.len() < MAX_METHODS {
            self.counts.insert(method.to_owned(), 1);
        }
        let mut fault = None;
        for (_, rule) in &mut self.rules {
            if rule.strikes(method, params) && fault.is_none() {
                fault = Some(rule.fault.clone());
            }
        }
        fault
    }

    pub(super) fn count(&self, method: &str) -> u64 {
        self.counts.get(method).copied().unwrap_or_default()
    }

    pub(super) fn counts(&self) -> &BTreeMap<String, u64> {
        &self.counts
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
    fn names_made_up_by_a_client_fill_no_memory() {
        let mut book = Book::default();
        for name in 0..2 * MAX_METHODS {
            book.decide(&name.to_string(), &Value::Null);
        }
        assert_eq!(book.counts().len(), MAX_METHODS);
        while book.add(Rule::new(Fault::Refuse)).is_some() {}
        assert_eq!(book.rules.len(), MAX_RULES);
    }
}
