//! What a call pretends: accounts, storage and block fields in the place of the chain's.

use std::collections::{BTreeMap, HashMap};

use alloy::{
    primitives::{Address, B256, U256, map::AddressMap},
    rpc::types::{
        BlockOverrides,
        state::{AccountOverride, StateOverride},
    },
};
use revm::{bytecode::Bytecode, context::BlockEnv, state::AccountInfo};

use super::layer::View;

/// State and block overrides of one call, as geth defines them.
#[derive(Debug, Default)]
pub(crate) struct Overrides {
    accounts: AddressMap<Pretended>,
    block: BlockOverrides,
    pub(crate) block_hashes: BTreeMap<u64, B256>,
}

/// One account of a call.
#[derive(Debug)]
struct Pretended {
    balance: Option<U256>,
    nonce: Option<u64>,
    code: Option<Bytecode>,
    /// Whether slots that are not listed read as zero.
    whole: bool,
    slots: HashMap<U256, U256>,
}

/// What cannot be pretended, in words for the caller.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OverrideError {
    #[error("account {0} has both 'state' and 'stateDiff'")]
    BothStates(Address),
    #[error("account {0}: precompiles cannot be moved on the devnet")]
    MovedPrecompile(Address),
}

impl Overrides {
    pub(crate) fn new(state: StateOverride, mut block: BlockOverrides) -> Result<Self, OverrideError> {
        let accounts = state.into_iter().map(|(address, account)| Ok((address, Pretended::new(address, account)?)));
        let block_hashes = block.block_hash.take().unwrap_or_default();
        Ok(Self { accounts: accounts.collect::<Result<_, _>>()?, block, block_hashes })
    }

    pub(crate) fn info(&self, view: View<'_>, address: Address) -> Option<AccountInfo> {
        let Some(account) = self.accounts.get(&address) else { return view.info(address) };
        let mut info = view.info(address).unwrap_or_default();
        info.balance = account.balance.unwrap_or(info.balance);
        info.nonce = account.nonce.unwrap_or(info.nonce);
        if let Some(code) = &account.code {
            info.code_hash = code.hash_slow();
            info.code = Some(code.clone());
        }
        Some(info)
    }

    pub(crate) fn storage(&self, view: View<'_>, address: Address, slot: U256) -> U256 {
        let Some(account) = self.accounts.get(&address) else { return view.storage(address, slot) };
        match account.slots.get(&slot) {
            Some(value) => *value,
            None if account.whole => U256::ZERO,
            None => view.storage(address, slot),
        }
    }

    pub(crate) fn apply(&self, env: BlockEnv) -> BlockEnv {
        let block = &self.block;
        BlockEnv {
            number: block.number.unwrap_or(env.number),
            beneficiary: block.coinbase.unwrap_or(env.beneficiary),
            timestamp: block.time.map_or(env.timestamp, U256::from),
            gas_limit: block.gas_limit.unwrap_or(env.gas_limit),
            basefee: block.base_fee.map_or(env.basefee, |fee| fee.saturating_to()),
            difficulty: block.difficulty.unwrap_or(env.difficulty),
            prevrandao: block.random.or(env.prevrandao),
            ..env
        }
    }
}

impl Pretended {
    fn new(address: Address, account: AccountOverride) -> Result<Self, OverrideError> {
        if account.move_precompile_to.is_some() {
            return Err(OverrideError::MovedPrecompile(address));
        }
        let whole = account.state.is_some();
        let slots = match (account.state, account.state_diff) {
            (Some(_), Some(_)) => return Err(OverrideError::BothStates(address)),
            (Some(slots), None) | (None, Some(slots)) => slots,
            (None, None) => Default::default(),
        };
        Ok(Self {
            balance: account.balance,
            nonce: account.nonce,
            // Bytes that claim to be a delegation and are none run as what they are: code.
            code: account
                .code
                .map(|code| Bytecode::new_raw_checked(code.clone()).unwrap_or_else(|_| Bytecode::new_legacy(code))),
            whole,
            slots: slots.into_iter().map(|(slot, value)| (slot.into(), value.into())).collect(),
        })
    }
}
