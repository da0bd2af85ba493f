//! Transactions that wait for a block, by sender and nonce.

mod check;
mod error;
mod evict;
mod ready;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use alloy::{
    consensus::{Transaction, TxEnvelope, transaction::Recovered},
    eips::eip2718::Encodable2718,
    primitives::{Address, B256, U256},
};

pub(crate) use check::{Rules, decode};
pub use error::PoolError;
pub(crate) use ready::Ready;

use super::{
    limits::{MAX_POOL_PER_DELEGATED_SENDER, MAX_POOL_PER_SENDER, REPLACEMENT_BUMP_PERCENT},
    state::{Account, State},
};

/// A transaction of the pool.
#[derive(Debug)]
pub struct Pooled {
    pub(crate) tx: Recovered<TxEnvelope>,
    hash: B256,
    /// Length of its encoding in bytes.
    size: usize,
    /// Order of arrival.
    sequence: u64,
    /// The most that the transaction can take from its sender, in wei.
    cost: U256,
}

impl Pooled {
    /// A transaction that no pool has checked.
    pub(crate) fn unchecked(tx: Recovered<TxEnvelope>) -> Self {
        Self { hash: *tx.tx_hash(), size: tx.encode_2718_len(), sequence: 0, cost: check::cost(&tx), tx }
    }

    /// Hash of the transaction.
    pub fn hash(&self) -> B256 {
        self.hash
    }

    /// The transaction, with its sender.
    pub fn transaction(&self) -> &Recovered<TxEnvelope> {
        &self.tx
    }
}

/// All waiting transactions. A clone is cheap: it shares the transactions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pool {
    senders: HashMap<Address, BTreeMap<u64, Arc<Pooled>>>,
    by_hash: HashMap<B256, Arc<Pooled>>,
    /// Bytes of all encodings.
    size: usize,
    sequence: u64,
}

impl Pool {
    pub(crate) fn len(&self) -> usize {
        self.by_hash.len()
    }

    pub(crate) fn get(&self, hash: B256) -> Option<&Arc<Pooled>> {
        self.by_hash.get(&hash)
    }

    /// Every transaction, in the order of arrival.
    pub(crate) fn by_arrival(&self) -> Vec<&Arc<Pooled>> {
        let mut all: Vec<_> = self.by_hash.values().collect();
        all.sort_unstable_by_key(|pooled| pooled.sequence);
        all
    }

    /// Takes a transaction in, or says why not in the words of geth.
    ///
    /// A full pool drops what pays least, which may be the newcomer.
    pub(crate) fn add(
        &mut self,
        tx: Recovered<TxEnvelope>,
        state: &State,
        rules: &Rules,
    ) -> Result<Arc<Pooled>, PoolError> {
        let hash = *tx.tx_hash();
        if self.by_hash.contains_key(&hash) {
            return Err(PoolError::AlreadyKnown);
        }
        let nobody = Account::default();
        let account = state.account(tx.signer()).unwrap_or(&nobody);
        rules.check(&tx, account)?;
        let pooled = Pooled { sequence: self.sequence + 1, ..Pooled::unchecked(tx) };
        let (tx, cost, size) = (&pooled.tx, pooled.cost, pooled.size);
        let replaced = self.replaces(tx)?;
        self.check_funds(tx, cost, replaced.as_deref(), account.balance)?;
        if replaced.is_none() {
            self.check_slots(tx, account)?;
        }
        let pooled = Arc::new(pooled);
        for victim in self.evicted_by(&pooled, replaced.as_deref(), state, rules.base_fee)? {
            tracing::debug!(hash = %victim, "dropped from the pool: others pay more");
            self.remove(victim);
        }
        if let Some(old) = replaced {
            self.remove(old.hash);
        }
        self.sequence += 1;
        self.size += size;
        let (sender, nonce) = (pooled.tx.signer(), pooled.tx.nonce());
        self.senders.entry(sender).or_default().insert(nonce, pooled.clone());
        self.by_hash.insert(hash, pooled.clone());
        Ok(pooled)
    }

