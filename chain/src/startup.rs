//! The start-up check: what must hold before the first signature, found out once and told as one table.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use alloy::primitives::utils::format_ether;
use alloy::primitives::{Address, U256};

use crate::contracts::abi::{SessionView, SessionWallet};
use crate::contracts::runs_session_wallet;
use crate::error::StartError;
use crate::io::{Endpoint, EndpointError, Rpc, RpcFault};
use crate::lane::Head;
use crate::pure::full_batch_gas;
use crate::session::format_utc;
use crate::status::{SessionFacts, TokenFacts};

/// What the start-up check found. Prints as a table.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Startup {
    /// Chain id that goes into each signature (EIP-155).
    pub chain_id: u64,
    /// The first endpoint, without any access key.
    pub endpoint: String,
    /// What the endpoint calls itself.
    pub client: String,
    /// The endpoint pushes new blocks; otherwise it is polled.
    pub pushes: bool,
    /// The endpoint answers a submission over HTTP with its receipt (EIP-7966). It is asked to while nothing else of the
    /// session is on its way, blocks take two seconds at most, and there is no second endpoint.
    pub sync_send: bool,
    /// The second endpoint, and whether it answered.
    pub second: Option<(String, bool)>,
    /// Average time between the latest blocks; `None` on a chain too young to tell.
    pub block_time: Option<Duration>,
    /// The local clock less the latest block's time, in seconds. A healthy chain's is between 0 and a block time.
    pub clock_ahead_s: i64,
    /// The session, as the contract has it.
    pub session: SessionFacts,
    /// The session key's native coin, in wei.
    pub gas_money: u128,
    /// Actions that it pays for at least, in full batches at the present fees.
    pub actions_paid: u64,
}

/// What the engine starts from.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) table: Startup,
    pub(crate) session: SessionView,
    pub(crate) pending_nonce: u64,
    pub(crate) head: Head,
    pub(crate) priority_fee: u128,
}

/// What is to be checked.
#[derive(Debug)]
pub(crate) struct Check<'a> {
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) rpc: &'a Rpc,
    /// The second endpoint with its connection, where it could be reached.
    pub(crate) second: Option<(&'a Endpoint, Option<&'a Rpc>)>,
    pub(crate) expected_chain: Option<u64>,
    pub(crate) key: Address,
    pub(crate) account: Address,
}

impl Check<'_> {
    /// Asks everything; the first thing that does not hold is the error.
    pub(crate) async fn run(self) -> Result<Checked, StartError> {
        let Self { rpc, key, account, .. } = self;
        let chain_id = self.chain_id().await?;
        if !rpc.code(key).await?.is_empty() {
            return Err(StartError::KeyHasCode(key));
        }
        if !runs_session_wallet(&rpc.code(account).await?) {
            return Err(StartError::NotDelegated(account));
        }
        let session = match rpc.view(account, &SessionWallet::sessionCall { key }).await {
            Ok(session) => session,
            Err(RpcFault::Refused { data: Some(_), .. }) => return Err(StartError::NoSession { account, key }),
            Err(fault) => return Err(fault.into()),
        };
        let balance: u128 = rpc.balance(key).await?.saturating_to();
        if balance == 0 {
            return Err(StartError::NoGasMoney(key));
        }
        let header = rpc.latest_header().await?;
        let facts = facts(&session, account);
        if header.timestamp >= facts.valid_until {
            return Err(StartError::SessionOver { ended: facts.valid_until });
        }
        let head = Head {
            number: header.number,
            hash: header.hash,
            timestamp: header.timestamp,
            base_fee: header.base_fee_per_gas.unwrap_or_default().into(),
        };
        let priority_fee = rpc.priority_fee().await?;
        let (pending_nonce, second) = self.pending().await?;
        let actions = facts.max_actions_per_tx;
        let table = Startup {
            chain_id,
            endpoint: self.endpoint.label().to_owned(),
            client: rpc.client_version().await?,
            pushes: self.endpoint.pushes(),
            sync_send: rpc.probe_sync_send().await,
            second,
            block_time: rpc.block_time(&header).await?,
            clock_ahead_s: clock_ahead_s(header.timestamp),
            gas_money: balance,
            actions_paid: actions_paid(balance, head.base_fee.saturating_add(priority_fee), actions),
            session: facts,
        };
        tracing::info!(target: "latchkey::start", "\n{table}");
        Ok(Checked { table, session, pending_nonce, head, priority_fee })
    }

    async fn chain_id(&self) -> Result<u64, StartError> {
        let found = self.rpc.chain_id().await.map_err(|fault| EndpointError::Unreachable {
            endpoint: self.endpoint.label().to_owned(),
            reason: fault.to_string(),
        })?;
        let expected = self.expected_chain.unwrap_or(found);
        if found != expected {
            return Err(StartError::WrongChain { expected, found });
        }
        // A second endpoint that is silent now may be the one that answers later; one of another chain never helps.
        if let Some((_, Some(second))) = self.second
            && let Ok(found) = second.chain_id().await
            && found != expected
        {
            return Err(StartError::WrongChain { expected, found });
        }
        Ok(found)
    }

    /// The highest pending nonce that any endpoint tells, and the second endpoint's row of the table.
    async fn pending(&self) -> Result<(u64, Option<(String, bool)>), StartError> {
        let first = self.rpc.nonce(self.key, "pending").await?;
        let Some((endpoint, rpc)) = self.second else { return Ok((first, None)) };
        let second = match rpc {
            Some(rpc) => rpc.nonce(self.key, "pending").await.ok(),
            None => None,
        };
        Ok((first.max(second.unwrap_or_default()), Some((endpoint.label().to_owned(), second.is_some()))))
    }
}

