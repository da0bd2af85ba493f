//! Blocks, transactions, receipts and logs as clients read them.

use alloy::{
    consensus::{
        Transaction as _,
        transaction::{Recovered, TransactionInfo},
    },
    primitives::{Sealed, U256},
    rlp::Encodable,
    rpc::types::{
        Block as RpcBlock, BlockTransactions, Header as RpcHeader, Log as RpcLog, Transaction, TransactionReceipt,
    },
};

use crate::devnet::{block::Block, pool::Pooled};

pub(crate) fn header(block: &Block) -> RpcHeader {
    let sealed = block.header();
    let size = U256::from(sealed.inner().length());
    let header = RpcHeader::from_sealed(Sealed::new_unchecked(sealed.inner().clone(), sealed.seal()));
    header.with_total_difficulty(Some(U256::ZERO)).with_size(Some(size))
}

pub(crate) fn block(block: &Block, full: bool) -> RpcBlock {
    let transactions = if full {
        let all = (0..block.transactions.len()).map(|index| transaction(block, index));
        BlockTransactions::Full(all.collect())
    } else {
        BlockTransactions::Hashes(block.transaction_hashes().collect())
    };
    RpcBlock { header: header(block), uncles: Vec::new(), transactions, withdrawals: Some(Default::default()) }
}

pub(crate) fn transaction(block: &Block, index: usize) -> Transaction {
    let tx = &block.transactions[index];
    let info = TransactionInfo {
        hash: Some(*tx.tx_hash()),
        index: Some(index as u64),
        block_hash: Some(block.hash()),
        block_number: Some(block.number()),
        base_fee: Some(block.base_fee()),
        block_timestamp: Some(block.timestamp()),
    };
    Transaction::from_transaction(tx.clone(), info)
}

pub(crate) fn pending(pooled: &Pooled) -> Transaction {
    Transaction::from_transaction(pooled.tx.clone(), TransactionInfo::default())
}

pub(crate) fn logs(block: &Block, index: usize) -> Vec<RpcLog> {
    let executed = &block.receipts[index];
    let hash = *block.transactions[index].tx_hash();
    let rendered = executed.receipt.logs().iter().zip(executed.first_log..).map(|(log, at)| RpcLog {
        inner: log.clone(),
        block_hash: Some(block.hash()),
        block_number: Some(block.number()),
        block_timestamp: Some(block.timestamp()),
        transaction_hash: Some(hash),
        transaction_index: Some(index as u64),
        log_index: Some(at),
        removed: false,
    });
    rendered.collect()
}

pub(crate) fn receipt(block: &Block, index: usize) -> TransactionReceipt {
    let executed = &block.receipts[index];
    let tx: &Recovered<_> = &block.transactions[index];
    let mut logs = logs(block, index).into_iter();
    TransactionReceipt {
        // One rendered log per log, in the same order.
        inner: executed.receipt.clone().map_logs(|_| logs.next().unwrap_or_default()),
        transaction_hash: *tx.tx_hash(),
        transaction_index: Some(index as u64),
        block_hash: Some(block.hash()),
        block_number: Some(block.number()),
        gas_used: executed.gas_used,
        effective_gas_price: tx.effective_gas_price(Some(block.base_fee())),
        blob_gas_used: None,
        blob_gas_price: None,
        from: tx.signer(),
        to: tx.to(),
        contract_address: executed.created,
    }
}