    /// Removes one transaction; says whether it was there.
    pub(crate) fn remove(&mut self, hash: B256) -> bool {
        let Some(pooled) = self.by_hash.remove(&hash) else { return false };
        self.size -= pooled.size;
        let sender = pooled.tx.signer();
        if let Some(waiting) = self.senders.get_mut(&sender) {
            waiting.remove(&pooled.tx.nonce());
            if waiting.is_empty() {
                self.senders.remove(&sender);
            }
        }
        true
    }

    /// Removes every transaction.
    pub(crate) fn clear(&mut self) {
        self.senders.clear();
        self.by_hash.clear();
        self.size = 0;
    }

    /// Drops everything whose nonce the chain has passed.
    pub(crate) fn prune(&mut self, state: &State) {
        let stale: Vec<B256> = self
            .senders
            .iter()
            .flat_map(|(sender, waiting)| waiting.range(..state.nonce(*sender)))
            .map(|(_, pooled)| pooled.hash)
            .collect();
        for hash in stale {
            self.remove(hash);
        }
    }

    /// The nonce that a sender's next transaction carries after those that can be mined.
    pub(crate) fn next_nonce(&self, sender: Address, state: &State) -> u64 {
        let mut nonce = state.nonce(sender);
        let waiting = self.senders.get(&sender);
        while waiting.is_some_and(|waiting| waiting.contains_key(&nonce)) {
            nonce += 1;
        }
        nonce
    }

    /// The transactions that a block may take, best tip first, each sender's in nonce order.
    pub(crate) fn ready(&self, state: &State, base_fee: u64) -> Ready {
        Ready::new(self.senders.iter().map(|(sender, waiting)| (state.nonce(*sender), waiting)), base_fee)
    }

    fn replaces(&self, tx: &Recovered<TxEnvelope>) -> Result<Option<Arc<Pooled>>, PoolError> {
        let old = self.senders.get(&tx.signer()).and_then(|waiting| waiting.get(&tx.nonce()));
        let Some(old) = old else { return Ok(None) };
        let raised = |old: u128, new: u128| new >= old.saturating_mul(100 + REPLACEMENT_BUMP_PERCENT).div_ceil(100);
        let fee = raised(old.tx.max_fee_per_gas(), tx.max_fee_per_gas());
        let tip = raised(check::tip(&old.tx), check::tip(tx));
        if fee && tip { Ok(Some(old.clone())) } else { Err(PoolError::ReplacementUnderpriced) }
    }

    fn check_funds(
        &self,
        tx: &Recovered<TxEnvelope>,
        cost: U256,
        replaced: Option<&Pooled>,
        balance: U256,
    ) -> Result<(), PoolError> {
        let queued = self.senders.get(&tx.signer()).map_or(U256::ZERO, |waiting| {
            waiting.values().fold(U256::ZERO, |sum, pooled| sum.saturating_add(pooled.cost))
        });
        let queued = queued - replaced.map_or(U256::ZERO, |old| old.cost);
        let needed = queued.saturating_add(cost);
        if needed > balance {
            return Err(PoolError::InsufficientFunds { balance, cost: needed });
        }
        Ok(())
    }

    fn check_slots(&self, tx: &Recovered<TxEnvelope>, account: &Account) -> Result<(), PoolError> {
        let waiting = self.senders.get(&tx.signer()).map_or(0, BTreeMap::len);
        if account.is_delegated() {
            if tx.nonce() != account.nonce && waiting < MAX_POOL_PER_DELEGATED_SENDER {
                return Err(PoolError::DelegatedGap);
            }
            if waiting >= MAX_POOL_PER_DELEGATED_SENDER {
                return Err(PoolError::DelegatedLimit);
            }
        }
        if waiting >= MAX_POOL_PER_SENDER {
            return Err(PoolError::AccountLimit);
        }
        Ok(())
    }
}
