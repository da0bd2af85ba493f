//! The EVM: one executor per block that changes the state, and calls that change nothing.

use alloy::{
    consensus::{
        Receipt, ReceiptEnvelope, ReceiptWithBloom, Transaction, TxEnvelope, TxType, Typed2718, transaction::Recovered,
    },
    primitives::{Address, B256, U256},
};
use revm::{
    Context, Database, DatabaseCommit, ExecuteCommitEvm, ExecuteEvm, MainBuilder, MainContext, MainnetEvm,
    bytecode::Bytecode,
    context::{BlockEnv, CfgEnv, TxEnv, either::Either},
    context_interface::block::BlobExcessGasAndPrice,
    context_interface::result::{EVMError, ExecutionResult, InvalidTransaction},
    handler::MainnetContext,
    primitives::{AddressMap, hardfork::SpecId},
    state::{Account as Change, AccountInfo},
};

use super::{
    block::{BlockParams, Executed},
    history::History,
    layer::View,
    overrides::Overrides,
    state::{State, StateError},
};

/// The rules of execution, pinned: anvil 1.7 runs the same.
pub(crate) const SPEC: SpecId = SpecId::OSAKA;

/// Why a transaction did not run at all.
pub(crate) type Refusal = EVMError<StateError, InvalidTransaction>;

/// State that may be changed, with the block hashes.
struct Writing<'a> {
    state: &'a mut State,
    history: &'a History,
}

/// State that is only read, with the block hashes and what a call pretends.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub(crate) view: View<'a>,
    pub(crate) history: Option<&'a History>,
    pub(crate) overrides: Option<&'a Overrides>,
}

fn block_hash(history: &History, number: u64) -> B256 {
    history.by_number(number).map_or(B256::ZERO, |block| block.hash())
}

impl Database for Writing<'_> {
    type Error = StateError;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, StateError> {
        Ok(self.state.info(address))
    }

    fn code_by_hash(&mut self, hash: B256) -> Result<Bytecode, StateError> {
        Ok(self.state.code_by_hash(hash))
    }

    fn storage(&mut self, address: Address, slot: U256) -> Result<U256, StateError> {
        Ok(self.state.storage(address, slot))
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, StateError> {
        Ok(block_hash(self.history, number))
    }
}

impl DatabaseCommit for Writing<'_> {
    fn commit(&mut self, changes: AddressMap<Change>) {
        self.state.commit(changes);
    }
}

impl Database for Reading<'_> {
    type Error = StateError;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, StateError> {
        let pretended = self.overrides.map(|overrides| overrides.info(self.view, address));
        Ok(pretended.unwrap_or_else(|| self.view.info(address)))
    }

    fn code_by_hash(&mut self, hash: B256) -> Result<Bytecode, StateError> {
        Ok(self.view.code_by_hash(hash))
    }

    fn storage(&mut self, address: Address, slot: U256) -> Result<U256, StateError> {
        let pretended = self.overrides.map(|overrides| overrides.storage(self.view, address, slot));
        Ok(pretended.unwrap_or_else(|| self.view.storage(address, slot)))
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, StateError> {
        let pretended = self.overrides.and_then(|overrides| overrides.block_hashes.get(&number).copied());
        let known = || self.history.map_or(B256::ZERO, |history| block_hash(history, number));
        Ok(pretended.unwrap_or_else(known))
    }
}

/// Runs the transactions of one block, one after another, on the state itself.
pub(crate) struct Executor<'a> {
    evm: MainnetEvm<MainnetContext<Writing<'a>>>,
    gas_limit: u64,
    gas_used: u64,
    logs: u64,
}

impl<'a> Executor<'a> {
    pub(crate) fn new(state: &'a mut State, history: &'a History, params: &BlockParams, chain_id: u64) -> Self {
        let evm = Context::mainnet()
            .with_db(Writing { state, history })
            .with_cfg(CfgEnv::new_with_spec(SPEC).with_chain_id(chain_id))
            .with_block(block_env(params))
            .build_mainnet();
        Self { evm, gas_limit: params.gas_limit, gas_used: 0, logs: 0 }
    }

