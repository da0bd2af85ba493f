//! Who has to go when the pool is full.

use alloy::{consensus::Transaction, primitives::B256};

use super::{Pool, PoolError, Pooled};
use crate::devnet::{
    limits::{MAX_POOL, MAX_POOL_BYTES},
    state::State,
};

/// What a transaction is worth to the pool: whether it can be mined at all, its tip in wei per gas
/// at the next base fee, if it pays that, its fee cap, and the earlier before the later.
type Worth = (bool, Option<u128>, u128, std::cmp::Reverse<u64>);

impl Pool {
    /// Transactions that have to go so that a newcomer fits; none while there is room.
    ///
    /// Only ever the last nonce of a sender goes, so that nobody's chain of nonces is torn, and
    /// never one of the newcomer's own sender.
    pub(super) fn evicted_by(
        &self,
        newcomer: &Pooled,
        replaced: Option<&Pooled>,
        state: &State,
        base_fee: u64,
    ) -> Result<Vec<B256>, PoolError> {
        let mut count = self.by_hash.len() + 1 - usize::from(replaced.is_some());
        let mut size = self.size + newcomer.size - replaced.map_or(0, |old| old.size);
        if count <= MAX_POOL && size <= MAX_POOL_BYTES {
            return Ok(Vec::new());
        }
        let others = self.senders.iter().filter(|(sender, _)| **sender != newcomer.tx.signer());
        let mut lanes: Vec<Vec<(Worth, &Pooled)>> = others
            .map(|(sender, waiting)| {
                let nonces = state.nonce(*sender)..;
                let in_order = waiting.iter().zip(nonces);
                in_order.map(|((nonce, pooled), next)| (worth(pooled, *nonce == next, base_fee), &**pooled)).collect()
            })
            .collect();
        let executable = newcomer.tx.nonce() <= self.next_nonce(newcomer.tx.signer(), state);
        let own = worth(newcomer, executable, base_fee);
        let mut victims = Vec::new();
        while count > MAX_POOL || size > MAX_POOL_BYTES {
            let least =
                lanes.iter_mut().filter(|lane| !lane.is_empty()).min_by_key(|lane| lane.last().map(|last| last.0));
            let (worth, victim) = least.and_then(Vec::pop).ok_or(PoolError::Underpriced)?;
            if worth >= own {
                return Err(PoolError::Underpriced);
            }
            count -= 1;
            size -= victim.size;
            victims.push(victim.hash);
        }
        Ok(victims)
    }
}

fn worth(pooled: &Pooled, executable: bool, base_fee: u64) -> Worth {
    let tip = pooled.tx.effective_tip_per_gas(base_fee);
    (executable, tip, pooled.tx.max_fee_per_gas(), std::cmp::Reverse(pooled.sequence))
}
