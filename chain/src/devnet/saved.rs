//! The chain as bytes, to be loaded again later.
//!
//! A magic line, a version, the length and the hash of what follows, then RLP: settings, accounts,
//! blocks with their receipts, and the pool. The states of past blocks and snapshots are not kept.

use std::sync::Arc;

use alloy::{
    consensus::{Header, ReceiptEnvelope, TxEnvelope, transaction::Recovered},
    eips::eip2718::{Decodable2718, Encodable2718},
    primitives::{Address, B256, Bytes, U256, keccak256},
    rlp::{Decodable, Encodable, Header as RlpHeader},
};
use revm::bytecode::Bytecode;

use super::{
    block::{Block, Executed},
    chain::DevChain,
    error::GenesisError,
    genesis::Genesis,
    pool::Pooled,
    state::State,
};

/// First bytes of every saved chain.
const MAGIC: &[u8; 16] = b"latchkey devnet\n";

/// Version of the format. Any change to what follows the hash raises it.
const VERSION: u32 = 1;

/// Bytes before the payload: magic, version, length, hash.
const PREFIX: usize = 16 + 4 + 8 + 32;

/// Why bytes cannot be loaded as a chain.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The bytes are something else.
    #[error("not the state of a devnet")]
    Foreign,
    /// Written by a later version of the devnet: use that one.
    #[error("its format has version {0}, and only version {VERSION} is known here")]
    Version(u32),
    /// Bytes are missing or were changed.
    #[error("torn: {0}")]
    Torn(&'static str),
    /// The state of another chain.
    #[error("it holds chain {found}, not {wanted}")]
    ChainId {
        /// Chain id of the state.
        found: u64,
        /// Chain id of the settings.
        wanted: u64,
    },
    /// The settings are out of range.
    #[error(transparent)]
    Genesis(#[from] GenesisError),
}

impl From<alloy::rlp::Error> for LoadError {
    fn from(_: alloy::rlp::Error) -> Self {
        Self::Torn("its contents cannot be read")
    }
}

/// A copy of everything that is saved. Taking it is quick; encoding it may be left to another
/// thread.
#[derive(Clone, Debug)]
pub(crate) struct Saved {
    chain_id: u64,
    gas_limit: u64,
    branch: u64,
    time_ms: u64,
    offset_ms: i64,
    state: State,
    blocks: Vec<Arc<Block>>,
    pool: Vec<Arc<Pooled>>,
}

impl DevChain {
    /// The chain as bytes.
    pub fn save(&self) -> Vec<u8> {
        self.copy().encode()
    }

    /// The chain that [`save`](Self::save) gave, going on under the settings of `genesis`: of
    /// those the accounts, contracts, gas limit and, unless time is stepped, the time come from
    /// the saved chain.
    ///
    /// # Errors
    ///
    /// [`LoadError`] says what is wrong with the bytes.
    pub fn load(genesis: &Genesis, bytes: &[u8]) -> Result<Self, LoadError> {
        let payload = open(bytes)?;
        genesis.check()?;
        let mut saved = Saved::decode(payload)?;
        if saved.chain_id != genesis.chain_id {
            return Err(LoadError::ChainId { found: saved.chain_id, wanted: genesis.chain_id });
        }
        let pool = std::mem::take(&mut saved.pool);
        let mut chain = Self::resume(genesis, saved).ok_or(LoadError::Torn("it has no blocks"))?;
        for pooled in pool {
            // What can no longer be mined is of no use.
            let _ = chain.submit_decoded(pooled.tx.clone());
        }
        Ok(chain)
    }

    pub(crate) fn copy(&self) -> Saved {
        let (time_ms, offset_ms) = self.clock.saved();
        Saved {
            chain_id: self.chain_id,
            gas_limit: self.gas_limit,
            branch: self.branch,
            time_ms,
            offset_ms,
            state: self.state.clone(),
            blocks: self.history.blocks().cloned().collect(),
            pool: self.pool.by_arrival().into_iter().cloned().collect(),
        }
    }

    fn resume(genesis: &Genesis, saved: Saved) -> Option<Self> {
        let mut blocks = saved.blocks.into_iter();
        let mut chain = Self::start(genesis, saved.state, blocks.next()?);
        for block in blocks {
            chain.history.push_block(block);
        }
        chain.gas_limit = saved.gas_limit;
        chain.branch = saved.branch;
        chain.clock.resume(saved.time_ms, saved.offset_ms);
        Some(chain)
    }
}

impl Saved {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut payload = Vec::new();
        list(&mut payload, |out| {
            for number in [self.chain_id, self.gas_limit, self.branch, self.time_ms, self.offset_ms.cast_unsigned()] {
                number.encode(out);
            }
            list(out, |out| self.state.accounts().for_each(|account| encode_account(out, account)));
            list(out, |out| self.blocks.iter().for_each(|block| encode_block(out, block)));
            list(out, |out| self.pool.iter().for_each(|pooled| encode_transaction(out, &pooled.tx)));
        });
        let mut bytes = MAGIC.to_vec();
        bytes.extend(VERSION.to_be_bytes());
        bytes.extend((payload.len() as u64).to_be_bytes());
        bytes.extend(keccak256(&payload));
        bytes.extend(payload);
        bytes
    }

    fn decode(mut payload: &[u8]) -> Result<Self, LoadError> {
        let rest = &mut RlpHeader::decode_bytes(&mut payload, true)?;
        let mut number = || u64::decode(rest);
        let (chain_id, gas_limit, branch) = (number()?, number()?, number()?);
        let (time_ms, offset_ms) = (number()?, number()?.cast_signed());
        let mut state = State::default();
        each(rest, |account| decode_account(&mut state, account))?;
        let blocks = each(rest, |block| decode_block(block).map(Arc::new))?;
        let pool = each(rest, |tx| decode_transaction(tx).map(Pooled::unchecked).map(Arc::new))?;
        state.take_changes();
        Ok(Self { chain_id, gas_limit, branch, time_ms, offset_ms, state, blocks, pool })
    }
}

