//! What stands on the chain before its first block.

use std::time::Duration;

use alloy::primitives::{Address, Bytes, TxKind, address, bytes};
use revm::{DatabaseCommit, bytecode::Bytecode, context::TxEnv};

use super::{
    accounts::{DEV_ADDRESSES, DEV_BALANCE},
    block::BlockParams,
    error::GenesisError,
    execute::{Reading, block_env, simulate},
    layer::View,
    limits::{BLOCK_GAS_LIMIT, GENESIS_BASE_FEE, MAX_BLOCK_TIME, MAX_BLOCKS, MIN_BLOCK_TIME, MIN_BLOCKS},
    state::State,
};

/// Chain id of development chains by convention.
pub const CHAIN_ID: u64 = 31_337;

/// The deterministic deployment proxy: 32 bytes of salt, then init code.
pub const CREATE2_PROXY: Address = address!("0x4e59b44847b379578588920cA78FbF26c0B4956C");

const CREATE2_PROXY_CODE: Bytes = bytes!(
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3"
);

/// Calls the proxy at genesis. Its nonce and balance are not kept.
const DEPLOYER: Address = address!("0x000000000000000000000000000000000000dead");

/// When blocks are mined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mining {
    /// One block per block time, whether or not there is anything to mine.
    Interval,
    /// Only when asked, by `DevChain::mine` or `evm_mine`.
    OnDemand,
    /// One block per accepted transaction.
    Automine,
}

/// Settings of a chain before its first block.
#[derive(Clone, Debug)]
pub struct Genesis {
    /// Chain id; default [`CHAIN_ID`].
    pub chain_id: u64,
    /// Time between blocks, 10 ms to 12 s; default one second.
    pub block_time: Duration,
    /// When blocks are mined; default on demand.
    pub mining: Mining,
    /// Time of the genesis block in milliseconds since the Unix epoch; the timestamp of the
    /// block is its whole seconds.
    pub time_ms: u64,
    /// Whether time moves by one block time with each block instead of following the wall.
    pub stepped: bool,
    /// Gas that fits in one block; default [`BLOCK_GAS_LIMIT`].
    pub gas_limit: u64,
    /// Blocks kept, at least 257; default [`MAX_BLOCKS`].
    pub history: usize,
    /// How many of the [development accounts](DEV_ADDRESSES) have a balance; default all ten.
    pub accounts: usize,
    /// Init codes deployed through [`CREATE2_PROXY`] with salt zero.
    pub create2: Vec<Bytes>,
}

impl Default for Genesis {
    fn default() -> Self {
        Self {
            chain_id: CHAIN_ID,
            block_time: Duration::from_secs(1),
            mining: Mining::OnDemand,
            time_ms: 0,
            stepped: true,
            gas_limit: BLOCK_GAS_LIMIT,
            history: MAX_BLOCKS,
            accounts: DEV_ADDRESSES.len(),
            create2: Vec::new(),
        }
    }
}

impl Genesis {
    /// Checks the settings against the limits.
    ///
    /// # Errors
    ///
    /// [`GenesisError::BlockTime`] and [`GenesisError::History`] name what is out of range.
    pub(crate) fn check(&self) -> Result<(), GenesisError> {
        check_block_time(self.block_time)?;
        if self.history < MIN_BLOCKS {
            return Err(GenesisError::History(self.history));
        }
        Ok(())
    }

    /// State and parameters of the genesis block.
    pub(crate) fn build(&self) -> Result<(State, BlockParams), GenesisError> {
        self.check()?;
        let params = BlockParams::genesis(self.time_ms / 1000, GENESIS_BASE_FEE, self.gas_limit);
        let mut state = State::default();
        for address in DEV_ADDRESSES.into_iter().take(self.accounts) {
            state.set_balance(address, DEV_BALANCE);
        }
        state.set_code(CREATE2_PROXY, Bytecode::new_legacy(CREATE2_PROXY_CODE));
        for (index, init_code) in self.create2.iter().enumerate() {
            deploy(&mut state, &params, self.chain_id, index, init_code)?;
        }
        Ok((state, params))
    }
}

/// Whether blocks can come this fast and this slow.
///
/// # Errors
///
/// [`GenesisError::BlockTime`] outside of 10 ms to 12 s.
pub(crate) fn check_block_time(block_time: Duration) -> Result<(), GenesisError> {
    if (MIN_BLOCK_TIME..=MAX_BLOCK_TIME).contains(&block_time) {
        Ok(())
    } else {
        Err(GenesisError::BlockTime(block_time))
    }
}

/// The address at which `init_code` is deployed through [`CREATE2_PROXY`] with salt zero.
pub fn create2_address(init_code: &[u8]) -> Address {
    CREATE2_PROXY.create2_from_code([0; 32], init_code)
}

/// Deploys through the proxy, in the real EVM, so that constructors do what they do anywhere.
fn deploy(
    state: &mut State,
    params: &BlockParams,
    chain_id: u64,
    index: usize,
    init_code: &Bytes,
) -> Result<(), GenesisError> {
    let mut data = vec![0; 32];
    data.extend_from_slice(init_code);
    let call = TxEnv {
        caller: DEPLOYER,
        kind: TxKind::Call(CREATE2_PROXY),
        data: data.into(),
        gas_limit: params.gas_limit,
        chain_id: Some(chain_id),
        ..TxEnv::default()
    };
    let reading = Reading { view: View::latest(state), history: None, overrides: None };
    let (result, mut changes) = simulate(reading, block_env(params), chain_id, call)
        .map_err(|refusal| GenesisError::Deploy { index, reason: refusal.to_string() })?;
    let address = create2_address(init_code);
    let deployed = result.output().is_some_and(|output| output.as_ref() == address.as_slice());
    if !result.is_success() || !deployed {
        return Err(GenesisError::Deploy { index, reason: result.to_string() });
    }
    changes.remove(&DEPLOYER);
    state.commit(changes);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::primitives::U256;

    /// Init code that stores 42 in slot 0 and deploys the single byte 00.
    const INIT: Bytes = bytes!("602a60005560016000f3");

    #[test]
    fn predeploys_run_their_constructor_at_the_proxys_address() {
        let genesis = Genesis { create2: vec![INIT], ..Genesis::default() };
        let (state, _) = genesis.build().expect("genesis builds");
        let address = create2_address(&INIT);
        assert_eq!(state.code(address).as_ref(), [0]);
        assert_eq!(state.storage(address, U256::ZERO), U256::from(42));
        assert_eq!(state.nonce(DEPLOYER), 0, "the deployer leaves no trace");
        assert_eq!(state.balance(DEV_ADDRESSES[9]), DEV_BALANCE);
    }

    #[test]
    fn a_predeploy_that_reverts_is_named() {
        let genesis = Genesis { create2: vec![INIT, bytes!("5f5ffd")], ..Genesis::default() };
        let error = genesis.build().expect_err("the second one reverts");
        assert!(matches!(error, GenesisError::Deploy { index: 1, .. }), "{error}");
    }

    #[test]
    fn settings_out_of_range_are_refused() {
        let slow = Genesis { block_time: Duration::from_secs(13), ..Genesis::default() };
        assert!(matches!(slow.build(), Err(GenesisError::BlockTime(_))));
        let short = Genesis { history: 10, ..Genesis::default() };
        assert!(matches!(short.build(), Err(GenesisError::History(10))));
    }
}
