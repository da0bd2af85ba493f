//! Which requests meet which fault.

use std::time::Duration;

use serde_json::Value;

/// Method under which a rule finds what a subscription pushes.
pub const NOTIFICATION: &str = "eth_subscription";

/// What happens to a request, or to what a subscription pushes.
///
/// A batch is one request here: it meets the first fault that one of its members meets. [`Answer`](Self::Answer) and
/// [`Rewrite`](Self::Rewrite) leave batches as they are.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Not passed on; answered 429 with `Retry-After: 1` over HTTP, with error −32005 over WebSocket.
    Refuse,
    /// Not passed on and not answered: HTTP connections break, WebSockets stay silent.
    LoseRequest,
    /// Passed on, but the answer is lost in the same way.
    LoseAnswer,
    /// Passed on after this long; later requests overtake it.
    DelayRequest(Duration),
    /// Passed on, but answered after this long.
    DelayAnswer(Duration),
    /// Not passed on; answered with this result.
    Answer(Value),
    /// Not passed on; answered with this error code and message.
    Error(i32, &'static str),
    /// Passed on, and the result changed on its way back.
    Rewrite(fn(&mut Value)),
}

/// Number of a rule in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RuleId(pub(super) u64);

/// A fault and the requests that meet it: by default every request, for as long as the rule is in force.
#[derive(Clone, Debug)]
#[must_use = "a rule does nothing until it is injected"]
pub struct Rule {
    pub(super) fault: Fault,
    method: Option<&'static str>,
    mentioning: Option<String>,
    after: u64,
    every: u64,
    times: u64,
    chance: Option<(u16, u64)>,
    seen: u64,
    fired: u64,
}

impl Rule {
    /// Every request meets this fault.
    pub fn new(fault: Fault) -> Self {
        Self {
            fault,
            method: None,
            mentioning: None,
            after: 0,
            every: 1,
            times: u64::MAX,
            chance: None,
            seen: 0,
            fired: 0,
        }
    }

    /// Only requests of this method, or of all that begin with it when it ends in `*`; [`NOTIFICATION`] for what
    /// subscriptions push.
    pub fn on(mut self, method: &'static str) -> Self {
        self.method = Some(method);
        self
    }

    /// Only requests whose parameters hold this text: a hash, an address, `"latest"`.
    pub fn mentioning(mut self, text: impl Into<String>) -> Self {
        self.mentioning = Some(text.into());
        self
    }

    /// Lets the first `count` of those pass.
    pub fn after(mut self, count: u64) -> Self {
        self.after = count;
        self
    }

    /// Of those, each `n`-th; 1 is all of them, 0 counts as 1.
    pub fn every(mut self, n: u64) -> Self {
        self.every = n.max(1);
        self
    }

    /// At most this often.
    pub fn times(mut self, count: u64) -> Self {
        self.times = count;
        self
    }

    /// Of those, so many in a thousand, chosen by `seed` and the request's place in the count.
    pub fn chance(mut self, per_mille: u16, seed: u64) -> Self {
        self.chance = Some((per_mille, seed));
        self
    }

    /// How often it has struck.
    pub(super) fn fired(&self) -> u64 {
        self.fired
    }

    /// Counts a request that it may concern; true when the fault strikes it.
    pub(super) fn strikes(&mut self, method: &str, params: &Value) -> bool {
        let concerned = match self.method.map(|wanted| wanted.strip_suffix('*').ok_or(wanted)) {
            // Without a method, requests are meant: what is pushed has nobody waiting for an answer.
            None => method != NOTIFICATION,
            Some(Ok(prefix)) => method.starts_with(prefix),
            Some(Err(wanted)) => method == wanted,
        };
        if !concerned {
            return false;
        }
        if self.mentioning.as_ref().is_some_and(|text| !params.to_string().contains(text.as_str())) {
            return false;
        }
        self.seen += 1;
        let Some(count) = self.seen.checked_sub(self.after).filter(|count| *count > 0) else { return false };
        let chosen = self.chance.is_none_or(|(per_mille, seed)| scatter(seed, count) % 1_000 < per_mille.into());
        let strikes = self.fired < self.times && count.is_multiple_of(self.every) && chosen;
        self.fired += u64::from(strikes);
        strikes
    }
}

/// The `count`-th number of SplitMix64 from `seed` (Steele, Lea, Flood 2014).
fn scatter(seed: u64, count: u64) -> u64 {
    let mut z = seed.wrapping_add(count.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The places, from 1, at which a rule strikes eight requests of one method.
    fn struck(rule: Rule) -> Vec<u64> {
        let mut rule = rule.on("a");
        (1..=8).filter(|_| rule.strikes("a", &Value::Null)).collect()
    }

    #[test]
    fn a_rule_strikes_by_count() {
        let rule = || Rule::new(Fault::Refuse);
        assert_eq!(struck(rule()), [1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(struck(rule().every(3)), [3, 6]);
        assert_eq!(struck(rule().after(2).every(3)), [5, 8]);
        assert_eq!(struck(rule().after(1).times(1)), [2]);
        assert_eq!(struck(rule().every(0).times(2)), [1, 2]);
        assert_eq!(struck(rule().times(0)), [0; 0]);
    }

    #[test]
    fn a_rule_strikes_what_it_is_about() {
        let mut rule = Rule::new(Fault::Refuse).on("a").mentioning("0xab");
        assert!(!rule.strikes("b", &serde_json::json!(["0xab"])));
        assert!(!rule.strikes("a", &serde_json::json!(["0xac"])));
        assert!(rule.strikes("a", &serde_json::json!(["0xab"])));
        let mut begins = Rule::new(Fault::Refuse).on("eth_send*");
        assert!(
            begins.strikes("eth_sendRawTransactionSync", &Value::Null) && !begins.strikes("eth_call", &Value::Null)
        );
        let mut any = Rule::new(Fault::LoseAnswer);
        assert!(any.strikes("b", &Value::Null));
        assert!(!any.strikes(NOTIFICATION, &Value::Null), "a notification is no request");
        assert!(Rule::new(Fault::LoseAnswer).on(NOTIFICATION).strikes(NOTIFICATION, &Value::Null));
    }

    #[test]
    fn a_seed_decides_which_and_about_how_many() {
        let struck = |per_mille, seed| {
            let mut rule = Rule::new(Fault::Refuse).chance(per_mille, seed);
            (0..10_000).filter(|_| rule.strikes("a", &Value::Null)).collect::<Vec<_>>()
        };
        assert_eq!(struck(100, 7), struck(100, 7));
        assert_ne!(struck(100, 7), struck(100, 8));
        assert!((900..1_100).contains(&struck(100, 7).len()), "{}", struck(100, 7).len());
        assert_eq!((struck(0, 7).len(), struck(1_000, 7).len()), (0, 10_000));
    }
}
