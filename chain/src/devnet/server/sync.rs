//! `eth_sendRawTransactionSync`: the part that waits.

use serde_json::Value;
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::timeout,
};

use super::shared::{Heard, Shared};
use crate::devnet::{
    Notice, RpcError,
    rpc::{Params, Sent, sync_wait},
};

impl Shared {
    /// Sends a transaction and waits for its receipt, without holding the chain meanwhile.
    pub(super) async fn send_sync(&self, params: Value) -> Result<Value, RpcError> {
        let params = Params::new(params)?;
        let _place = self.waiters.try_acquire().map_err(|_| RpcError::too_many_waiters())?;
        // Listening starts before sending, so that no block is missed.
        let mut heard = self.listen();
        let Sent { hash, receipt } = self.with(|chain| chain.send_sync(&params))?;
        if let Some(receipt) = receipt {
            return Ok(receipt);
        }
        let wait = sync_wait(&params);
        let found = timeout(wait, self.receipt_of(hash, &mut heard)).await;
        found.unwrap_or_else(|_| Err(RpcError::not_mined_in_time(hash, wait)))
    }

    async fn receipt_of(&self, hash: alloy::primitives::B256, heard: &mut Receiver<Heard>) -> Result<Value, RpcError> {
        loop {
            let look = match heard.recv().await {
                Ok(Heard::Notice(Notice::Head(block))) => block.transaction_hashes().any(|mined| mined == hash),
                Ok(Heard::Notice(_)) => false,
                // Whatever was missed is on the chain by now.
                Err(RecvError::Lagged(_)) => true,
                Ok(Heard::Stopped) | Err(RecvError::Closed) => return Err(RpcError::stopped()),
            };
            if look && let Some(receipt) = self.with(|chain| chain.receipt(hash)) {
                return Ok(receipt);
            }
        }
    }
}
