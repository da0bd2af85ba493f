//! How much gas a batch is given: what receipts have taught of its kinds of calls, and a margin.

/// Gas handed to each call of an isolated batch.
///
/// A cold pickup that mints to a new holder costs about 100,000; twice that leaves room for other games' methods
/// while eight of them still fit a block of a few million gas.
pub const CALL_GAS: u32 = 200_000;

/// Most gas of one transaction: a quarter of a block of 30 million. A larger one waits for an emptier block.
pub const TX_GAS_MAX: u64 = 8_000_000;

/// Gas of the transaction itself and of the wallet's checks, before the first call.
const BASE_GAS: u64 = 80_000;

/// Gas of the wallet's own part of each call, calldata included.
const PER_CALL_GAS: u64 = 8_000;

/// Gas of the wallet's part for each capped token: two cold slots, a cold token and its cold balance, and one store.
const TOKEN_GAS: u64 = 25_000;

/// Gas of measuring one capped token after one call; twice what a plain ERC-20's warm balance takes.
const PER_CALL_TOKEN_GAS: u64 = 4_000;

/// Gas of any transaction (EIP-2028); what a receipt shows beyond it is the calls' share.
const INTRINSIC_GAS: u64 = 21_000;

/// The wallet refuses to make an isolated call that would get less than [`CALL_GAS`], the last one too: so much must be
/// left then. It keeps a sixty-fourth back from each call (EIP-150), and a cold account costs 2,600.
const LAST_CALL_GAS: u64 = CALL_GAS as u64 * 65 / 64 + 2_600;

/// Receipts of a kind before it is believed to be known.
const SAMPLES: u32 = 4;

/// Added to what a kind was seen to take, in percent.
const MARGIN_PERCENT: u64 = 25;

/// A cheaper receipt pulls the figure down by one part of this many; a dearer one raises it at once.
const FORGETTING: u64 = 16;

/// A kind that ran out of gas is given twice as much, at most this often.
const MAX_DOUBLINGS: u32 = 4;

/// Target and method of a call, and whether it carries value: the first byte of a batch item.
pub(super) type Kind = u8;

#[derive(Clone, Copy, Debug, Default)]
struct Learned {
    gas: u64,
    samples: u32,
    doublings: u32,
}

/// What is known of the gas of each kind of call. Nothing at first: then the constants above hold, which stay the
/// ceiling afterwards unless a transaction ran out.
#[derive(Clone, Debug, Default)]
pub(super) struct GasBook {
    kinds: Vec<(Kind, Learned)>,
}

impl GasBook {
    /// Gas limit of a batch of these calls in a session with `tokens` capped tokens.
    pub(super) fn limit(&self, kinds: &[Kind], tokens: u8) -> u64 {
        let (base, ceiling) = (base(tokens), call_ceiling(tokens));
        let calls = kinds.iter().map(|kind| self.known(*kind));
        let doublings = calls.clone().map(|known| known.doublings).max().unwrap_or(0);
        let most = base + kinds.len() as u64 * ceiling;
        let learned: u64 = calls
            .map(|known| match known.samples >= SAMPLES {
                true => (known.gas + known.gas * MARGIN_PERCENT / 100).min(ceiling),
                false => ceiling,
            })
            .sum();
        ((base + learned + LAST_CALL_GAS).min(most) << doublings).min(TX_GAS_MAX.max(most))
    }

    /// Takes in what a mined batch of these calls has used.
    pub(super) fn learn(&mut self, kinds: &[Kind], gas_used: u64) {
        let used = gas_used.saturating_sub(INTRINSIC_GAS);
        let known: u64 = kinds.iter().map(|kind| self.known(*kind).gas.max(1)).sum();
        let all_known = kinds.iter().all(|kind| self.known(*kind).samples > 0);
        for (at, kind) in kinds.iter().enumerate() {
            // A kind that is in the batch twice has taught its lesson at its first place.
            if kinds[..at].contains(kind) {
                continue;
            }
            let entry = self.entry(*kind);
            let share = match all_known {
                true => (u128::from(used) * u128::from(entry.gas.max(1)) / u128::from(known.max(1))) as u64,
                false => used / kinds.len() as u64,
            };
            entry.gas = match share >= entry.gas {
                true => share,
                false => entry.gas - (entry.gas - share) / FORGETTING,
            };
            entry.samples = entry.samples.saturating_add(1);
        }
    }

