//! A mined block, and the header that a block's contents give.

use alloy::{
    consensus::{
        EMPTY_OMMER_ROOT_HASH, EMPTY_ROOT_HASH, Header, ReceiptEnvelope, TxEnvelope,
        proofs::{calculate_receipt_root, calculate_transaction_root},
        transaction::Recovered,
    },
    eips::{
        eip1559::{BaseFeeParams, calc_next_block_base_fee},
        eip7685::EMPTY_REQUESTS_HASH,
    },
    primitives::{Address, B256, Bloom, Bytes, Sealable, Sealed, keccak256},
};

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

impl Block {
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
    pub(crate) fn after(parent: &Block, timestamp: u64) -> Self {
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
            prev_randao: keccak256(parent.hash()),
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
        Block { header: header.seal_slow(), transactions, receipts }
    }
}
