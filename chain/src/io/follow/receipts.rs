//! Which of our transactions the chain has taken in.
//!
//! A transaction of ours that shows in a block's logs has its receipt there; the account's count of transactions says
//! that others, which left no log, have one too. No receipt is asked for before one of the two.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use alloy::eips::BlockNumberOrTag;
use alloy::primitives::{B256, Bytes};
use alloy::rpc::types::{Header, Log, TransactionReceipt};
use smallvec::SmallVec;

use super::FollowSettings;
use super::evidence::{Codes, shows_the_wallet};
use super::reasons::Reasons;
use super::ring::Ring;
use crate::contracts::abi::SessionWallet;
use crate::io::fault::RpcFault;
use crate::io::rpc::Rpc;
use crate::lane::{OwnReceipt, Revert, RevertKind};
use crate::pure::{REORG_DEPTH, is_cancellation};
use crate::session::MAX_TOKENS;

/// Looks at a used nonce without a receipt of ours before another transaction is taken to have used it.
const LOOKS: u32 = 3;

/// Least time between two such looks: endpoints behind one address do not know a receipt at the same moment.
const LOOK_PAUSE: Duration = Duration::from_millis(500);

/// Least time between two readings of what the session has spent of its tokens; it is shown, nothing hangs on it.
const SPENT_PAUSE: Duration = Duration::from_secs(1);

/// Transactions of one nonce that are looked for. A replacement pays an eighth more each time; thirty-two times the
/// first fee is the end of that.
const MAX_VARIANTS: usize = 32;

/// What is looked out for, and what was found so lately that a reorg may take it away again.
pub(super) struct Receipts {
    rpc: Rpc,
    settings: FollowSettings,
    reasons: Reasons,
    codes: Codes,
    now: Instant,
    watched: BTreeMap<u64, Box<Watched>>,
    /// Nonces below it are used, as far as is known.
    used: u64,
    by_block: bool,
    spent: Option<Instant>,
    spent_changed: bool,
}

/// All that was signed for a nonce, newest first; mostly one.
type Variants = SmallVec<[(B256, Bytes); 1]>;

#[derive(Default)]
struct Watched {
    variants: Variants,
    /// Height of the step that told its receipt.
    told: Option<u64>,
    /// True when a log of it was read: it is ours that used the nonce, whatever becomes of the receipt.
    seen: bool,
    misses: u32,
    looked: Option<Instant>,
}

impl Receipts {
    pub(super) fn new(rpc: Rpc, settings: FollowSettings) -> Self {
        let reasons = Reasons::new(rpc.clone(), settings.clone());
        Self {
            rpc,
            settings,
            reasons,
            codes: Codes::default(),
            now: Instant::now(),
            watched: BTreeMap::new(),
            used: 0,
            by_block: true,
            spent: None,
            spent_changed: false,
        }
    }

    /// A new look at the chain.
    pub(super) fn begin(&mut self, now: Instant) {
        self.now = now;
        self.reasons.begin();
    }

    pub(super) fn watch(&mut self, nonce: u64, hash: B256, raw: Bytes) {
        let variants = &mut self.watched.entry(nonce).or_default().variants;
        if variants.len() < MAX_VARIANTS && variants.iter().all(|(known, _)| *known != hash) {
            variants.insert(0, (hash, raw));
        }
    }

    /// Takes down that receipts were told at a height, and lets go of those that no reorg takes away any more.
    pub(super) fn told(&mut self, height: u64, receipts: &[OwnReceipt]) {
        for receipt in receipts {
            if let Some(entry) = self.watched.get_mut(&receipt.nonce) {
                entry.told = Some(height);
            }
        }
        self.watched.retain(|_, entry| entry.told.is_none_or(|told| told.saturating_add(REORG_DEPTH) > height));
    }

    /// Looks out again for what was not told up to a height, or for everything.
    pub(super) fn reopen(&mut self, to: Option<u64>) {
        for entry in self.watched.values_mut() {
            if entry.told.is_none_or(|told| to.is_none_or(|to| told > to)) {
                **entry = Watched { variants: std::mem::take(&mut entry.variants), ..Watched::default() };
            }
        }
        self.used = 0;
    }

