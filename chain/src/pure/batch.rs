//! Packs calls into the session wallet's batch format, and reads them back.

use alloy::primitives::Address;

use crate::model::{Args, Call};
use crate::session::is_counted;

/// Longest argument that the two length bytes of an item can tell.
const MAX_ARGS: usize = u16::MAX as usize;

/// Largest native value of one item, in wei: ten bytes.
const MAX_VALUE: u128 = (1 << 80) - 1;

/// Bytes that tell the gas for each call of an isolated batch.
const CALL_GAS_BYTES: usize = 3;

/// Bytes of an item's native value.
const VALUE_BYTES: usize = 10;

/// Most bytes of an item before its arguments: method, value, length of the arguments.
const HEAD_BYTES: usize = 1 + VALUE_BYTES + 2;

/// One allowed method and where the contract keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Method {
    /// Contract that may be called.
    pub target: Address,
    /// First four bytes of the method's signature hash.
    pub selector: [u8; 4],
    /// Index of the stored rule, 0 to 15.
    pub rule: u8,
    /// Index of the selector inside the rule, 0 to 2.
    pub index: u8,
}

/// Why a call cannot be expressed in this session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallRefusal {
    /// The contract with this method is not on the allow-list.
    #[error("method 0x{} of {target} is not on the session's allow-list", hex(selector))]
    NotAllowed {
        /// Contract that was to be called.
        target: Address,
        /// Its method.
        selector: [u8; 4],
    },
    /// The call carries more native value than one transaction may.
    #[error("{asked} wei is over the session's cap of {cap} wei per transaction")]
    NativePerTx {
        /// Cap per transaction, in wei.
        cap: u128,
        /// Value of the call, in wei.
        asked: u128,
    },
    /// The arguments are longer than the batch format can carry.
    #[error("{0} bytes of arguments are more than the {MAX_ARGS} that a batch item can hold")]
    ArgsTooLong(usize),
}

fn hex(selector: &[u8; 4]) -> String {
    alloy::primitives::hex::encode(selector)
}

/// The session's allow-list, as the contract stores it.
#[derive(Clone, Debug, Default)]
pub struct MethodTable {
    methods: Vec<Method>,
    native_per_tx: u128,
    tokens: Vec<Address>,
}

/// A call in the batch format's own terms, with what the batcher needs to know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedCall {
    /// Method, value when there is one, length of the arguments; the first `head_len` bytes count.
    head: [u8; HEAD_BYTES],
    head_len: u8,
    args: Args,
    /// The contract refuses it in an isolated batch.
    pub(super) alone: bool,
    /// Capped tokens that the contract measures around it.
    pub(super) tokens: u8,
}

impl PackedCall {
    /// Target, method and whether there is value, as one byte.
    pub(super) fn kind(&self) -> u8 {
        self.head[0]
    }
}

impl MethodTable {
    /// The methods of a session and its cap on native value per transaction, in wei.
    pub fn new(methods: Vec<Method>, native_per_tx: u128) -> Self {
        Self { methods, native_per_tx, tokens: Vec::new() }
    }

    /// The same table in a session that caps these tokens.
    #[must_use]
    pub fn capping(mut self, tokens: Vec<Address>) -> Self {
        self.tokens = tokens;
        self
    }

    /// Packs a call: method byte, value when there is one, argument length, arguments.
    ///
    /// # Errors
    ///
    /// [`CallRefusal`] when the contract would refuse the call whatever its state; nothing is signed then.
    pub fn pack(&self, call: Call) -> Result<PackedCall, CallRefusal> {
        let method = self
            .methods
            .iter()
            .find(|m| m.target == call.target && m.selector == call.selector)
            .ok_or(CallRefusal::NotAllowed { target: call.target, selector: call.selector })?;
        let cap = self.native_per_tx.min(MAX_VALUE);
        if call.value > cap {
            return Err(CallRefusal::NativePerTx { cap, asked: call.value });
        }
        let length = u16::try_from(call.args.len()).map_err(|_| CallRefusal::ArgsTooLong(call.args.len()))?;

        let with_value = call.value > 0;
        let mut head = [0; HEAD_BYTES];
        head[0] = method.rule << 4 | u8::from(with_value) << 3 | method.index;
        let mut head_len = 1;
        if with_value {
            head[1..][..VALUE_BYTES].copy_from_slice(&call.value.to_be_bytes()[16 - VALUE_BYTES..]);
            head_len += VALUE_BYTES;
        }
        head[head_len..][..2].copy_from_slice(&length.to_be_bytes());
        head_len += 2;
        // What a call moves or approves by name is held against the caps before it is made, so it must not fail alone.
        let by_name = self.tokens.contains(&call.target) && is_counted(call.selector);
        let tokens = u8::try_from(self.tokens.len()).unwrap_or(u8::MAX);
        Ok(PackedCall { head, head_len: head_len as u8, args: call.args, alone: with_value || by_name, tokens })
    }
}

