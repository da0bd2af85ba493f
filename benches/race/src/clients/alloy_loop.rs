//! What one writes with alloy in an afternoon.

use std::sync::Arc;
use std::time::Instant;

use alloy::network::TransactionBuilder;
use alloy::primitives::{Address, U256};
use alloy::providers::{DynProvider, Provider, ProviderBuilder};
use alloy::rpc::types::TransactionRequest;
use alloy::signers::local::PrivateKeySigner;
use alloy::sol_types::SolCall;
use latchkey_tests::DEV_KEY;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout, timeout_at};

use super::{Course, PATIENCE, POLL, Told};
use crate::tally;

struct Sender {
    provider: DynProvider,
    tally: Address,
}

impl Sender {
    /// Sends one action and waits for its receipt: milliseconds since `due`.
    async fn act(&self, number: u64, due: Instant) -> anyhow::Result<f64> {
        let input = tally::actCall { number: U256::from(number) }.abi_encode();
        let request = TransactionRequest::default().with_to(self.tally).with_input(input);
        let receipt = self.provider.send_transaction(request).await?.get_receipt().await?;
        anyhow::ensure!(receipt.status(), "the action reverted");
        Ok(due.elapsed().as_secs_f64() * 1e3)
    }
}

/// Sequential: the next action when the receipt of the last is there. Pipelined: each when it is due.
pub(super) async fn run(course: &Course, pipelined: bool) -> anyhow::Result<Told> {
    let signer: PrivateKeySigner = DEV_KEY.parse()?;
    // The recommended fillers: gas by estimate, fees by history, chain id, and the cached nonce manager.
    let provider = ProviderBuilder::new().wallet(signer).connect_http(course.proxied.parse()?).erased();
    provider.client().set_poll_interval(POLL);
    let sender = Arc::new(Sender { provider, tally: course.tally });
    let mut told = Told::default();
    let mut tick = interval(course.pause);
    if !pipelined {
        // Actions that came due while the receipt was awaited are never made.
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    }
    let begun = Instant::now();
    let mut open = JoinSet::new();
    loop {
        tick.tick().await;
        if begun.elapsed() >= course.length {
            break;
        }
        let (sender, number, due) = (Arc::clone(&sender), told.attempted, Instant::now());
        told.attempted += 1;
        open.spawn(async move { sender.act(number, due).await });
        if !pipelined {
            let _ = timeout(PATIENCE, async { note(&mut told, open.join_next().await) }).await;
        }
    }
    let end = tokio::time::Instant::now() + PATIENCE;
    while let Ok(Some(ended)) = timeout_at(end, open.join_next()).await {
        note(&mut told, Some(ended));
    }
    Ok(told)
}

fn note(told: &mut Told, ended: Option<Result<anyhow::Result<f64>, tokio::task::JoinError>>) {
    match ended {
        Some(Ok(Ok(ms))) => told.confirmed_ms.push(ms),
        Some(_) => told.failed += 1,
        None => (),
    }
}
