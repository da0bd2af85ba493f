//! The engine's run: what a game does once a frame, without the game.

use std::time::{Duration, Instant};

use alloy::primitives::{Address, Log, U256};
use alloy::signers::local::PrivateKeySigner;
use alloy::sol_types::SolCall;
use latchkey::contracts::artifacts::SESSION_WALLET;
use latchkey::{ActError, Call, Chain, Endpoint, FrequencyCap, Model, Outcome, Owner, Policy, SessionKey};
use latchkey_tests::DEV_KEY;

use super::{Course, PATIENCE, POLL, Told};
use crate::tally;

/// Time between two looks at the chain: a game's frame at 60 Hz.
const FRAME: Duration = Duration::from_nanos(1_000_000_000 / 60);

/// Transactions per second that the session may send.
const TRANSACTIONS_PER_SECOND: u16 = 5;

/// Actions that one transaction may carry.
const ACTIONS_PER_TRANSACTION: u8 = 8;

/// Gas money of the session key, in wei: one coin.
const GAS_MONEY: u128 = 1_000_000_000_000_000_000;

/// Numbered actions; the state is how many have happened.
pub(crate) struct Numbers(Address);

impl Model for Numbers {
    type State = u64;
    type Action = u64;
    type Event = u64;
    type Reject = &'static str;

    fn initial(&self) -> u64 {
        0
    }
    fn predict(&self, state: &mut u64, _: &u64, _: u64) -> Result<(), &'static str> {
        *state += 1;
        Ok(())
    }
    fn encode(&self, number: &u64) -> Call {
        Call::new(self.0, tally::actCall::SELECTOR).arg(U256::from(*number))
    }
    fn decode(&self, log: &Log) -> Option<u64> {
        log.topics().first().map(|topic| U256::from_be_bytes(topic.0).saturating_to())
    }
    fn apply(&self, state: &mut u64, _: &u64) {
        *state += 1;
    }
    fn checksum(&self, state: &u64) -> u64 {
        *state
    }
}

pub(crate) struct Engine(Chain<Numbers>);

impl Engine {
    /// Deploys the wallet, grants a session and starts the engine behind the proxy.
    pub(crate) async fn start(course: &Course) -> anyhow::Result<Self> {
        let (direct, proxied, tally) = (course.direct.clone(), course.proxied.clone(), course.tally);
        // The owner's calls block, and bring a runtime of their own.
        tokio::task::spawn_blocking(move || {
            let signer: PrivateKeySigner = DEV_KEY.parse()?;
            let owner = Owner::connect(&Endpoint::url(&direct)?, signer)?;
            owner.ensure_deployed(&[&SESSION_WALLET])?;
            let policy = Policy::builder("race")
                .method(tally, "Tally", "act(uint256)")
                .frequency(FrequencyCap::per_second(TRANSACTIONS_PER_SECOND))
                .max_actions_per_tx(ACTIONS_PER_TRANSACTION)
                .gas_money(GAS_MONEY)
                .build()?;
            let key = SessionKey::random()?;
            owner.grant(&policy, key.address())?;
            let builder = Chain::builder(Numbers(tally)).endpoint(Endpoint::url(&proxied)?).poll(POLL);
            Ok(Self(builder.session(key, owner.address()).start()?))
        })
        .await?
    }

    pub(crate) async fn run(self, course: &Course) -> anyhow::Result<Told> {
        let (length, pause) = (course.length, course.pause);
        tokio::task::spawn_blocking(move || play(self.0, length, pause)).await?
    }
}

fn play(mut chain: Chain<Numbers>, length: Duration, pause: Duration) -> anyhow::Result<Told> {
    let mut told = Told::default();
    let begun = Instant::now();
    let (mut due, mut deadline) = (begun, begun + length + PATIENCE);
    let (_never, wait) = std::sync::mpsc::sync_channel::<()>(1);
    while Instant::now() < deadline {
        for outcome in chain.drain() {
            match outcome {
                Outcome::Confirmed { latency, .. } => told.confirmed_ms.push(latency.as_secs_f64() * 1e3),
                Outcome::Rejected { .. } | Outcome::Expired { .. } => told.failed += 1,
                _ => (),
            }
        }
        let sending = begun.elapsed() < length;
        while sending && Instant::now() >= due {
            due += pause;
            match chain.act(told.attempted) {
                Ok(_) => told.attempted += 1,
                // The player sees that the window is full and acts again.
                Err(ActError::Full(_)) => break,
                Err(error) => anyhow::bail!("the engine refused an action: {error}"),
            }
        }
        if !sending && chain.status().actions.unresolved == 0 {
            deadline = Instant::now();
        }
        let _ = wait.recv_timeout(FRAME);
    }
    let report = chain.shutdown(Duration::from_millis(100));
    eprintln!(
        "latchkey: {} transactions, act call p50 {:.1} us, p99 {:.1} us",
        report.status.transactions.sent, report.act_call_us.p50, report.act_call_us.p99
    );
    Ok(told)
}
