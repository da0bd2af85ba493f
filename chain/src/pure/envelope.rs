//! EIP-1559 transactions as bytes, written once into a buffer that is kept.
//!
//! The general encoder measures the fields, allocates, writes them for the hash, and does it all again with the
//! signature. Here the fields are written once; the signature is appended and only the list's header is rewritten.

use alloy::primitives::{Address, B256, Bytes, Signature, U256, keccak256};

/// Transaction type (EIP-2718) of EIP-1559.
const TYPE: u8 = 2;

/// Room before the fields: the type and the longest header of an RLP list.
const HEAD: usize = 1 + 9;

/// Longest RLP string or list whose header is a single byte.
const SHORT: usize = 55;

/// What a transaction says; its access list is empty.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'a> {
    /// Chain id (EIP-155).
    pub chain_id: u64,
    /// Nonce of the sender.
    pub nonce: u64,
    /// Tip, in wei per unit of gas.
    pub max_priority_fee_per_gas: u128,
    /// Highest price, in wei per unit of gas.
    pub max_fee_per_gas: u128,
    /// Gas limit.
    pub gas_limit: u64,
    /// Account that is called.
    pub to: Address,
    /// Native value, in wei.
    pub value: U256,
    /// The call's data, in parts that follow each other.
    pub input: &'a [&'a [u8]],
}

/// A transaction on its way into signed bytes; its buffer serves the next one too.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    buffer: Vec<u8>,
}

impl Draft {
    /// Writes the fields and returns the hash that is to be signed.
    pub fn write(&mut self, fields: &Fields<'_>) -> B256 {
        let out = &mut self.buffer;
        out.clear();
        out.resize(HEAD, 0);
        integer(&fields.chain_id.to_be_bytes(), out);
        integer(&fields.nonce.to_be_bytes(), out);
        integer(&fields.max_priority_fee_per_gas.to_be_bytes(), out);
        integer(&fields.max_fee_per_gas.to_be_bytes(), out);
        integer(&fields.gas_limit.to_be_bytes(), out);
        string(&[fields.to.as_slice()], out);
        integer(&fields.value.to_be_bytes::<32>(), out);
        string(fields.input, out);
        header(0xc0, 0, out);
        keccak256(self.framed())
    }

    /// Adds the signature of the hash that [`write`](Self::write) returned, once: the transaction's hash and its signed
    /// bytes (EIP-2718).
    pub fn sign(&mut self, signature: &Signature) -> (B256, Bytes) {
        integer(&[u8::from(signature.v())], &mut self.buffer);
        integer(&signature.r().to_be_bytes::<32>(), &mut self.buffer);
        integer(&signature.s().to_be_bytes::<32>(), &mut self.buffer);
        let raw = self.framed();
        (keccak256(raw), Bytes::copy_from_slice(raw))
    }

    /// The type, a header for as many fields as there are now, and the fields.
    fn framed(&mut self) -> &[u8] {
        let length = self.buffer.len() - HEAD;
        let bytes = length.to_be_bytes();
        let size = significant(&bytes);
        let start = if length <= SHORT {
            self.buffer[HEAD - 1] = 0xc0 + length as u8;
            HEAD - 2
        } else {
            let start = HEAD - 2 - size.len();
            self.buffer[start + 1] = 0xc0 + SHORT as u8 + size.len() as u8;
            self.buffer[start + 2..HEAD].copy_from_slice(size);
            start
        };
        self.buffer[start] = TYPE;
        &self.buffer[start..]
    }
}

/// The bytes without leading zeros.
fn significant(big_endian: &[u8]) -> &[u8] {
    let zeros = big_endian.iter().take_while(|byte| **byte == 0).count();
    &big_endian[zeros..]
}

/// Appends an integer as RLP wants it.
fn integer(big_endian: &[u8], out: &mut Vec<u8>) {
    string(&[significant(big_endian)], out);
}

/// Appends the parts as one RLP string.
fn string(parts: &[&[u8]], out: &mut Vec<u8>) {
    let length = parts.iter().map(|part| part.len()).sum();
    let itself = length == 1 && parts.iter().any(|part| part.first().is_some_and(|byte| *byte < 0x80));
    if !itself {
        header(0x80, length, out);
    }
    parts.iter().for_each(|part| out.extend_from_slice(part));
}

