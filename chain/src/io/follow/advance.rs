//! From the last head to the next one that an endpoint tells.
//!
//! A head is followed down by parent hashes to a block that is known, so that neither a skipped block nor a reorg of
//! equal height goes unseen; what lies between is then read block by block, by hash. Only a long history is read over
//! ranges of heights, and the head of each range is looked at again after the next one.

use std::collections::VecDeque;
use std::time::Instant;

use alloy::eips::BlockNumberOrTag;
use alloy::primitives::B256;
use alloy::rpc::types::{Filter, Header, Log};

use super::receipts::Receipts;
use super::ring::{Link, Ring};
use super::{FollowSettings, Progress, malformed};
use crate::io::fault::RpcFault;
use crate::io::rpc::Rpc;
use crate::lane::{Head, OwnReceipt};
use crate::pure::REORG_DEPTH;

/// Blocks that one `eth_getLogs` covers when catching up, at most; hosted endpoints refuse much wider ranges.
const LOG_RANGE: u64 = 2_000;

/// Blocks below the head that are read one by one after a long history: most reorgs are not deeper.
const FRESH: u64 = 8;

/// Logs that one answer may hold. More are asked for over fewer blocks; in one block no gas pays for as many.
const MAX_ANSWER: usize = 100_000;

/// Follows one chain for one session.
pub(crate) struct Follower {
    rpc: Rpc,
    settings: FollowSettings,
    ring: Ring,
    receipts: Receipts,
    range: u64,
}

/// Whether there is more to read before the head that was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// The head is read, or not followed for now.
    There,
    /// The same call goes on from here.
    OnTheWay,
}

impl Follower {
    pub(crate) fn new(rpc: Rpc, settings: FollowSettings) -> Self {
        let receipts = Receipts::new(rpc.clone(), settings.clone());
        Self { rpc, settings, ring: Ring::default(), receipts, range: LOG_RANGE }
    }

    /// Looks out for the receipt of a transaction; further ones for the same nonce may follow.
    pub(crate) fn watch(&mut self, nonce: u64, hash: B256, raw: alloy::primitives::Bytes) {
        self.receipts.watch(nonce, hash, raw);
    }

    /// Goes towards `to`, which an endpoint has told, and appends each step to `progress`.
    ///
    /// One call reads a range of the history, or all the blocks from there to the head. On an error nothing is lost:
    /// the steps made so far stand in `progress`, and the next call goes on from there. `now` spaces what is asked for
    /// only now and then.
    pub(crate) async fn advance(
        &mut self,
        now: Instant,
        to: &Header,
        progress: &mut Vec<Progress>,
    ) -> Result<Arrival, RpcFault> {
        self.receipts.begin(now);
        let arrival = self.step(to, progress).await?;
        if arrival == Arrival::There {
            self.receipts.read_spent().await;
        }
        Ok(arrival)
    }

    async fn step(&mut self, to: &Header, progress: &mut Vec<Progress>) -> Result<Arrival, RpcFault> {
        let Some(last) = self.ring.last() else {
            let first = self.settings.from_block.min(to.number);
            if to.number - first > FRESH {
                return self.history(first, to, progress).await;
            }
            let branch = self.branch(to).await?.unwrap_or_default();
            return self.blocks(branch, to, progress).await;
        };
        if to.hash == last.hash {
            return self.look_again(to, progress).await;
        }
        if to.number < last.number {
            let now = self.rpc.header(BlockNumberOrTag::Number(last.number)).await?;
            // An endpoint that has nothing at the last head's height lags behind, unless it shows another branch.
            let same_branch = self.ring.at(to.number).is_none_or(|known| known == to.hash);
            let lags = now.map_or(same_branch, |now| now.hash == last.hash);
            if lags {
                return Ok(Arrival::There);
            }
        }
        if to.number.saturating_sub(last.number) > REORG_DEPTH {
            return self.history(last.number + 1, to, progress).await;
        }
        if self.ring.at(to.number) == Some(to.hash) {
            self.step_back(Some(to.number), progress);
            return Ok(Arrival::There);
        }
        let Some(branch) = self.branch(to).await? else {
            self.step_back(None, progress);
            return Ok(Arrival::There);
        };
        self.step_back(Some(to.number - branch.len() as u64), progress);
        self.blocks(branch, to, progress).await
    }

