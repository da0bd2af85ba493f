//! Batches of a real session: cut by the engine's own code, and broken ones.

use std::time::Duration;

use alloy::{
    primitives::{Address, Bytes, U256},
    sol_types::SolCall,
};
use latchkey::{
    Call, FrequencyCap, Owner, Policy, SessionKey,
    contracts::{abi::GameRouter, game_router},
    devnet::CHAIN_ID,
    model::ActionId,
    pure::{Batch, Batcher, Fees, Method, MethodTable, Mode, seal},
};
use rand::{Rng, RngExt};

use crate::devnet::support::{FEE, TIP};

/// Actions of one batch, at most.
const MAX_ACTIONS: u8 = 8;

/// Native value that one transaction of a session may spend, in wei.
const NATIVE_PER_TX: u128 = 600_000_000_000_000;

/// What a smite costs, in wei.
const SMITE: u128 = 500_000_000_000_000;

/// Gas limit of a batch that the engine did not cut.
const GAS: u64 = 900_000;

/// A session key with its account.
pub(super) struct Session {
    pub(super) key: SessionKey,
    pub(super) nonce: u64,
    account: Address,
    methods: MethodTable,
}

impl Session {
    pub(super) fn grant(owner: &Owner, key: u8, cap: FrequencyCap, lifetime: Duration) -> Self {
        let key = SessionKey::from_bytes(&[key; 32]).expect("a valid scalar");
        let policy = Policy::builder("differential")
            .method(game_router(), "GameRouter", "attack(uint256)")
            .method(game_router(), "GameRouter", "useSkill(uint8,uint256)")
            .method(game_router(), "GameRouter", "pickup(uint256)")
            .native_per_tx(NATIVE_PER_TX)
            .native_total(100 * NATIVE_PER_TX)
            .frequency(cap)
            .max_actions_per_tx(MAX_ACTIONS)
            .lifetime(lifetime)
            .gas_money(1_000_000_000_000_000_000_000)
            .build()
            .expect("a sound policy");
        let account = owner.grant(&policy, key.address()).expect("a grant").account;
        let selectors =
            [GameRouter::attackCall::SELECTOR, GameRouter::useSkillCall::SELECTOR, GameRouter::pickupCall::SELECTOR];
        let method = |(index, selector)| Method { target: game_router(), selector, rule: 0, index };
        let methods = MethodTable::new((0..).zip(selectors).map(method).collect(), NATIVE_PER_TX);
        Self { key, nonce: 0, account, methods }
    }

    /// A batch as the engine cuts it: up to eight calls, isolated unless one carries value.
    pub(super) fn batch(&mut self, rng: &mut impl Rng) -> Bytes {
        let mut batcher = Batcher::new(MAX_ACTIONS, Duration::ZERO);
        for id in 0..rng.random_range(1..=u64::from(MAX_ACTIONS)) {
            let call = self.methods.pack(action(rng)).expect("an allowed call");
            batcher.push(ActionId(id), call, Duration::ZERO);
        }
        let batch = batcher.cut().expect("a batch of what was pushed");
        self.seal(&batch)
    }

    /// A batch that the wallet may refuse: cut short, with a byte changed, or with too many calls.
    pub(super) fn broken(&mut self, rng: &mut impl Rng) -> Bytes {
        let mut bytes = vec![0];
        for _ in 0..rng.random_range(0..10) {
            let monster = U256::from(rng.random_range(0..13)).to_be_bytes::<32>();
            bytes.extend_from_slice(&[0, 0, 32]);
            bytes.extend_from_slice(&monster);
        }
        match rng.random_range(0..3) {
            0 => bytes.truncate(rng.random_range(0..=bytes.len())),
            1 => {
                let at = rng.random_range(0..bytes.len());
                bytes[at] = rng.random();
            }
            _ => {}
        }
        self.seal(&Batch { actions: Vec::new(), mode: Mode::Atomic, bytes, gas_limit: GAS, kinds: Vec::new() })
    }

    fn seal(&mut self, batch: &Batch) -> Bytes {
        // The same price as everybody's, so that the order of a block is the order of arrival.
        let fees = Fees { base_fee: (FEE - TIP) / 2, priority_fee: TIP };
        self.nonce += 1;
        seal(batch, &self.key, CHAIN_ID, self.nonce - 1, self.account, fees).1
    }
}

fn action(rng: &mut impl Rng) -> Call {
    let monster = U256::from(rng.random_range(0..13));
    let call = |selector| Call::new(game_router(), selector);
    match rng.random_range(0..8) {
        0..=3 => call(GameRouter::attackCall::SELECTOR).arg(monster),
        4 => call(GameRouter::useSkillCall::SELECTOR).arg(U256::ZERO).arg(monster),
        5 => call(GameRouter::useSkillCall::SELECTOR).arg(U256::ONE).arg(monster).value(SMITE),
        _ => call(GameRouter::pickupCall::SELECTOR).arg(monster | U256::from(0x100 * rng.random_range(1..3))),
    }
}
