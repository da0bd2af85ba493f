//! Whether it was the session wallet that carried a transaction out.
//!
//! The owner may delegate the account elsewhere at any time (EIP-7702), and other code, or none, may well take a batch
//! without a word: the receipt says success, and nothing was done. A log of a contract that the game calls, or the
//! wallet's own of a call that failed, shows that the wallet was there, and costs nothing. Without either the account is
//! asked what it ran.

use alloy::primitives::{Address, B256};
use alloy::rpc::types::TransactionReceipt;
use alloy::sol_types::SolEvent;

use super::FollowSettings;
use crate::contracts::abi::SessionWallet;
use crate::contracts::runs_session_wallet;
use crate::io::fault::RpcFault;
use crate::io::rpc::Rpc;

/// True when a log shows that the wallet made a call, or that one failed.
pub(super) fn shows_the_wallet(settings: &FollowSettings, receipt: &TransactionReceipt) -> bool {
    let failed = |log| SessionWallet::CallFailed::decode_log(log).is_ok();
    let mut logs = receipt.logs().iter().map(|log| &log.inner);
    logs.any(|log| settings.targets.contains(&log.address) || (log.address == settings.account && failed(log)))
}

/// What the account ran in the block that was asked about last; its other transactions need not ask again.
#[derive(Debug, Default)]
pub(super) struct Codes(Option<(B256, bool)>);

impl Codes {
    /// True when the account ran the session wallet at the end of a receipt's block.
    ///
    /// An account that was delegated elsewhere after our transaction and in the same block counts as elsewhere before.
    pub(super) async fn ran_the_wallet(
        &mut self,
        rpc: &Rpc,
        account: Address,
        receipt: &TransactionReceipt,
    ) -> Result<bool, RpcFault> {
        let block = receipt.block_hash.unwrap_or_default();
        if let Some((_, ours)) = self.0.filter(|(of, _)| *of == block) {
            return Ok(ours);
        }
        let code = match rpc.code_at(account, receipt.block_number.unwrap_or_default()).await {
            // An endpoint that has let go of so old a state still knows the present one.
            Err(RpcFault::Refused { .. }) => rpc.code(account).await,
            told => told,
        };
        let ours = runs_session_wallet(&code?);
        self.0 = Some((block, ours));
        Ok(ours)
    }
}