    /// The blocks up to `to` above the newest kept one that they descend from, oldest first; `None` when they descend
    /// from none. While nothing is kept, those from the first block on.
    async fn branch(&self, to: &Header) -> Result<Option<Vec<Header>>, RpcFault> {
        let (kept, floor) = (self.ring.last().is_some(), self.ring.floor());
        let mut branch = VecDeque::from([to.clone()]);
        loop {
            let oldest = &branch[0];
            let below = oldest.number.checked_sub(1).filter(|below| !kept || *below >= floor);
            let below = below.filter(|_| kept || oldest.number > self.settings.from_block);
            match below {
                Some(below) if self.ring.at(below) == Some(oldest.parent_hash) => break,
                Some(below) if kept && below == floor => return Ok(None),
                Some(_) => {
                    let parent = self.parent_of(oldest).await?;
                    branch.push_front(parent);
                }
                None if kept => return Ok(None),
                None => break,
            }
        }
        Ok(Some(branch.into()))
    }

    async fn parent_of(&self, child: &Header) -> Result<Header, RpcFault> {
        let parent = self.rpc.header_by_hash(child.parent_hash).await?;
        let fits =
            |parent: &Header| parent.hash == child.parent_hash && parent.number.checked_add(1) == Some(child.number);
        parent.filter(fits).ok_or_else(|| malformed("eth_getBlockByHash", "the parent of a block is missing"))
    }

    async fn blocks(
        &mut self,
        branch: Vec<Header>,
        to: &Header,
        progress: &mut Vec<Progress>,
    ) -> Result<Arrival, RpcFault> {
        for header in branch {
            let logs = self.logs_of(&header).await?;
            let receipts = self.receipts.of_block(&header, &logs, &self.ring, header.hash == to.hash).await?;
            self.keep(&header, logs, receipts, to, progress);
        }
        Ok(Arrival::There)
    }

    /// Receipts that were due at the last look and had not come.
    async fn look_again(&mut self, to: &Header, progress: &mut Vec<Progress>) -> Result<Arrival, RpcFault> {
        let receipts = self.receipts.overdue(to, &self.ring).await?;
        if !receipts.is_empty() {
            self.receipts.told(to.number, &receipts);
            let floor = self.ring.floor();
            progress.push(Progress::Block { head: head(to), floor, behind: 0, logs: Vec::new(), receipts });
        }
        Ok(Arrival::There)
    }

    /// Reads one range of a long history as a single step that is not taken back block by block.
    async fn history(&mut self, first: u64, to: &Header, progress: &mut Vec<Progress>) -> Result<Arrival, RpcFault> {
        let end = first.saturating_add(self.range - 1).min(to.number - FRESH);
        let header = self.header_at(end).await?;
        let logs = match self.logs_between(first, &header).await {
            Ok(logs) => logs,
            Err(fault @ (RpcFault::Transport { .. } | RpcFault::Overloaded { .. })) => return Err(fault),
            Err(fault) if self.range == 1 => return Err(fault),
            Err(fault) => {
                self.range = (self.range / 2).max(1);
                tracing::info!(target: "latchkey::watch", %fault, blocks = self.range, "asking for fewer blocks at once");
                return Ok(Arrival::OnTheWay);
            }
        };
        if let Some(last) = self.ring.last()
            && !self.still_canonical(last).await?
        {
            let common = self.newest_canonical().await?;
            self.step_back(common, progress);
            return Ok(Arrival::There);
        }
        self.range = (self.range + self.range / 8 + 1).min(LOG_RANGE);
        let receipts = self.receipts.of_block(&header, &logs, &self.ring, true).await?;
        self.ring.clear();
        self.keep(&header, logs, receipts, to, progress);
        tracing::info!(target: "latchkey::watch", block = end, of = to.number, "reading the chain's history");
        Ok(Arrival::OnTheWay)
    }

