//! One transaction and one session as bytes: MessagePack behind the first eight bytes of its Keccak hash.

use alloy::primitives::{Address, B256, Bytes, keccak256};
use rmp_serde::config::BytesMode;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::model::ActionId;

/// Bytes of the hash that stand before what they vouch for. They find damage; nobody is kept from forging.
const CHECKSUM_BYTES: usize = 8;

/// Said of transactions for a chain of the same number that has begun again.
pub(super) const OTHER_CHAIN: &str = "the chain began anew: its first block is another";

/// Whose transactions these are, and on which history of which chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) chain_id: u64,
    /// Hash of block 0, or zero where the endpoint does not have it any more.
    pub(crate) genesis: B256,
    pub(crate) account: Address,
    pub(crate) key: Address,
    /// The session wallet that this version's transactions are packed for.
    pub(crate) wallet: Address,
    /// Start of the session: a key has one in its life, so that another start is another history.
    pub(crate) valid_after: u64,
    pub(crate) valid_until: u64,
}

/// A signed transaction and what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) nonce: u64,
    pub(super) hash: B256,
    pub(super) raw: Bytes,
    pub(super) actions: Vec<ActionId>,
}

#[derive(Serialize, Deserialize)]
struct HeaderForm(u64, [u8; 32], [u8; 20], [u8; 20], [u8; 20], u64, u64);

/// Session key, nonce, hash, signed bytes, actions, and the second from which no chain carries it out any more.
#[derive(Serialize, Deserialize)]
struct EntryForm([u8; 20], u64, [u8; 32], Vec<u8>, Vec<u64>, u64);

impl Header {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        seal(&HeaderForm(
            self.chain_id,
            self.genesis.0,
            self.account.into_array(),
            self.key.into_array(),
            self.wallet.into_array(),
            self.valid_after,
            self.valid_until,
        ))
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let HeaderForm(chain_id, genesis, account, key, wallet, valid_after, valid_until) = open(bytes)?;
        let [account, key, wallet] = [account, key, wallet].map(Address::from);
        Some(Self { chain_id, genesis: genesis.into(), account, key, wallet, valid_after, valid_until })
    }

    /// Whether the chain's first block is another one now; unknown blocks say nothing.
    pub(super) fn other_chain(&self, genesis: B256) -> bool {
        !self.genesis.is_zero() && !genesis.is_zero() && self.genesis != genesis
    }

    /// What keeps transactions under this header from being sent under `now`, if anything does.
    pub(super) fn differs(&self, now: &Self) -> Option<&'static str> {
        match () {
            () if self.other_chain(now.genesis) => Some(OTHER_CHAIN),
            () if self.account != now.account => Some("the account is another"),
            () if self.valid_after != now.valid_after => Some("the session was granted at another time"),
            () if self.wallet != now.wallet => Some("they were packed for another session wallet"),
            () => None,
        }
    }
}

impl Entry {
    pub(super) fn to_bytes(&self, header: &Header) -> Vec<u8> {
        let actions = self.actions.iter().map(|id| id.0).collect();
        let (key, raw) = (header.key.into_array(), self.raw.to_vec());
        seal(&EntryForm(key, self.nonce, self.hash.0, raw, actions, header.valid_until))
    }

    /// The entry, if these bytes are one of the session's and the signed bytes have their hash.
    pub(super) fn from_bytes(bytes: &[u8], header: &Header) -> Option<Self> {
        let EntryForm(key, nonce, hash, raw, actions, _) = open(bytes)?;
        let entry =
            Self { nonce, hash: hash.into(), raw: raw.into(), actions: actions.into_iter().map(ActionId).collect() };
        (key == header.key.into_array() && keccak256(&entry.raw) == entry.hash).then_some(entry)
    }
}

fn seal(form: &impl Serialize) -> Vec<u8> {
    let mut bytes = vec![0; CHECKSUM_BYTES];
    let mut serializer = rmp_serde::Serializer::new(&mut bytes).with_bytes(BytesMode::ForceAll);
    form.serialize(&mut serializer).expect("numbers and bytes always have a form, and memory takes them");
    let hash = keccak256(&bytes[CHECKSUM_BYTES..]);
    bytes[..CHECKSUM_BYTES].copy_from_slice(&hash[..CHECKSUM_BYTES]);
    bytes
}

fn open<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let (checksum, body) = bytes.split_at_checked(CHECKSUM_BYTES)?;
    (keccak256(body)[..CHECKSUM_BYTES] == *checksum).then(|| rmp_serde::from_slice(body).ok()).flatten()
}
