//! What several sessions ask about the same block, asked once.
//!
//! A block's hash names its content for good, so an answer that fits the hash is kept; one that does not fit, and an
//! error, are nobody's but the asker's.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use alloy::primitives::{Address, B256};
use alloy::rpc::types::{Header, Log, TransactionReceipt};
use tokio::sync::{OnceCell, Semaphore};

use super::fault::RpcFault;

/// Answers of each kind that are kept: sessions of one process read the same few newest blocks.
const KEPT: usize = 16;

type Cell<T> = Arc<OnceCell<Arc<T>>>;

/// Sessions that read a new head at the same time. Each takes some KiB while it does, and thousands at once would take
/// megabytes that the process keeps; this many keep any connection busy.
const READERS: usize = 256;

/// Answers about the newest blocks, shared by the clones of one connection.
#[derive(Debug)]
pub(super) struct Blocks {
    pub(super) readers: Semaphore,
    pub(super) headers: Kept<B256, Option<Header>>,
    pub(super) logs: Kept<(B256, Vec<Address>), Vec<Log>>,
    pub(super) receipts: Kept<B256, Option<Vec<TransactionReceipt>>>,
}

impl Default for Blocks {
    fn default() -> Self {
        let readers = Semaphore::new(READERS);
        Self { readers, headers: Kept::default(), logs: Kept::default(), receipts: Kept::default() }
    }
}

/// The newest answers of one kind, by what was asked.
#[derive(Debug)]
pub(super) struct Kept<K, T>(Mutex<VecDeque<(K, Cell<T>)>>);

impl<K, T> Default for Kept<K, T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: PartialEq, T> Kept<K, T> {
    /// The kept answer, or the one that `ask` brings. Whoever comes while it is on its way waits for the same one.
    pub(super) async fn get<F>(&self, key: K, ask: F, fits: impl Fn(&T) -> bool) -> Result<Arc<T>, RpcFault>
    where
        F: Future<Output = Result<T, RpcFault>>,
    {
        let cell = self.cell(key);
        let answer = cell.get_or_try_init(|| async { ask.await.map(Arc::new) }).await?.clone();
        if !fits(&answer) {
            self.forget(&cell);
        }
        Ok(answer)
    }

    fn cell(&self, key: K) -> Cell<T> {
        // Nothing in here panics; a poisoned lock would still guard a sound queue.
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, cell)) = kept.iter().find(|(of, _)| *of == key) {
            return cell.clone();
        }
        if kept.len() == KEPT {
            kept.pop_front();
        }
        let cell = Cell::default();
        kept.push_back((key, cell.clone()));
        cell
    }

    fn forget(&self, gone: &Cell<T>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(_, cell)| !Arc::ptr_eq(cell, gone));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn what_fits_is_asked_once_and_what_does_not_is_asked_again() {
        let (kept, asked) = (Kept::<u8, u32>::default(), AtomicU32::new(0));
        let ask = async || Ok(asked.fetch_add(1, Ordering::Relaxed));
        let answers = futures::future::join_all((0..3).map(|_| kept.get(7, ask(), |_| true))).await;
        assert!(answers.into_iter().all(|answer| answer.is_ok_and(|answer| *answer == 0)));
        for _ in 0..2 {
            let _ = kept.get(8, ask(), |_| false).await;
        }
        let silent = async || Err(RpcFault::Silent { method: String::new() });
        assert!(kept.get(9, silent(), |_| true).await.is_err());
        assert_eq!(kept.get(9, ask(), |_| true).await.map(|answer| *answer).ok(), Some(3), "an error is not kept");
        for key in 10..10 + KEPT as u8 {
            let _ = kept.get(key, ask(), |_| true).await;
        }
        let newest = asked.load(Ordering::Relaxed);
        assert_eq!(kept.get(7, ask(), |_| true).await.map(|answer| *answer).ok(), Some(newest), "the oldest has gone");
    }
}