/// Appends the header of a string (from 0x80) or a list (from 0xc0).
fn header(base: u8, length: usize, out: &mut Vec<u8>) {
    if length <= SHORT {
        out.push(base + length as u8);
    } else {
        let bytes = length.to_be_bytes();
        let size = significant(&bytes);
        out.push(base + SHORT as u8 + size.len() as u8);
        out.extend_from_slice(size);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::consensus::{SignableTransaction, TxEip1559, TxEnvelope};
    use alloy::eips::eip2718::Encodable2718;
    use alloy::primitives::TxKind;
    use proptest::prelude::*;

    /// Both encodings of one transaction must be the same bytes, before and after signing.
    #[track_caller]
    fn check(draft: &mut Draft, fields: Fields<'_>, signature: Signature) {
        let theirs = TxEip1559 {
            chain_id: fields.chain_id,
            nonce: fields.nonce,
            gas_limit: fields.gas_limit,
            max_fee_per_gas: fields.max_fee_per_gas,
            max_priority_fee_per_gas: fields.max_priority_fee_per_gas,
            to: TxKind::Call(fields.to),
            value: fields.value,
            access_list: Default::default(),
            input: fields.input.concat().into(),
        };
        assert_eq!(draft.write(&fields), theirs.signature_hash(), "{fields:?}");
        let envelope = TxEnvelope::from(theirs.into_signed(signature));
        let (hash, raw) = draft.sign(&signature);
        assert_eq!(raw, envelope.encoded_2718(), "{fields:?}");
        assert_eq!(hash, *envelope.tx_hash());
    }

    fn plain<'a>(input: &'a [&'a [u8]]) -> Fields<'a> {
        Fields {
            chain_id: 31_337,
            nonce: 0,
            max_priority_fee_per_gas: 1,
            max_fee_per_gas: 2_000_000_000,
            gas_limit: 90_000,
            to: Address::repeat_byte(9),
            value: U256::ZERO,
            input,
        }
    }

    #[test]
    fn lengths_at_the_edges_of_rlp() {
        let mut draft = Draft::default();
        let zeros = [0u8; 70_000];
        let (small, large) = (Signature::new(U256::ZERO, U256::from(0x7f), false), Signature::test_signature());
        // Around one byte, around the longest short string and list, and around one and two bytes of length.
        for length in (0..300).chain([65_535, 65_536, 65_537]) {
            for signature in [small, large] {
                check(&mut draft, plain(&[&zeros[..length]]), signature);
            }
        }
        for byte in [0, 1, 0x7f, 0x80, 0xff] {
            check(&mut draft, plain(&[&[byte]]), large);
            check(&mut draft, plain(&[&[], &[byte], &[]]), small);
        }
    }

    /// Integers of every length: uniformly random ones are nearly always long.
    fn integer() -> impl Strategy<Value = u128> {
        (any::<u128>(), 0u32..=128).prop_map(|(number, bits)| number.checked_shr(bits).unwrap_or(0))
    }

    proptest! {
        #[test]
        fn the_bytes_are_alloys(
            [chain_id, nonce, gas_limit, tip, fee, high, low] in proptest::array::uniform7(integer()),
            to: [u8; 20],
            parts in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..90), 0..4),
            (r, s, odd) in (integer(), integer(), any::<bool>()),
        ) {
            let input: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
            let fields = Fields {
                chain_id: chain_id as u64,
                nonce: nonce as u64,
                max_priority_fee_per_gas: tip,
                max_fee_per_gas: fee,
                gas_limit: gas_limit as u64,
                to: to.into(),
                value: U256::from(high) << 128 | U256::from(low),
                input: &input,
            };
            let signature = Signature::new(U256::from(r) << 120 | U256::from(s), U256::from(s), odd);
            let mut draft = Draft::default();
            check(&mut draft, fields, signature);
            check(&mut draft, plain(&input), signature);
        }
    }
}
