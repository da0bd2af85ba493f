//! A mined block, and the header that a block's contents give.

use alloy::{
    consensus::{
        EMPTY_OMMER_ROOT_HASH, EMPTY_ROOT_HASH, Header, ReceiptEnvelope, Transaction, TxEnvelope,
        proofs::{calculate_receipt_root, calculate_transaction_root},
        transaction::Recovered,
    },
    eips::{
        eip1559::{BaseFeeParams, calc_next_block_base_fee},
        eip2718::Encodable2718,
        eip7685::EMPTY_REQUESTS_HASH,
    },
    primitives::{Address, B256, Bloom, Bytes, Sealable, Sealed, keccak256},
};

/// Bytes of a block beside its transactions and logs: header and indexes.
const BLOCK_OVERHEAD: usize = 1_024;

/// Bytes of a transaction beside its encoding: receipt with bloom, sender and indexes.
const TRANSACTION_OVERHEAD: usize = 1_024;

/// Bytes of a log beside its data: address, topics and bookkeeping.
const LOG_OVERHEAD: usize = 256;

/// A block of the devnet with everything that a client may ask about it.
#[derive(Clone, Debug)]
pub struct Block {
    header: Sealed<Header>,
    pub(crate) transactions: Vec<Recovered<TxEnvelope>>,
    pub(crate) receipts: Vec<Executed>,
}

/// What the execution of one transaction left behind.
#[derive(Clone, Debug)]
pub(crate) struct Executed {
    pub(crate) receipt: ReceiptEnvelope,
    pub(crate) gas_used: u64,
    pub(crate) created: Option<Address>,
    /// Index within the block of the transaction's first log.
    pub(crate) first_log: u64,
}

impl Executed {
    /// What the transactions of a block left behind, from their receipts.
    pub(crate) fn of_block(transactions: &[Recovered<TxEnvelope>], receipts: Vec<ReceiptEnvelope>) -> Vec<Self> {
        let (mut gas, mut logs) = (0, 0);
        let executed = transactions.iter().zip(receipts).map(|(tx, receipt)| {
            let gas_before = std::mem::replace(&mut gas, receipt.cumulative_gas_used());
            let first_log = logs;
            logs += receipt.logs().len() as u64;
            Self { gas_used: gas.saturating_sub(gas_before), created: Self::created_by(tx), first_log, receipt }
        });
        executed.collect()
    }

    /// Address of the contract that a transaction creates. As in geth, a creation names it even
    /// when it fails.
    pub(crate) fn created_by(tx: &Recovered<TxEnvelope>) -> Option<Address> {
        tx.is_create().then(|| tx.signer().create(tx.nonce()))
    }
}

impl Block {
    pub(crate) fn new(header: Header, transactions: Vec<Recovered<TxEnvelope>>, receipts: Vec<Executed>) -> Self {
        Self { header: header.seal_slow(), transactions, receipts }
    }

    /// Block number; the genesis block has zero.
    pub fn number(&self) -> u64 {
        self.header.number
    }

    /// Block hash.
    pub fn hash(&self) -> B256 {
        self.header.seal()
    }

    /// Timestamp in Unix seconds.
    pub fn timestamp(&self) -> u64 {
        self.header.timestamp
    }

    /// Base fee in wei per gas.
    pub fn base_fee(&self) -> u64 {
        self.header.base_fee_per_gas.unwrap_or_default()
    }

    /// Header with its hash.
    pub fn header(&self) -> &Sealed<Header> {
        &self.header
    }

    /// Bytes that the block takes in memory, about.
    pub(crate) fn weight(&self) -> usize {
        let transactions = self.transactions.iter().map(|tx| TRANSACTION_OVERHEAD + tx.encode_2718_len());
        let logs = self.receipts.iter().flat_map(|executed| executed.receipt.logs());
        BLOCK_OVERHEAD + transactions.sum::<usize>() + logs.map(|log| LOG_OVERHEAD + log.data.data.len()).sum::<usize>()
    }

    /// Hashes of the block's transactions, in their order.
    pub fn transaction_hashes(&self) -> impl Iterator<Item = B256> + '_ {
        self.transactions.iter().map(|transaction| *transaction.tx_hash())
    }
}

/// The part of a header that is known before the first transaction runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BlockParams {
    pub(crate) number: u64,
    pub(crate) timestamp: u64,
    pub(crate) base_fee: u64,
    pub(crate) gas_limit: u64,
    pub(crate) parent_hash: B256,
    pub(crate) prev_randao: B256,
}

impl BlockParams {
    /// Parameters of the first block.
    pub(crate) fn genesis(timestamp: u64, base_fee: u64, gas_limit: u64) -> Self {
        Self { number: 0, timestamp, base_fee, gas_limit, parent_hash: B256::ZERO, prev_randao: B256::ZERO }
    }

    /// Parameters of the block after `parent`, with the base fee by the EIP-1559 rule.
    ///
    /// `branch` is the number of reorganisations so far: it alone tells an empty block from the
    /// empty block that it takes the place of.
    pub(crate) fn after(parent: &Block, timestamp: u64, branch: u64) -> Self {
        let header = parent.header();
        Self {
            number: header.number + 1,
            timestamp,
            base_fee: calc_next_block_base_fee(
                header.gas_used,
                header.gas_limit,
                parent.base_fee(),
                BaseFeeParams::ethereum(),
            ),
            gas_limit: header.gas_limit,
            parent_hash: parent.hash(),
            // Deterministic, so that equal runs give equal blocks.
            prev_randao: keccak256([parent.hash().as_slice(), &branch.to_be_bytes()].concat()),
        }
    }

    /// Parameters under which `block` itself was executed.
    pub(crate) fn of(block: &Block) -> Self {
        let header = block.header();
        Self {
            number: header.number,
            timestamp: header.timestamp,
            base_fee: block.base_fee(),
            gas_limit: header.gas_limit,
            parent_hash: header.parent_hash,
            prev_randao: header.mix_hash,
        }
    }

    /// Seals the block from what was executed under these parameters.
    pub(crate) fn seal(
        self,
        state_root: B256,
        transactions: Vec<Recovered<TxEnvelope>>,
        receipts: Vec<Executed>,
    ) -> Block {
        let envelopes: Vec<_> = receipts.iter().map(|executed| &executed.receipt).collect();
        let inner: Vec<_> = transactions.iter().map(Recovered::inner).collect();
        let logs_bloom = envelopes.iter().fold(Bloom::ZERO, |bloom, receipt| bloom | *receipt.logs_bloom());
        let header = Header {
            parent_hash: self.parent_hash,
            ommers_hash: EMPTY_OMMER_ROOT_HASH,
            beneficiary: Address::ZERO,
            state_root,
            transactions_root: calculate_transaction_root(&inner),
            receipts_root: calculate_receipt_root(&envelopes),
            logs_bloom,
            number: self.number,
            gas_limit: self.gas_limit,
            gas_used: receipts.iter().map(|executed| executed.gas_used).sum(),
            timestamp: self.timestamp,
            extra_data: Bytes::new(),
            mix_hash: self.prev_randao,
            base_fee_per_gas: Some(self.base_fee),
            withdrawals_root: Some(EMPTY_ROOT_HASH),
            blob_gas_used: Some(0),
            excess_blob_gas: Some(0),
            parent_beacon_block_root: Some(B256::ZERO),
            requests_hash: Some(EMPTY_REQUESTS_HASH),
            ..Header::default()
        };
        Block::new(header, transactions, receipts)
    }
}
