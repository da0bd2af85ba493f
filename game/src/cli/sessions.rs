//! `latchkey sessions`: what an account has granted, read from the chain, and the end of it.

use std::process::ExitCode;

use alloy::primitives::{Address, hex};
use latchkey::contracts::abi::SessionView;
use latchkey::session::{describe_session, format_utc};
use latchkey::{AccountForm, Endpoint, Owner};
use latchkey_game::onchain::setup::{SetupError, check_chain, known_policy};
use serde::Serialize;

use crate::cli::args::{AccountArgs, SessionsCommand};
use crate::cli::failure::Failure;
use crate::cli::owner;

/// Does what the command says.
///
/// # Errors
/// When the endpoint cannot be reached or is another chain, the key cannot be read, there is no such session, or the
/// chain refuses the revocation.
pub(crate) fn run(command: &SessionsCommand) -> anyhow::Result<ExitCode> {
    match command {
        SessionsCommand::List(args) => list(&Account::open(args)?),
        SessionsCommand::Revoke { key, account } => revoke(&Account::open(account)?, *key),
        SessionsCommand::RevokeAll(args) => revoke_all(&Account::open(args)?),
    }?;
    Ok(ExitCode::SUCCESS)
}

/// An account behind an endpoint, with the owner's hand on it.
struct Account {
    owner: Owner,
    form: AccountForm,
    json: bool,
}

impl Account {
    fn open(args: &AccountArgs) -> anyhow::Result<Self> {
        let endpoint = Endpoint::url(&args.rpc).map_err(SetupError::from_endpoint)?;
        let Some(signer) = owner::load(&args.owner)? else {
            return Err(Failure::owner("no owner key: give --keystore or --private-key-env"));
        };
        let failed = |error| SetupError::from_owner("look up the owner", error);
        let owner = Owner::connect(&endpoint, signer).map_err(failed)?;
        check_chain(endpoint.label(), &owner, args.chain_id)?;
        let form = if args.clone { AccountForm::Clone } else { AccountForm::Delegated };
        Ok(Self { owner, form, json: args.json })
    }

    fn address(&self) -> Address {
        self.owner.account(self.form)
    }

    fn sessions(&self) -> anyhow::Result<Vec<SessionView>> {
        let failed = |error| SetupError::from_owner("read the sessions", error);
        Ok(self.owner.sessions_in(self.form).map_err(failed)?)
    }
}

fn list(account: &Account) -> anyhow::Result<()> {
    let sessions = account.sessions()?;
    if account.json {
        let sessions: Vec<_> = sessions.iter().map(SessionFigures::new).collect();
        let told = AccountFigures { account: account.address().to_string(), sessions };
        println!("{}", serde_json::to_string_pretty(&told)?);
        return Ok(());
    }
    println!("{} has {} of account {}", account.owner.address(), count(sessions.len()), account.address());
    let known = known_policy()?;
    for session in &sessions {
        println!();
        for line in describe_session(session, Some(&known)) {
            println!("  {line}");
        }
        println!("  {}", standing(session));
    }
    Ok(())
}

/// What a session can do at the latest block.
fn standing(session: &SessionView) -> String {
    let (next, until): (u64, u64) = (session.nextAllowedAt.to(), session.validUntil.to());
    match session.remaining {
        0 if next >= until => "Over: it can do nothing any more".to_owned(),
        0 => format!("Can send its next transaction at {}", format_utc(next)),
        left => format!("Live: can send {left} transactions at once"),
    }
}

fn revoke(account: &Account, key: Address) -> anyhow::Result<()> {
    if !account.sessions()?.iter().any(|session| session.key == key) {
        return Err(Failure::owner(format!(
            "account {} has no session of key {key}. See which it has with `latchkey sessions list`.",
            account.address()
        )));
    }
    let failed = |error| SetupError::from_owner("revoke the session", error);
    account.owner.revoke_in(account.form, key).map_err(failed)?;
    tell(account, &[key])
}

fn revoke_all(account: &Account) -> anyhow::Result<()> {
    let keys: Vec<Address> = account.sessions()?.iter().map(|session| session.key).collect();
    if !keys.is_empty() {
        let failed = |error| SetupError::from_owner("revoke the sessions", error);
        account.owner.revoke_all_in(account.form).map_err(failed)?;
    }
    tell(account, &keys)
}

/// Says which sessions have ended, and checks it on chain.
fn tell(account: &Account, ended: &[Address]) -> anyhow::Result<()> {
    let left = account.sessions()?;
    if let Some(live) = left.iter().find(|session| ended.contains(&session.key)) {
        return Err(Failure::owner(format!("the session of {} is still stored; look again in a moment", live.key)));
    }
    if account.json {
        let ended: Vec<String> = ended.iter().map(Address::to_string).collect();
        println!("{}", serde_json::json!({ "account": account.address(), "revoked": ended, "left": left.len() }));
        return Ok(());
    }
    for key in ended {
        println!("revoked {key}");
    }
    println!("{} left", count(left.len()));
    Ok(())
}

fn count(sessions: usize) -> String {
    match sessions {
        0 => "no session".to_owned(),
        1 => "1 session".to_owned(),
        many => format!("{many} sessions"),
    }
}

#[derive(Serialize)]
struct AccountFigures {
    account: String,
    sessions: Vec<SessionFigures>,
}

/// A session for tools; amounts are decimal strings, for they exceed what JSON's numbers hold.
#[derive(Serialize)]
struct SessionFigures {
    key: String,
    valid_after: u64,
    valid_until: u64,
    tx_limit: u16,
    tx_period_s: u32,
    max_actions_per_tx: u8,
    remaining_now: u16,
    next_allowed_at: u64,
    native_per_tx: String,
    native_total: String,
    native_spent: String,
    methods: Vec<MethodFigures>,
    tokens: Vec<TokenFigures>,
}

#[derive(Serialize)]
struct MethodFigures {
    target: String,
    selector: String,
}

#[derive(Serialize)]
struct TokenFigures {
    token: String,
    per_tx: String,
    total: String,
    spent: String,
}

impl SessionFigures {
    fn new(session: &SessionView) -> Self {
        let method = |method: &latchkey::contracts::abi::MethodView| MethodFigures {
            target: method.target.to_string(),
            selector: hex::encode_prefixed(method.selector),
        };
        let token = |token: &latchkey::contracts::abi::TokenView| TokenFigures {
            token: token.token.to_string(),
            per_tx: token.perTx.to_string(),
            total: token.total.to_string(),
            spent: token.spent.to_string(),
        };
        Self {
            key: session.key.to_string(),
            valid_after: session.validAfter.to(),
            valid_until: session.validUntil.to(),
            tx_limit: session.txLimit,
            tx_period_s: session.txPeriodSeconds.to(),
            max_actions_per_tx: session.maxActionsPerTx,
            remaining_now: session.remaining,
            next_allowed_at: session.nextAllowedAt.to(),
            native_per_tx: session.nativePerTx.to_string(),
            native_total: session.nativeTotal.to_string(),
            native_spent: session.nativeSpent.to_string(),
            methods: session.methods.iter().map(method).collect(),
            tokens: session.tokens.iter().map(token).collect(),
        }
    }
}
