//! The follower over a tree of blocks.

mod hostile;
mod steps;
mod tree;

use std::time::{Duration, Instant};

use alloy::primitives::{Address, B256, Bytes, keccak256};
use alloy::rpc::types::Header;

use super::advance::{Arrival, Follower};
use super::{FollowSettings, Progress};
use crate::io::fault::RpcFault;
use crate::io::rpc::Rpc;
use crate::lane::OwnReceipt;
use crate::pure::MethodTable;
use tree::{Content, GAME, Node, Told};

/// Hash of a transaction of ours; replacements of a nonce differ in the variant.
fn ours(nonce: u64, variant: u8) -> B256 {
    keccak256([&nonce.to_be_bytes()[..], &[variant]].concat())
}

/// A block with these transactions of ours, each with a log, and these logs of others.
fn with(nonces: &[u64], others: &[u64]) -> Content {
    Content { ours: nonces.iter().map(|nonce| (*nonce, ours(*nonce, 0), true)).collect(), others: others.to_vec() }
}

/// A follower on a stepped clock, with all that it has told.
struct Stepped {
    node: Node,
    follower: Follower,
    now: Instant,
    /// Every step that still counts.
    told: Vec<Told>,
    /// Receipts that still count, as they were told.
    receipts: Vec<(u64, OwnReceipt)>,
    /// Where reorgs stepped back to.
    reorgs: Vec<Option<u64>>,
    floor: u64,
    behind: u64,
}

impl Stepped {
    fn new(node: &Node) -> Self {
        Self::from_block(node, 0)
    }

    fn from_block(node: &Node, from_block: u64) -> Self {
        let settings = FollowSettings {
            account: Address::ZERO,
            session: Address::ZERO,
            targets: vec![GAME],
            methods: MethodTable::new(Vec::new(), 0),
            from_block,
            spent: None,
        };
        Self {
            node: node.clone(),
            follower: Follower::new(Rpc::over(node.client(), None), settings),
            now: Instant::now(),
            told: Vec::new(),
            receipts: Vec::new(),
            reorgs: Vec::new(),
            floor: 0,
            behind: 0,
        }
    }

    fn watch(&mut self, nonce: u64, variant: u8) {
        self.follower.watch(nonce, ours(nonce, variant), Bytes::from(vec![variant]));
    }

    /// Goes to a head, as far as the node lets it.
    fn go(&mut self, to: &Header) -> Result<(), RpcFault> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        // More turns than any history here has ranges: it always arrives.
        for _ in 0..10_000 {
            let mut progress = Vec::new();
            let arrival = runtime.block_on(self.follower.advance(self.now, to, &mut progress));
            progress.into_iter().for_each(|step| self.take(step));
            if arrival? == Arrival::There {
                return Ok(());
            }
        }
        panic!("it never arrives");
    }

    /// Goes to the node's latest block.
    fn poll(&mut self) -> Result<(), RpcFault> {
        let latest = self.node.latest();
        self.go(&latest)
    }

    /// Polls, and lets time pass, until everything must have been told.
    fn settle(&mut self) {
        for _ in 0..5 {
            self.now += Duration::from_secs(1);
            self.poll().expect("the node answers");
        }
    }

    fn take(&mut self, step: Progress) {
        match step {
            Progress::Reorged { to } => {
                assert!(to.is_none_or(|to| to >= self.floor), "nobody steps back below the floor");
                self.told.retain(|(number, ..)| to.is_some_and(|to| *number <= to));
                self.receipts.retain(|(number, _)| to.is_some_and(|to| *number <= to));
                self.floor = if to.is_some() { self.floor } else { 0 };
                self.reorgs.push(to);
            }
            Progress::Block { head, floor, behind, logs, receipts } => {
                assert!(floor >= self.floor && floor <= head.number, "the floor only rises");
                (self.floor, self.behind) = (floor, behind);
                let value = |data: &[u8]| data.try_into().map_or(u64::MAX, u64::from_be_bytes);
                let logs = logs.into_iter().map(|(tx, log)| (tx, value(&log.data.data)));
                let own = receipts.iter().map(|receipt| (receipt.nonce, receipt.hash)).collect();
                self.told.push((head.number, logs.collect(), own));
                self.receipts.extend(receipts.into_iter().map(|receipt| (head.number, receipt)));
            }
        }
    }

    /// All logs that still count, in order.
    fn logs(&self) -> Vec<(B256, u64)> {
        self.told.iter().flat_map(|(_, logs, _)| logs.clone()).collect()
    }

    /// The nonces that still count as used, with the transactions that used them.
    fn used(&self) -> Vec<(u64, B256)> {
        let mut used: Vec<_> = self.receipts.iter().map(|(_, receipt)| (receipt.nonce, receipt.hash)).collect();
        used.sort_unstable();
        used
    }

    /// Compares with a replay of the node's canonical chain.
    #[track_caller]
    fn check(&self) {
        let replay = self.node.tree().replay();
        let logs: Vec<_> = replay.iter().flat_map(|(_, logs, _)| logs.clone()).collect();
        assert_eq!(self.logs(), logs, "the logs of the canonical chain, in order");
        let mut used: Vec<_> = replay.iter().flat_map(|(.., used)| used.clone()).collect();
        used.sort_unstable();
        assert_eq!(self.used(), used, "each nonce by the transaction that the canonical chain holds");
    }
}