/// The payload, once it is certain that it is whole.
fn open(bytes: &[u8]) -> Result<&[u8], LoadError> {
    let Some(rest) = bytes.strip_prefix(MAGIC) else { return Err(LoadError::Foreign) };
    let short = LoadError::Torn("it is shorter than it should be");
    let Some((version, rest)) = rest.split_first_chunk() else { return Err(short) };
    let version = u32::from_be_bytes(*version);
    if version != VERSION {
        return Err(LoadError::Version(version));
    }
    let Some((length, rest)) = rest.split_first_chunk() else { return Err(short) };
    let Some((hash, payload)) = rest.split_first_chunk::<32>() else { return Err(short) };
    if payload.len() as u64 != u64::from_be_bytes(*length) {
        return Err(LoadError::Torn("its length is not what it should be"));
    }
    if keccak256(payload) != B256::from(hash) {
        return Err(LoadError::Torn("its checksum is wrong"));
    }
    debug_assert_eq!(bytes.len(), PREFIX + payload.len());
    Ok(payload)
}

/// Writes a list of whatever `fill` writes.
fn list(out: &mut Vec<u8>, fill: impl FnOnce(&mut Vec<u8>)) {
    let mut body = Vec::new();
    fill(&mut body);
    RlpHeader { list: true, payload_length: body.len() }.encode(out);
    out.extend(body);
}

/// Reads a list of lists.
fn each<T>(rest: &mut &[u8], mut read: impl FnMut(&mut &[u8]) -> Result<T, LoadError>) -> Result<Vec<T>, LoadError> {
    let mut items = RlpHeader::decode_bytes(rest, true)?;
    let mut found = Vec::new();
    while !items.is_empty() {
        found.push(read(&mut RlpHeader::decode_bytes(&mut items, true)?)?);
    }
    Ok(found)
}

fn encode_account(out: &mut Vec<u8>, (address, account): (&Address, &super::state::Account)) {
    list(out, |out| {
        address.encode(out);
        account.balance.encode(out);
        account.nonce.encode(out);
        account.code().encode(out);
        for (slot, value) in account.slots() {
            slot.encode(out);
            value.encode(out);
        }
    });
}