    fn keep(
        &mut self,
        header: &Header,
        logs: Vec<Log>,
        receipts: Vec<OwnReceipt>,
        to: &Header,
        progress: &mut Vec<Progress>,
    ) {
        self.receipts.told(header.number, &receipts);
        self.ring.push(Link { number: header.number, hash: header.hash, logs: logs.len() });
        let logs = logs.into_iter().filter_map(|log| Some((log.transaction_hash?, log.inner))).collect();
        let behind = to.number.saturating_sub(header.number);
        progress.push(Progress::Block { head: head(header), floor: self.ring.floor(), behind, logs, receipts });
    }

    fn step_back(&mut self, to: Option<u64>, progress: &mut Vec<Progress>) {
        if to.is_some() && to == self.ring.last().map(|last| last.number) {
            return;
        }
        match to {
            Some(to) => self.ring.cut(to),
            None => self.ring.clear(),
        }
        self.receipts.reopen(to);
        tracing::info!(target: "latchkey::watch", ?to, "blocks were dropped by a reorg");
        progress.push(Progress::Reorged { to });
    }

    async fn still_canonical(&self, link: Link) -> Result<bool, RpcFault> {
        let header = self.rpc.header(BlockNumberOrTag::Number(link.number)).await?;
        // An endpoint that does not have the block yet lags behind; that says nothing about the history.
        Ok(header.is_none_or(|header| header.hash == link.hash))
    }

    /// The newest kept block that the endpoint still has at its height, by halving.
    async fn newest_canonical(&self) -> Result<Option<u64>, RpcFault> {
        let Some(last) = self.ring.last() else { return Ok(None) };
        let (mut good, mut low, mut high) = (None, self.ring.floor(), last.number + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.header_at(middle).await?.hash {
                hash if self.ring.at(middle) == Some(hash) => (good, low) = (Some(middle), middle + 1),
                _ => high = middle,
            }
        }
        Ok(good)
    }

    async fn header_at(&self, number: u64) -> Result<Header, RpcFault> {
        let header = self.rpc.header(BlockNumberOrTag::Number(number)).await?;
        let header = header.filter(|header| header.number == number);
        header.ok_or_else(|| malformed("eth_getBlockByNumber", format!("block {number} is missing below the head")))
    }

    async fn logs_of(&self, block: &Header) -> Result<Vec<Log>, RpcFault> {
        let belongs = |log: &Log| log.block_hash == Some(block.hash);
        let sound = |logs: &Vec<Log>| sound(logs, belongs).is_ok();
        let logs = self.rpc.logs_of_block(block.hash, &self.settings.targets, sound).await?;
        self.checked((*logs).clone(), belongs)
    }

    async fn logs_between(&self, first: u64, end: &Header) -> Result<Vec<Log>, RpcFault> {
        let filter = Filter::new().from_block(first).to_block(end.number);
        let within = |log: &Log| match log.block_number {
            Some(number) if number == end.number => log.block_hash == Some(end.hash),
            Some(number) => (first..end.number).contains(&number) && log.block_hash.is_some(),
            None => false,
        };
        let logs = self.rpc.logs(&filter.address(self.settings.targets.clone())).await?;
        self.checked(logs, within)
    }

    /// The watched contracts' logs, in canonical order; those of other contracts are dropped.
    fn checked(&self, mut logs: Vec<Log>, belongs: impl Fn(&Log) -> bool) -> Result<Vec<Log>, RpcFault> {
        sound(&logs, belongs)?;
        logs.retain(|log| self.settings.targets.contains(&log.inner.address));
        logs.sort_by_key(|log| (log.block_number, log.log_index));
        logs.dedup_by_key(|log| (log.block_number, log.log_index));
        Ok(logs)
    }
}

/// Refuses an answer with logs of other blocks as a whole, because it may also lack some.
fn sound(logs: &[Log], belongs: impl Fn(&Log) -> bool) -> Result<(), RpcFault> {
    if logs.len() > MAX_ANSWER {
        return Err(malformed("eth_getLogs", format!("more than {MAX_ANSWER} logs")));
    }
    if !logs.iter().all(|log| belongs(log) && !log.removed && log.log_index.is_some()) {
        return Err(malformed("eth_getLogs", "logs of blocks that were not asked for"));
    }
    Ok(())
}

fn head(header: &Header) -> Head {
    Head {
        number: header.number,
        hash: header.hash,
        timestamp: header.timestamp,
        base_fee: header.base_fee_per_gas.unwrap_or_default().into(),
    }
}