    /// Receipts of ours in a block, given its logs. With `newest`, also those of blocks below it that were not found
    /// by their logs.
    pub(super) async fn of_block(
        &mut self,
        block: &Header,
        logs: &[Log],
        ring: &Ring,
        newest: bool,
    ) -> Result<Vec<OwnReceipt>, RpcFault> {
        let seen: Vec<_> =
            self.open().filter(|(_, hash)| logs.iter().any(|log| log.transaction_hash == Some(*hash))).collect();
        let mut found = BTreeMap::new();
        // A step of several blocks has logs of others too.
        let here =
            |hash| logs.iter().any(|log| log.transaction_hash == Some(hash) && log.block_hash == Some(block.hash));
        if self.by_block && seen.iter().filter(|(_, hash)| here(*hash)).count() > 1 {
            self.of_whole_block(block, &mut found).await?;
        }
        for (nonce, hash) in seen {
            self.used = self.used.max(nonce.saturating_add(1));
            self.watched.entry(nonce).or_default().seen = true;
            if !found.contains_key(&nonce)
                && let Some(receipt) = self.canonical(hash, block, ring).await?
            {
                found.insert(nonce, receipt);
            }
        }
        let mut receipts = Vec::new();
        if newest {
            if self.open().any(|(nonce, _)| nonce >= self.used) {
                self.used = self.used.max(self.rpc.nonce(self.settings.session, "latest").await?);
            }
            receipts = self.stragglers(block, ring, &mut found).await?;
        }
        for (nonce, receipt) in found {
            receipts.push(self.own(nonce, &receipt).await?);
        }
        receipts.sort_unstable_by_key(|receipt| receipt.nonce);
        self.spent_changed |= !receipts.is_empty();
        Ok(receipts)
    }

    /// Receipts that were due at the last look, while the chain stands still.
    pub(super) async fn overdue(&mut self, head: &Header, ring: &Ring) -> Result<Vec<OwnReceipt>, RpcFault> {
        let mut found = BTreeMap::new();
        let mut receipts = self.stragglers(head, ring, &mut found).await?;
        for (nonce, receipt) in found {
            receipts.push(self.own(nonce, &receipt).await?);
        }
        self.spent_changed |= !receipts.is_empty();
        Ok(receipts)
    }

    /// Asks the contract what is left of the token caps, when that may have changed. Without an answer the figures stay
    /// as they are until the next look.
    pub(super) async fn read_spent(&mut self) {
        let Some(spent) = self.settings.spent.as_ref().filter(|_| self.spent_changed) else { return };
        if self.spent.is_some_and(|at| self.now.duration_since(at) < SPENT_PAUSE) {
            return;
        }
        self.spent = Some(self.now);
        let call = SessionWallet::sessionCall { key: self.settings.session };
        if let Ok(session) = self.rpc.view(self.settings.account, &call).await {
            let told = session.tokens.iter().map(|token| token.spent.saturating_to());
            let mut all = [0; MAX_TOKENS];
            all.iter_mut().zip(told).for_each(|(slot, spent)| *slot = spent);
            spent.store(all);
            self.spent_changed = false;
        }
    }

    /// Every transaction whose receipt was not told yet.
    fn open(&self) -> impl Iterator<Item = (u64, B256)> {
        let open = self.watched.iter().filter(|(_, entry)| entry.told.is_none());
        open.flat_map(|(nonce, entry)| entry.variants.iter().map(|(hash, _)| (*nonce, *hash)))
    }

    async fn of_whole_block(
        &mut self,
        block: &Header,
        found: &mut BTreeMap<u64, TransactionReceipt>,
    ) -> Result<(), RpcFault> {
        let all = match self.rpc.block_receipts(block.hash).await {
            Ok(all) => all,
            Err(RpcFault::Refused { .. }) => {
                self.by_block = false;
                return Ok(());
            }
            Err(fault) => return Err(fault),
        };
        for receipt in all.iter().flatten().filter(|receipt| receipt.block_hash == Some(block.hash)) {
            let ours = self.open().find(|(_, hash)| *hash == receipt.transaction_hash);
            if let Some((nonce, _)) = ours {
                found.insert(nonce, receipt.clone());
            }
        }
        Ok(())
    }

