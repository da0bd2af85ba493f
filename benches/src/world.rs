//! Worlds that the benches measure: warmed up, filled, and the same on every run.

use std::time::Duration;

use alloy::primitives::aliases::U40;
use alloy::primitives::{Address, B256, Bytes, Log, U256, hex};
use latchkey::SessionKey;
use latchkey::contracts::abi::SessionBatch;
use latchkey::model::{ActionId, Call, Model};
use latchkey::pure::{Batch, Batcher, Ending, Fees, Method, MethodTable, Reconciler, Step, TransactionOutcome};
use latchkey::signer::Backend;

/// Contract that the benches' calls go to.
pub const GAME: Address = Address::repeat_byte(0x42);

/// Method of the benches' calls.
pub const ATTACK: [u8; 4] = [0x11, 0x22, 0x33, 0x44];

/// Prediction window of the design's figures, in actions.
pub const WINDOW: usize = 64;

/// Private key of every measured signer: the first of the usual development accounts.
pub const KEY: [u8; 32] = hex!("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");

/// Fees of every measured transaction, the same as the peers'.
pub const FEES: Fees = Fees { base_fee: 1_000_000_000, priority_fee: 1 };

/// A hundred monsters; an attack takes one point of one of them, an event sets it.
#[derive(Debug)]
pub struct Monsters;

impl Model for Monsters {
    type State = [u32; 100];
    type Action = u8;
    type Event = (u8, u32);
    type Reject = &'static str;

    fn initial(&self) -> [u32; 100] {
        [1_000_000; 100]
    }
    fn predict(&self, state: &mut [u32; 100], monster: &u8, _at: u64) -> Result<(), &'static str> {
        let health = state.get_mut(usize::from(*monster)).ok_or("no such monster")?;
        *health = health.checked_sub(1).ok_or("it is dead")?;
        Ok(())
    }
    fn encode(&self, monster: &u8) -> Call {
        Call::new(GAME, ATTACK).arg(U256::from(*monster))
    }
    fn decode(&self, log: &Log) -> Option<(u8, u32)> {
        let data: [u8; 5] = log.data.data.as_ref().try_into().ok()?;
        Some((data[0], u32::from_be_bytes([data[1], data[2], data[3], data[4]])))
    }
    fn apply(&self, state: &mut [u32; 100], (monster, health): &(u8, u32)) {
        if let Some(slot) = state.get_mut(usize::from(*monster)) {
            *slot = *health;
        }
    }
    fn checksum(&self, state: &[u32; 100]) -> u64 {
        state.iter().map(|health| u64::from(*health)).sum()
    }
}

/// The session key of the benches over a backend.
pub fn key(backend: Backend) -> SessionKey {
    let key = SessionKey::from_bytes(&KEY).and_then(|key| key.with_backend(backend));
    key.expect("the development key is a scalar, and the system has randomness")
}

/// The allow-list of the benches' session.
pub fn methods() -> MethodTable {
    MethodTable::new(vec![Method { target: GAME, selector: ATTACK, rule: 0, index: 0 }], 0)
}

/// A batch of `actions` attacks.
pub fn batch(methods: &MethodTable, actions: u8) -> Batch {
    let mut batcher = Batcher::new(actions, Duration::ZERO);
    for id in 0..actions {
        let call = methods.pack(Monsters.encode(&id)).expect("an allowed call");
        batcher.push(ActionId(id.into()), call, Duration::ZERO);
    }
    batcher.cut().expect("a batch of what was pushed")
}

/// A batch of eight attacks as anybody may submit it.
pub fn session_batch() -> SessionBatch {
    SessionBatch {
        account: Address::repeat_byte(0x0a),
        sessionKey: Address::repeat_byte(0x0b),
        sequence: U40::from(7),
        deadline: U40::from(1_800_000_000),
        batch: batch(&methods(), 8).bytes.into(),
    }
}

/// A full prediction window, and the numbers of its actions.
pub fn full_window() -> (Reconciler<Monsters>, Vec<ActionId>) {
    let mut reconciler = Reconciler::new(Monsters, WINDOW);
    let ids = (0..WINDOW).map(|id| reconciler.predict(id as u8, 0).expect("room")).collect();
    (reconciler, ids)
}

/// A block that confirms the `ids`, with an event for each.
pub fn block(ids: &[ActionId]) -> Step {
    let hash = B256::repeat_byte(1);
    let event = |at: usize| {
        let data = [&[at as u8][..], &999_999u32.to_be_bytes()].concat();
        (hash, Log::new_unchecked(GAME, Vec::new(), Bytes::from(data)))
    };
    let actions = ids.iter().map(|id| (*id, Ending::Confirmed)).collect();
    let outcomes = vec![TransactionOutcome { hash, actions }];
    Step { number: 1, floor: 0, logs: (0..ids.len()).map(event).collect(), outcomes }
}