fn decode_account(state: &mut State, rest: &mut &[u8]) -> Result<(), LoadError> {
    let address = Address::decode(rest)?;
    state.set_balance(address, U256::decode(rest)?);
    state.set_nonce(address, u64::decode(rest)?);
    let code = Bytes::decode(rest)?;
    if !code.is_empty() {
        let read = Bytecode::new_raw_checked(code.clone());
        state.set_code(address, read.unwrap_or_else(|_| Bytecode::new_legacy(code)));
    }
    while !rest.is_empty() {
        let (slot, value) = (U256::decode(rest)?, U256::decode(rest)?);
        state.set_storage(address, slot, value);
    }
    Ok(())
}

fn encode_transaction(out: &mut Vec<u8>, tx: &Recovered<TxEnvelope>) {
    list(out, |out| {
        // Recovering senders again would take longer than reading everything else.
        tx.signer().encode(out);
        Bytes::from(tx.encoded_2718()).encode(out);
    });
}

fn decode_transaction(rest: &mut &[u8]) -> Result<Recovered<TxEnvelope>, LoadError> {
    let (sender, raw) = (Address::decode(rest)?, Bytes::decode(rest)?);
    let tx = TxEnvelope::decode_2718_exact(&raw).map_err(|_| LoadError::Torn("a transaction cannot be read"))?;
    Ok(Recovered::new_unchecked(tx, sender))
}

fn encode_block(out: &mut Vec<u8>, block: &Block) {
    list(out, |out| {
        block.header().inner().encode(out);
        list(out, |out| block.transactions.iter().for_each(|tx| encode_transaction(out, tx)));
        list(out, |out| {
            let receipts = block.receipts.iter().map(|executed| &executed.receipt);
            receipts.for_each(|receipt| list(out, |out| Bytes::from(receipt.encoded_2718()).encode(out)));
        });
    });
}

fn decode_block(rest: &mut &[u8]) -> Result<Block, LoadError> {
    let header = Header::decode(rest)?;
    let transactions = each(rest, decode_transaction)?;
    let receipts = each(rest, |receipt| {
        ReceiptEnvelope::decode_2718_exact(&Bytes::decode(receipt)?)
            .map_err(|_| LoadError::Torn("a receipt cannot be read"))
    })?;
    if transactions.len() != receipts.len() {
        return Err(LoadError::Torn("a block has not as many receipts as transactions"));
    }
    let receipts = Executed::of_block(&transactions, receipts);
    Ok(Block::new(header, transactions, receipts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_torn_or_foreign_is_told_apart() {
        let genesis = Genesis::default();
        let whole = DevChain::new(&genesis).expect("a chain").save();
        let load = |bytes: &[u8]| DevChain::load(&genesis, bytes);
        assert!(load(&whole).is_ok());
        for length in 0..whole.len() {
            let error = load(&whole[..length]).expect_err("bytes are missing");
            let foreign = length < MAGIC.len();
            assert_eq!(matches!(error, LoadError::Foreign), foreign, "{length} bytes: {error}");
            assert_eq!(matches!(error, LoadError::Torn(_)), !foreign, "{length} bytes: {error}");
        }
        for place in [MAGIC.len() + 4, MAGIC.len() + 20, whole.len() / 2, whole.len() - 1] {
            let mut changed = whole.clone();
            changed[place] ^= 1;
            assert!(matches!(load(&changed), Err(LoadError::Torn(_))), "byte {place}");
        }
        let mut later = whole.clone();
        later[MAGIC.len() + 3] = 2;
        assert!(matches!(load(&later), Err(LoadError::Version(2))));
        assert!(matches!(load(b"# Notes on something else"), Err(LoadError::Foreign)));
        let other = Genesis { chain_id: 5, ..Genesis::default() };
        let error = DevChain::load(&other, &whole).expect_err("another chain");
        assert!(matches!(error, LoadError::ChainId { found: 31_337, wanted: 5 }), "{error}");
    }
}