    /// Looks for the receipts of used nonces that no log has shown, and tells the nonces that something else used.
    async fn stragglers(
        &mut self,
        head: &Header,
        ring: &Ring,
        found: &mut BTreeMap<u64, TransactionReceipt>,
    ) -> Result<Vec<OwnReceipt>, RpcFault> {
        let due =
            self.watched.range(..self.used).filter(|(nonce, entry)| entry.told.is_none() && !found.contains_key(nonce));
        let due: Vec<_> = due.map(|(nonce, entry)| (*nonce, entry.variants.clone())).collect();
        let mut nowhere = Vec::new();
        for (nonce, variants) in due {
            let mut somewhere = false;
            for (hash, _) in &variants {
                let Some(receipt) = self.rpc.receipt(*hash).await?.filter(|of| of.transaction_hash == *hash) else {
                    continue;
                };
                somewhere = true;
                if self.is_canonical(&receipt, head, ring).await? {
                    found.insert(nonce, receipt);
                    break;
                }
            }
            if !somewhere {
                nowhere.push((nonce, variants.first().map(|(hash, _)| *hash).unwrap_or_default()));
            }
        }
        if nowhere.is_empty() {
            return Ok(Vec::new());
        }
        // One reading of the count is not believed: it takes one for each look.
        self.used = self.rpc.nonce(self.settings.session, "latest").await?;
        Ok(nowhere.into_iter().filter_map(|(nonce, hash)| self.missed(nonce, hash)).collect())
    }

    async fn canonical(&self, hash: B256, head: &Header, ring: &Ring) -> Result<Option<TransactionReceipt>, RpcFault> {
        let Some(receipt) = self.rpc.receipt(hash).await? else { return Ok(None) };
        let ours = receipt.transaction_hash == hash && self.is_canonical(&receipt, head, ring).await?;
        Ok(ours.then_some(receipt))
    }

    /// True when a receipt's block is `head` or a canonical one below it. One above is read together with its logs.
    async fn is_canonical(&self, receipt: &TransactionReceipt, head: &Header, ring: &Ring) -> Result<bool, RpcFault> {
        let (Some(number), Some(hash)) = (receipt.block_number, receipt.block_hash) else { return Ok(false) };
        if number >= head.number {
            return Ok(hash == head.hash);
        }
        if let Some(known) = ring.at(number) {
            return Ok(hash == known);
        }
        let header = self.rpc.header(BlockNumberOrTag::Number(number)).await?;
        Ok(header.is_some_and(|header| header.hash == hash))
    }

    fn missed(&mut self, nonce: u64, hash: B256) -> Option<OwnReceipt> {
        let (now, used) = (self.now, self.used);
        let entry = self.watched.get_mut(&nonce).filter(|entry| !entry.seen)?;
        if nonce >= used {
            entry.misses = 0;
            return None;
        }
        if entry.looked.is_none_or(|at| now.duration_since(at) >= LOOK_PAUSE) {
            entry.looked = Some(now);
            entry.misses += 1;
        }
        (entry.misses >= LOOKS).then(|| {
            let reason = "another transaction used this nonce".to_owned();
            let result = Err(Revert { reason, kind: RevertKind::NonceTaken });
            OwnReceipt { nonce, hash, gas_used: 0, result }
        })
    }

    async fn own(&mut self, nonce: u64, receipt: &TransactionReceipt) -> Result<OwnReceipt, RpcFault> {
        let hash = receipt.transaction_hash;
        let variants = self.watched.get(&nonce).map(|entry| &entry.variants[..]).unwrap_or_default();
        let raw = variants.iter().find(|(of, _)| *of == hash).map(|(_, raw)| raw.clone()).unwrap_or_default();
        let elsewhere = receipt.status()
            && !is_cancellation(&raw)
            && !shows_the_wallet(&self.settings, receipt)
            && !self.codes.ran_the_wallet(&self.rpc, self.settings.account, receipt).await?;
        let result = match receipt.status() {
            true if elsewhere => {
                let reason = "the account ran other code than the session wallet".to_owned();
                Err(Revert { reason, kind: RevertKind::Elsewhere })
            }
            true => Ok(self.reasons.of_calls(&raw, receipt).await),
            false => Err(self.reasons.of_revert(&raw, receipt).await),
        };
        Ok(OwnReceipt { nonce, hash, gas_used: receipt.gas_used, result })
    }
}
