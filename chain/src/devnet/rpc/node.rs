//! Methods about the node itself.

use alloy::primitives::U64;
use serde_json::{Value, json};

use super::{
    RpcError,
    params::{Params, answer},
};
use crate::devnet::{accounts::DEV_ADDRESSES, chain::DevChain, execute::SPEC, limits::SUGGESTED_TIP};

/// What `web3_clientVersion` says.
pub(super) const CLIENT_VERSION: &str = concat!("latchkey-devnet/", env!("CARGO_PKG_VERSION"));

pub(super) fn client_version(_: &mut DevChain, _: &Params) -> Result<Value, RpcError> {
    answer(CLIENT_VERSION)
}

pub(super) fn net_version(chain: &mut DevChain, _: &Params) -> Result<Value, RpcError> {
    answer(chain.chain_id().to_string())
}

pub(super) fn listening(_: &mut DevChain, _: &Params) -> Result<Value, RpcError> {
    answer(true)
}

pub(super) fn modules(_: &mut DevChain, _: &Params) -> Result<Value, RpcError> {
    Ok(json!({ "anvil": "1.0", "eth": "1.0", "evm": "1.0", "net": "1.0", "rpc": "1.0", "web3": "1.0" }))
}

pub(super) fn chain_id(chain: &mut DevChain, _: &Params) -> Result<Value, RpcError> {
    answer(U64::from(chain.chain_id()))
}

pub(super) fn syncing(_: &mut DevChain, _: &Params) -> Result<Value, RpcError> {
    answer(false)
}

pub(super) fn accounts(_: &mut DevChain, _: &Params) -> Result<Value, RpcError> {
    // Nothing is unlocked: every transaction comes signed.
    answer(DEV_ADDRESSES)
}

pub(super) fn node_info(chain: &mut DevChain, _: &Params) -> Result<Value, RpcError> {
    let head = chain.head();
    let base_fee = u128::from(chain.next_params().base_fee);
    Ok(json!({
        "currentBlockNumber": U64::from(head.number()),
        "currentBlockTimestamp": head.timestamp(),
        "currentBlockHash": head.hash(),
        "hardFork": format!("{SPEC:?}"),
        "transactionOrder": "fees",
        "environment": {
            "baseFee": U64::from(base_fee),
            "chainId": chain.chain_id(),
            "gasLimit": U64::from(chain.gas_limit),
            "gasPrice": U64::from(base_fee + SUGGESTED_TIP),
        },
        "forkConfig": { "forkUrl": null, "forkBlockNumber": null, "forkRetryBackoff": null },
    }))
}