    /// Gas that the block still has.
    pub(crate) fn gas_left(&self) -> u64 {
        self.gas_limit.saturating_sub(self.gas_used)
    }

    /// Runs one transaction and keeps its changes.
    pub(crate) fn run(&mut self, tx: &Recovered<TxEnvelope>) -> Result<Executed, Refusal> {
        let env = tx_env(tx).ok_or(EVMError::Transaction(InvalidTransaction::Eip4844NotSupported))?;
        let result = self.evm.transact_commit(env)?;
        let gas_used = result.tx_gas_used();
        let created = Executed::created_by(tx);
        let success = result.is_success();
        // A transaction that fails leaves no logs.
        let logs = if success { result.into_logs() } else { Vec::new() };
        let first_log = self.logs;
        self.logs += logs.len() as u64;
        self.gas_used += gas_used;
        let receipt = Receipt { status: success.into(), cumulative_gas_used: self.gas_used, logs };
        Ok(Executed { receipt: envelope(tx.tx_type(), receipt), gas_used, created, first_log })
    }
}

/// Runs a call without the checks that only matter to a signed transaction; changes nothing.
pub(crate) fn simulate(
    reading: Reading<'_>,
    block: BlockEnv,
    chain_id: u64,
    call: TxEnv,
) -> Result<(ExecutionResult, AddressMap<Change>), Refusal> {
    let mut cfg = CfgEnv::new_with_spec(SPEC).with_chain_id(chain_id);
    cfg.disable_nonce_check = true;
    cfg.disable_eip3607 = true;
    // A call that offers no fee pays none, and then needs no balance beyond its value.
    cfg.disable_base_fee = call.gas_price == 0;
    cfg.disable_block_gas_limit = true;
    cfg.tx_gas_limit_cap = Some(u64::MAX);
    let mut evm = Context::mainnet().with_db(reading).with_cfg(cfg).with_block(block).build_mainnet();
    let outcome = evm.transact(call)?;
    Ok((outcome.result, outcome.state))
}

/// The EVM's view of a block.
pub(crate) fn block_env(params: &BlockParams) -> BlockEnv {
    BlockEnv {
        number: U256::from(params.number),
        beneficiary: Address::ZERO,
        timestamp: U256::from(params.timestamp),
        gas_limit: params.gas_limit,
        basefee: params.base_fee,
        difficulty: U256::ZERO,
        prevrandao: Some(params.prev_randao),
        blob_excess_gas_and_price: Some(BlobExcessGasAndPrice { excess_blob_gas: 0, blob_gasprice: 1 }),
        ..BlockEnv::default()
    }
}

/// The EVM's view of a transaction; `None` for blobs, which the devnet does not carry.
pub(crate) fn tx_env(tx: &Recovered<TxEnvelope>) -> Option<TxEnv> {
    if tx.is_eip4844() {
        return None;
    }
    Some(TxEnv {
        tx_type: tx.ty(),
        caller: tx.signer(),
        gas_limit: tx.gas_limit(),
        gas_price: tx.max_fee_per_gas(),
        kind: tx.kind(),
        value: tx.value(),
        data: tx.input().clone(),
        nonce: tx.nonce(),
        chain_id: tx.chain_id(),
        access_list: tx.access_list().cloned().unwrap_or_default(),
        gas_priority_fee: tx.max_priority_fee_per_gas(),
        blob_hashes: Vec::new(),
        max_fee_per_blob_gas: 0,
        authorization_list: tx.authorization_list().unwrap_or_default().iter().cloned().map(Either::Left).collect(),
    })
}

fn envelope(kind: TxType, receipt: Receipt) -> ReceiptEnvelope {
    let receipt: ReceiptWithBloom<Receipt> = receipt.into();
    match kind {
        TxType::Legacy => ReceiptEnvelope::Legacy(receipt),
        TxType::Eip2930 => ReceiptEnvelope::Eip2930(receipt),
        TxType::Eip1559 => ReceiptEnvelope::Eip1559(receipt),
        TxType::Eip4844 => ReceiptEnvelope::Eip4844(receipt),
        TxType::Eip7702 => ReceiptEnvelope::Eip7702(receipt),
    }
}
