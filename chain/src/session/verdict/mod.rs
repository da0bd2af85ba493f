//! A model of the policy: what the session wallet will say to a batch, and what is left afterwards.
//!
//! Pure: bytes, time and the state before go in; the state after or the very error comes out. It is written from the
//! rules and not from the Solidity, so that a test which runs both finds where either of them is wrong.
//!
//! | file | what lives there |
//! |---|---|
//! | `terms` | what was granted, and what is spent of it |
//! | `batch` | the packed bytes as calls, or why they are none |
//! | `rate` | the frequency cap's clock |
//! | `relay` | sequences of relayed batches |
//! | `tokens` | what a batch spends of capped tokens |
//! | `refusal` | the wallet's errors, byte for byte |
//!
//! Not modelled: gas, so that whether an isolated batch ends with `InsufficientGas` is not foreseen; what a user
//! operation that nobody sponsors costs the session in `validateUserOp`; a token that lies about balances or allowances.

mod batch;
mod rate;
mod refusal;
mod relay;
mod terms;
mod tokens;

use alloy::primitives::{Address, U256};

use crate::contracts::abi::SessionWallet;
use crate::model::Call;

pub(crate) use rate::Rate;
pub use refusal::Refusal;
pub use relay::Relayed;
pub use terms::{Ledger, Rule, Terms, TokenTerms};

/// What a call does to the outside, as far as the wallet sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It went through. The account's balance of each capped token of the session fell by this much, in order.
    Done(Vec<U256>),
    /// It reverted with this data.
    Failed(Vec<u8>),
}

/// The contracts that a session calls.
pub trait World {
    /// Makes a call for the account, with `gas` when the batch is isolated and with plenty otherwise.
    fn call(&mut self, call: &Call, gas: Option<u32>) -> Effect;
}

impl Terms {
    /// What the wallet does at Unix second `now` with a batch that `sender` sends itself: all that follows the selector
    /// of `actAsKey()`. The answer is the ledger afterwards.
    ///
    /// # Errors
    ///
    /// [`Refusal`]: the transaction reverts with its data and nothing changes. `world` may have seen calls.
    pub fn act(
        &self,
        ledger: &Ledger,
        now: u64,
        sender: Address,
        batch: &[u8],
        world: &mut impl World,
    ) -> Result<Ledger, Refusal> {
        self.check_key(sender)?;
        self.check_window(now)?;
        self.run(ledger.clone(), now, batch, world)
    }

    /// What the wallet does with a batch that somebody submits for a session key, given all that follows the selector
    /// of `relaySession()`.
    ///
    /// # Errors
    ///
    /// As [`act`](Self::act).
    pub fn act_for(&self, ledger: &Ledger, now: u64, args: &[u8], world: &mut impl World) -> Result<Ledger, Refusal> {
        let message = Relayed::read(args).ok_or(SessionWallet::MalformedBatch {})?;
        self.check_key(message.key)?;
        self.check_window(now)?;
        let ledger = message.admit(self, ledger, now)?;
        self.run(ledger, now, message.batch, world)
    }

    /// What the wallet does with the batch of a user operation that the EntryPoint passes on, given all that follows
    /// the selector of `executeSession()`.
    ///
    /// # Errors
    ///
    /// As [`act`](Self::act).
    pub fn execute(&self, ledger: &Ledger, now: u64, args: &[u8], world: &mut impl World) -> Result<Ledger, Refusal> {
        // Beyond the end of the calldata there are zeros, and no session has such a key.
        let key: [u8; 20] = std::array::from_fn(|at| args.get(at).copied().unwrap_or_default());
        self.check_key(key.into())?;
        self.check_window(now)?;
        self.run(ledger.clone(), now, args.get(key.len()..).unwrap_or_default(), world)
    }

    fn check_key(&self, key: Address) -> Result<(), Refusal> {
        if key == self.key { Ok(()) } else { Err(SessionWallet::SessionUnknown { key }.into()) }
    }

    fn check_window(&self, now: u64) -> Result<(), Refusal> {
        if now < self.valid_after {
            return Err(SessionWallet::NotYetValid { validAfter: refusal::u40(self.valid_after) }.into());
        }
        if now >= self.valid_until {
            return Err(SessionWallet::Expired { validUntil: refusal::u40(self.valid_until) }.into());
        }
        Ok(())
    }

    fn run(&self, mut ledger: Ledger, now: u64, batch: &[u8], world: &mut impl World) -> Result<Ledger, Refusal> {
        let batch = batch::read(self, batch)?;
        self.spend_native(&mut ledger, batch.value(), batch.gas.is_some())?;
        ledger.clock = self.rate().take(ledger.clock, now)?;
        let mut tokens = tokens::Spending::decoded(self, &batch)?;
        tokens.check(self, &ledger)?;
        for call in &batch.calls {
            match world.call(call, batch.gas) {
                Effect::Done(drops) => tokens.measured(self, call, &drops),
                Effect::Failed(data) if batch.gas.is_none() => return Err(Refusal::Target(data)),
                Effect::Failed(_) => {}
            }
        }
        tokens.check(self, &ledger)?;
        tokens.book(&mut ledger);
        Ok(ledger)
    }

    fn spend_native(&self, ledger: &mut Ledger, value: u128, isolated: bool) -> Result<(), Refusal> {
        if value == 0 {
            return Ok(());
        }
        if isolated {
            return Err(SessionWallet::IsolateForbidden {}.into());
        }
        let (cap, asked) = (self.native_per_tx, value);
        if asked > cap {
            return Err(SessionWallet::NativePerTx { cap: U256::from(cap), asked: U256::from(asked) }.into());
        }
        let (cap, asked) = (self.native_total, ledger.native_spent + value);
        if asked > cap {
            return Err(SessionWallet::NativeTotal { cap: U256::from(cap), asked: U256::from(asked) }.into());
        }
        ledger.native_spent = asked;
        Ok(())
    }
}