fn clock_ahead_s(timestamp: u64) -> i64 {
    let local = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    i64::try_from(local).unwrap_or(i64::MAX).saturating_sub_unsigned(timestamp)
}

/// What `balance` wei pay for, in batches as full as the session allows at `price` wei per unit of gas.
fn actions_paid(balance: u128, price: u128, actions: u8) -> u64 {
    let cost = u128::from(full_batch_gas(actions)).saturating_mul(price.max(1));
    u64::try_from(balance / cost.max(1)).unwrap_or(u64::MAX).saturating_mul(actions.into())
}

fn facts(session: &SessionView, account: Address) -> SessionFacts {
    let tokens = session.tokens.iter().map(|cap| TokenFacts {
        token: cap.token,
        per_tx: amount(cap.perTx),
        total: amount(cap.total),
        spent: amount(cap.spent),
    });
    SessionFacts {
        key: session.key,
        account,
        tx_limit: session.txLimit,
        tx_period_s: session.txPeriodSeconds.to(),
        max_actions_per_tx: session.maxActionsPerTx,
        valid_after: session.validAfter.to(),
        valid_until: session.validUntil.to(),
        native_per_tx: amount(session.nativePerTx),
        native_total: amount(session.nativeTotal),
        native_spent: amount(session.nativeSpent),
        tokens: tokens.collect(),
    }
}

/// No amount that the contract keeps is wider.
fn amount(stored: U256) -> u128 {
    stored.saturating_to()
}

impl fmt::Display for Startup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = |f: &mut fmt::Formatter<'_>, name: &str, told: &dyn fmt::Display| writeln!(f, "{name:<17}{told}");
        let session = &self.session;
        row(f, "chain id", &self.chain_id)?;
        row(f, "endpoint", &format_args!("{} ({})", self.endpoint, self.client))?;
        let heads = if self.pushes { "pushes new blocks" } else { "is polled" };
        let sync = if self.sync_send { "answers with the receipt (EIP-7966)" } else { "answers with the hash" };
        row(f, "", &format_args!("{heads}; {sync}"))?;
        match &self.second {
            Some((label, true)) => row(f, "second endpoint", label)?,
            Some((label, false)) => row(f, "second endpoint", &format_args!("{label}, silent so far"))?,
            None => {}
        }
        match self.block_time {
            Some(time) => row(f, "block time", &format_args!("{} ms", time.as_millis()))?,
            None => row(f, "block time", &"not known yet")?,
        }
        row(f, "clock", &format_args!("{} s ahead of the latest block", self.clock_ahead_s))?;
        row(f, "account", &format_args!("{}, runs the session wallet", session.account))?;
        row(f, "session key", &format_args!("{}, a plain account", session.key))?;
        let (limit, period) = (session.tx_limit, session.tx_period_s);
        let per_tx = session.max_actions_per_tx;
        row(f, "cap", &format_args!("{limit} transactions per {period} s, {per_tx} actions each"))?;
        row(f, "valid until", &format_utc(session.valid_until))?;
        let (coin, actions) = (format_ether(self.gas_money), self.actions_paid);
        row(f, "gas money", &format_args!("{coin}, enough for {actions} actions at the present fees"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_names_every_row_once() {
        let table = Startup { second: Some(("node.example".into(), false)), ..Startup::default() }.to_string();
        for name in ["chain id", "endpoint", "second endpoint", "clock", "account", "cap", "gas money"] {
            let rows = table.lines().filter(|line| line.split("  ").next() == Some(name)).count();
            assert_eq!(rows, 1, "{name} in\n{table}");
        }
    }

    #[test]
    fn gas_money_is_told_as_actions_of_full_batches() {
        let batch = u128::from(full_batch_gas(8)) * 10;
        assert_eq!(actions_paid(batch * 3, 10, 8), 24);
        assert_eq!(actions_paid(batch - 1, 10, 8), 0, "less than one batch is not promised to be enough");
        assert_eq!(actions_paid(u128::MAX, 0, 8), u64::MAX, "free gas pays for everything");
    }
}
