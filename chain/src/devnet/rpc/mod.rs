//! JSON-RPC: one table of methods, each a function of the chain and its parameters.

mod accounts;
mod blocks;
mod call;
mod error;
mod faults;
mod fees;
pub(crate) mod logs;
mod node;
mod params;
pub(crate) mod render;
mod reorg;
mod send;
mod state;

use serde_json::Value;

pub use error::RpcError;
pub(crate) use params::Params;
#[cfg(feature = "devnet-server")]
pub(crate) use send::{Sent, sync_wait};

use super::chain::DevChain;

type Handler = fn(&mut DevChain, &Params) -> Result<Value, RpcError>;

/// The one method whose answer may take a while; a server waits, the chain itself never does.
pub(crate) const SEND_SYNC: &str = "eth_sendRawTransactionSync";

/// Every method that the chain answers; subscriptions are the server's.
pub(crate) const METHODS: &[(&str, Handler)] = &[
    ("web3_clientVersion", node::client_version),
    ("net_version", node::net_version),
    ("net_listening", node::listening),
    ("rpc_modules", node::modules),
    ("eth_chainId", node::chain_id),
    ("eth_syncing", node::syncing),
    ("eth_accounts", node::accounts),
    ("eth_blockNumber", blocks::block_number),
    ("eth_getBlockByNumber", blocks::block_by_number),
    ("eth_getBlockByHash", blocks::block_by_hash),
    ("eth_getBlockReceipts", blocks::block_receipts),
    ("eth_getBlockTransactionCountByNumber", blocks::transaction_count),
    ("eth_getBlockTransactionCountByHash", blocks::transaction_count),
    ("eth_getTransactionByBlockNumberAndIndex", blocks::transaction_by_index),
    ("eth_getTransactionByBlockHashAndIndex", blocks::transaction_by_index),
    ("eth_getTransactionByHash", blocks::transaction_by_hash),
    ("eth_getTransactionReceipt", blocks::transaction_receipt),
    ("eth_getLogs", logs::logs),
    ("eth_getBalance", state::balance),
    ("eth_getCode", state::code),
    ("eth_getStorageAt", state::storage_at),
    ("eth_getTransactionCount", state::transaction_count),
    ("eth_call", call::call),
    ("eth_estimateGas", call::estimate_gas),
    ("eth_sendRawTransaction", send::send_raw_transaction),
    (SEND_SYNC, send::send_raw_transaction_sync),
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
    ("anvil_mine", faults::mine_spaced),
    ("anvil_reorg", reorg::reorg),
    ("anvil_setNextBlockBaseFeePerGas", faults::set_next_base_fee),
    ("anvil_setBalance", accounts::set_balance),
    ("anvil_setNonce", accounts::set_nonce),
    ("anvil_setCode", accounts::set_code),
    ("anvil_setStorageAt", accounts::set_storage_at),
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
        let params = if method == "anvil_reorg" { reorg::positional(params) } else { params };
        handler(self, &Params::new(params)?)
    }
}
