//! JSON-RPC: one table of methods, each a function of the chain and its parameters.

mod blocks;
mod call;
mod error;
mod faults;
mod fees;
pub(crate) mod logs;
mod node;
mod params;
pub(crate) mod render;
mod state;

use serde_json::Value;

pub use error::RpcError;
use params::Params;

use super::chain::DevChain;

type Handler = fn(&mut DevChain, &Params) -> Result<Value, RpcError>;

/// Every method that the chain answers; subscriptions are the server's.
pub(crate) const METHODS: &[(&str, Handler)] = &[
    ("web3_clientVersion", node::client_version),
    ("net_version", node::net_version),
    ("eth_chainId", node::chain_id),
    ("eth_syncing", node::syncing),
    ("eth_accounts", node::accounts),
    ("eth_blockNumber", blocks::block_number),
    ("eth_getBlockByNumber", blocks::block_by_number),
    ("eth_getBlockByHash", blocks::block_by_hash),
    ("eth_getBlockReceipts", blocks::block_receipts),
    ("eth_getTransactionByHash", blocks::transaction_by_hash),
    ("eth_getTransactionReceipt", blocks::transaction_receipt),
    ("eth_getLogs", logs::logs),
    ("eth_getBalance", state::balance),
    ("eth_getCode", state::code),
    ("eth_getStorageAt", state::storage_at),
    ("eth_getTransactionCount", state::transaction_count),
    ("eth_call", call::call),
    ("eth_estimateGas", call::estimate_gas),
    ("eth_sendRawTransaction", call::send_raw_transaction),
    ("eth_gasPrice", fees::gas_price),
    ("eth_maxPriorityFeePerGas", fees::max_priority_fee),
    ("eth_feeHistory", fees::fee_history),
    ("evm_mine", faults::mine),
    ("evm_setAutomine", faults::set_automine),
    ("evm_setIntervalMining", faults::set_interval_mining),
    ("evm_increaseTime", faults::increase_time),
    ("evm_setNextBlockTimestamp", faults::set_next_block_timestamp),
    ("evm_snapshot", faults::snapshot),
    ("evm_revert", faults::revert),
    ("anvil_setBalance", faults::set_balance),
    ("anvil_dropTransaction", faults::drop_transaction),
    ("anvil_dropAllTransactions", faults::drop_all_transactions),
    ("anvil_nodeInfo", node::node_info),
];

impl DevChain {
    /// Answers one JSON-RPC request. `params` is the request's array, or null for none.
    ///
    /// # Errors
    ///
    /// [`RpcError`] with the code and words that geth uses; `data` carries what a call reverted
    /// with.
    pub fn request(&mut self, method: &str, params: Value) -> Result<Value, RpcError> {
        let (_, handler) =
            METHODS.iter().find(|(name, _)| *name == method).ok_or_else(|| RpcError::method_not_found(method))?;
        handler(self, &Params::new(params)?)
    }
}