    /// Takes in that a batch of these calls ran out of gas.
    pub(super) fn ran_out(&mut self, kinds: &[Kind]) {
        let doublings = kinds.iter().map(|kind| self.known(*kind).doublings).max().unwrap_or(0) + 1;
        for kind in kinds {
            let entry = self.entry(*kind);
            *entry = Learned { doublings: doublings.min(MAX_DOUBLINGS), ..Learned::default() };
        }
    }

    fn known(&self, kind: Kind) -> Learned {
        self.kinds.iter().find(|(known, _)| *known == kind).map(|(_, learned)| *learned).unwrap_or_default()
    }

    fn entry(&mut self, kind: Kind) -> &mut Learned {
        let at = self.kinds.iter().position(|(known, _)| *known == kind).unwrap_or_else(|| {
            self.kinds.push((kind, Learned::default()));
            self.kinds.len() - 1
        });
        &mut self.kinds[at].1
    }
}

/// Most gas that a full batch of this many actions is given while nothing is known of them.
pub fn full_batch_gas(actions: u8) -> u64 {
    (base(0) + u64::from(actions.max(1)) * call_ceiling(0)).min(TX_GAS_MAX)
}

fn base(tokens: u8) -> u64 {
    BASE_GAS + u64::from(tokens) * TOKEN_GAS
}

fn call_ceiling(tokens: u8) -> u64 {
    // The wallet keeps a sixty-fourth back from each call (EIP-150), hence the slight excess over CALL_GAS.
    u64::from(CALL_GAS) * 65 / 64 + PER_CALL_GAS + u64::from(tokens) * PER_CALL_TOKEN_GAS
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_known_kind_takes_a_part_of_the_ceiling_and_still_leaves_the_last_call_its_due() {
        let mut book = GasBook::default();
        let ceiling = book.limit(&[1; 8], 0);
        for _ in 0..SAMPLES {
            book.learn(&[1; 8], INTRINSIC_GAS + 8 * 40_000);
        }
        let learned = book.limit(&[1; 8], 0);
        assert_eq!(learned, BASE_GAS + 8 * 50_000 + LAST_CALL_GAS);
        assert!(learned < ceiling / 2, "{learned} of {ceiling}");
        assert_eq!(book.limit(&[2; 8], 0), ceiling, "another kind is not known by it");
        assert_eq!(book.limit(&[1], 0), BASE_GAS + call_ceiling(0), "never over the ceiling");
    }

    #[test]
    fn a_batch_that_ran_out_gets_more_next_time_and_learns_anew() {
        let mut book = GasBook::default();
        for _ in 0..SAMPLES {
            book.learn(&[1; 8], 200_000);
        }
        book.ran_out(&[1; 8]);
        assert_eq!(book.limit(&[1; 8], 0), 2 * (BASE_GAS + 8 * call_ceiling(0)));
        (0..100).for_each(|_| book.ran_out(&[1; 8]));
        assert_eq!(book.limit(&[1; 8], 0), TX_GAS_MAX, "within what one transaction may ask for");
    }

    proptest! {
        /// However kinds are mixed: what has been seen since the last one that ran out would have fitted.
        #[test]
        fn what_was_seen_fits(
            costs in proptest::collection::vec(5_000u64..150_000, 4),
            batches in proptest::collection::vec(proptest::collection::vec(0u8..4, 1..9), 1..80),
        ) {
            let mut book = GasBook::default();
            for kinds in &batches {
                let used = INTRINSIC_GAS + kinds.iter().map(|kind| costs[usize::from(*kind)]).sum::<u64>();
                let limit = book.limit(kinds, 0);
                prop_assert!(limit <= full_batch_gas(8));
                match limit >= used {
                    true => book.learn(kinds, used),
                    false => book.ran_out(kinds),
                }
                if limit < used {
                    prop_assert!(book.limit(kinds, 0) > limit, "a second try is given more");
                }
            }
        }
    }
}