impl PackedCall {
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.head[..usize::from(self.head_len)]);
        out.extend_from_slice(&self.args);
    }
}

impl MethodTable {
    /// Reads a packed batch back into its calls, or `None` where it is not one of this session's.
    pub fn unpack(&self, batch: &[u8]) -> Option<Vec<Call>> {
        let (mode, rest) = batch.split_first()?;
        let mut rest = match mode {
            0 => rest,
            1 => rest.get(CALL_GAS_BYTES..)?,
            _ => return None,
        };
        let mut calls = Vec::new();
        while let Some((head, tail)) = rest.split_first() {
            let method = self.methods.iter().find(|m| m.rule == head >> 4 && m.index == head & 0b11)?;
            let (value, tail) = match head & 0b1100 {
                0 => (0, tail),
                0b1000 => tail.split_first_chunk::<VALUE_BYTES>().map(|(value, tail)| (wei(value), tail))?,
                _ => return None,
            };
            let (length, tail) = tail.split_first_chunk().map(|(length, tail)| (u16::from_be_bytes(*length), tail))?;
            let (args, tail) = tail.split_at_checked(length.into())?;
            calls.push(Call { target: method.target, selector: method.selector, args: args.into(), value });
            rest = tail;
        }
        Some(calls)
    }
}

fn wei(bytes: &[u8; VALUE_BYTES]) -> u128 {
    bytes.iter().fold(0, |wei, byte| wei << 8 | u128::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    use crate::model::ActionId;
    use crate::pure::{Batcher, Mode};
    use alloy::primitives::U256;
    use proptest::prelude::*;

    const TARGET: Address = Address::repeat_byte(0x11);
    const ATTACK: [u8; 4] = [1, 2, 3, 4];
    const SKILL: [u8; 4] = [5, 6, 7, 8];

    fn table() -> MethodTable {
        let method = |selector, index| Method { target: TARGET, selector, rule: 2, index };
        MethodTable::new(vec![method(ATTACK, 0), method(SKILL, 1)], 1_000)
    }

    fn packed(call: Call) -> PackedCall {
        table().pack(call).expect("allowed call")
    }

    #[test]
    fn a_call_is_packed_byte_by_byte() {
        let call = packed(Call::new(TARGET, SKILL).arg(U256::from(7)).value(0x0102));
        let mut expected = vec![0b0010_1001, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 32];
        expected.extend_from_slice(&U256::from(7).to_be_bytes::<32>());
        let mut bytes = Vec::new();
        call.write(&mut bytes);
        assert_eq!(bytes, expected);
    }

    #[test]
    fn a_call_outside_the_list_or_over_the_cap_is_refused_before_signing() {
        let elsewhere = Call::new(Address::ZERO, ATTACK);
        assert!(matches!(table().pack(elsewhere), Err(CallRefusal::NotAllowed { .. })));
        let unknown = Call::new(TARGET, [9; 4]);
        assert!(matches!(table().pack(unknown), Err(CallRefusal::NotAllowed { .. })));
        let rich = Call::new(TARGET, SKILL).value(1_001);
        assert_eq!(table().pack(rich), Err(CallRefusal::NativePerTx { cap: 1_000, asked: 1_001 }));
        let long = Call { args: vec![0; MAX_ARGS + 1].into(), ..Call::new(TARGET, SKILL) };
        assert_eq!(table().pack(long), Err(CallRefusal::ArgsTooLong(MAX_ARGS + 1)));
    }

    #[test]
    fn a_call_with_value_travels_alone_and_order_is_kept() {
        let mut batcher = Batcher::new(3, Duration::from_millis(30));
        let plain = || packed(Call::new(TARGET, ATTACK));
        let paid = || packed(Call::new(TARGET, SKILL).value(5));
        for (id, call) in [plain(), plain(), paid(), plain(), plain(), plain(), plain()].into_iter().enumerate() {
            assert!(batcher.push(ActionId(id as u64), call, Duration::ZERO));
        }
        let cuts: Vec<_> =
            std::iter::from_fn(|| batcher.cut()).map(|batch| (batch.mode, batch.actions.len())).collect();
        let expected = [(Mode::Isolate, 2), (Mode::Atomic, 1), (Mode::Isolate, 3), (Mode::Isolate, 1)];
        assert_eq!(cuts, expected, "runs without value share a batch of at most three, in order");
    }

    #[test]
    fn a_call_that_names_an_amount_of_tokens_travels_alone() {
        let transfer = [0xa9, 0x05, 0x9c, 0xbb];
        let method = |selector, index| Method { target: TARGET, selector, rule: 0, index };
        let plain = MethodTable::new(vec![method(ATTACK, 0), method(transfer, 1)], 0);
        let cut = |table: &MethodTable, selector| {
            let mut batcher = Batcher::new(8, Duration::ZERO);
            for _ in 0..2 {
                let call = table.pack(Call::new(TARGET, selector)).expect("allowed call");
                assert!(batcher.push(ActionId(0), call, Duration::ZERO));
            }
            batcher.cut().map(|batch| (batch.mode, batch.actions.len(), batch.gas_limit)).expect("a batch")
        };
        let capped = plain.clone().capping(vec![TARGET]);
        let (mode, count, gas) = cut(&capped, ATTACK);
        assert_eq!((mode, count), (Mode::Isolate, 2), "a cap alone is no reason");
        assert!(gas > cut(&plain, ATTACK).2, "measuring costs gas");
        assert_eq!(cut(&capped, transfer).0, Mode::Atomic);
        assert_eq!(cut(&capped, transfer).1, 1);
    }

    proptest! {
        /// What is packed reads back as it was, and bytes from anywhere are read or refused, never a panic.
        #[test]
        fn a_batch_reads_back(
            calls in proptest::collection::vec((any::<bool>(), 0u128..1_000, any::<[u8; 32]>()), 1..9),
            noise in proptest::collection::vec(any::<u8>(), 0..80),
        ) {
            let mut batcher = Batcher::new(8, Duration::ZERO);
            let calls: Vec<_> = calls
                .into_iter()
                .map(|(skill, value, word)| {
                    let selector = if skill { SKILL } else { ATTACK };
                    Call::new(TARGET, selector).arg(U256::from_be_bytes(word)).value(value)
                })
                .collect();
            for call in &calls {
                assert!(batcher.push(ActionId(0), packed(call.clone()), Duration::ZERO));
            }
            let read = std::iter::from_fn(|| batcher.cut())
                .flat_map(|batch| table().unpack(&batch.bytes).expect("our own batch"));
            prop_assert_eq!(read.collect::<Vec<_>>(), calls);
            let _ = table().unpack(&noise);
        }
    }

    #[test]
    fn a_lone_call_lingers_and_a_full_batch_does_not() {
        let mut batcher = Batcher::new(2, Duration::from_millis(30));
        assert_eq!(batcher.ready_at(false), None);
        let at = Duration::from_millis(5);
        assert!(batcher.push(ActionId(1), packed(Call::new(TARGET, ATTACK)), at));
        assert_eq!(batcher.ready_at(false), Some(Duration::from_millis(35)));
        assert_eq!(batcher.ready_at(true), Some(at), "nobody to wait for when nothing is in flight");
        assert!(batcher.push(ActionId(2), packed(Call::new(TARGET, ATTACK)), at));
        assert_eq!(batcher.ready_at(false), Some(at));
    }
}
