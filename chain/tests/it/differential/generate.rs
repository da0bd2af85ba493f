//! Random policies, and batches of every kind: allowed, over a cap, and broken.

use std::time::Duration;

use alloy::primitives::{Address, U256, keccak256};
use latchkey::session::TokenCap;
use latchkey::session::verdict::{Rule, Terms};
use latchkey::{FrequencyCap, Policy};

use super::random::Random;
use super::world::{COIN_METHODS, PAYABLE, PLENTY, PUPPET_METHODS, Puppets};

/// Largest batch cut out of random bytes.
const MAX_NOISE: u64 = 80;

/// A policy over some of the puppets' methods and coins.
pub(super) fn policy(random: &mut Random, puppets: &[Address]) -> Policy {
    let frequency = match random.below(8) {
        0 => FrequencyCap::new(random.between(1, 65_535) as u16, random.between(1, 1 << 20) as u32),
        1 => FrequencyCap::new(7, 10),
        _ => FrequencyCap::new(random.between(1, 6) as u16, random.between(1, 4) as u32),
    };
    let mut builder = Policy::builder("differential")
        .native_per_tx(random.below(1_000).into())
        .native_total(random.below(3_000).into())
        .frequency(frequency)
        .max_actions_per_tx(if random.one_in(10) { 255 } else { random.between(1, 8) as u8 })
        .lifetime(Duration::from_secs(if random.one_in(6) {
            random.between(5, 60)
        } else {
            random.between(300, 99_999)
        }))
        .gas_money(100_000_000_000_000_000_000);
    let mut methods: Vec<(Address, &str)> = Vec::new();
    for puppet in puppets {
        methods.extend(PUPPET_METHODS.iter().map(|(method, _)| (*puppet, *method)));
        for (at, decimals) in [6, 18].into_iter().enumerate() {
            if !random.one_in(3) || methods.len() > 100 {
                continue;
            }
            let token = puppet.create(at as u64 + 1);
            let (per_tx, total) = (random.below(1_000).into(), random.below(3_000).into());
            builder = builder.token_cap(TokenCap { token, symbol: "COIN".to_owned(), decimals, per_tx, total });
            methods.extend(COIN_METHODS.map(|method| (token, method)));
        }
    }
    // Drawn without order, so that the methods of a contract end up in one rule or several.
    let wanted = random.between(1, 16);
    for _ in 0..wanted {
        let at = random.below(methods.len() as u64) as usize;
        let (target, method) = methods.swap_remove(at);
        builder = builder.method(target, "Puppet", method);
    }
    builder.build().unwrap_or_else(|error| match error {
        // More coins or contracts than a session holds: rare, so the next draw will do.
        latchkey::session::PolicyError::TooManyTokens(_) | latchkey::session::PolicyError::TooManyRules { .. } => {
            policy(random, puppets)
        }
        other => panic!("a sound policy: {other}"),
    })
}

/// The bytes of a batch.
pub(super) fn batch(random: &mut Random, terms: &Terms, world: &Puppets) -> Vec<u8> {
    if random.one_in(60) {
        let count = random.below(MAX_NOISE) as usize;
        return foreseeable(random.bytes(count));
    }
    let mut bytes = match random.below(60) {
        0 => vec![random.number() as u8, 0, 0, 0],
        1..10 => isolated(random),
        _ => vec![0],
    };
    let most = u64::from(terms.max_actions);
    let count = if random.one_in(30) { most + 1 } else { random.between(1, most.min(5)) };
    for _ in 0..count {
        item(random, terms, world, &mut bytes);
    }
    if random.one_in(16) {
        mutate(random, &mut bytes);
    }
    foreseeable(bytes)
}

fn isolated(random: &mut Random) -> Vec<u8> {
    let gas = if random.one_in(6) { 0 } else { PLENTY };
    let gas = gas.to_be_bytes();
    vec![1, gas[1], gas[2], gas[3]]
}

/// An isolated batch has no gas for its calls or plenty: the puppets are not foreseen with anything between.
fn foreseeable(mut bytes: Vec<u8>) -> Vec<u8> {
    if let [1, gas @ ..] = bytes.as_mut_slice()
        && let Some(gas) = gas.first_chunk_mut::<3>()
        && *gas != [0; 3]
    {
        gas.copy_from_slice(&PLENTY.to_be_bytes()[1..]);
    }
    bytes
}

fn item(random: &mut Random, terms: &Terms, world: &Puppets, bytes: &mut Vec<u8>) {
    let rule = random.below(terms.rules.len() as u64) as usize;
    let Rule { target, selectors } = &terms.rules[rule];
    let index = random.below(selectors.len() as u64) as usize;
    let mut head = (rule << 4 | index) as u8;
    let args = args(random, terms, world, *target, selectors[index]);
    match random.below(200) {
        0 => head = random.number() as u8,
        1 => head |= 0b100,
        2 => head |= 0b11,
        _ => {}
    }
    let payable = is_payable(selectors[index]) || random.one_in(60);
    let value = match random.below(12) {
        0..3 if payable => Some(U256::from(random.between(1, 200))),
        3 if payable => Some(amount(random, terms.native_per_tx)),
        4 if random.one_in(15) => Some(U256::ZERO),
        _ => None,
    };
    bytes.push(head | u8::from(value.is_some()) << 3);
    if let Some(value) = value {
        bytes.extend_from_slice(&value.to_be_bytes::<32>()[22..]);
    }
    bytes.extend_from_slice(&(args.len() as u16).to_be_bytes());
    bytes.extend_from_slice(&args);
}

fn args(random: &mut Random, terms: &Terms, world: &Puppets, target: Address, selector: [u8; 4]) -> Vec<u8> {
    if random.one_in(100) {
        let count = random.below(MAX_NOISE) as usize;
        return random.bytes(count);
    }
    let is = |signature: &str| keccak256(signature)[..4] == selector;
    let words = PUPPET_METHODS.iter().find(|(method, _)| is(method)).map_or(2, |(_, words)| *words);
    let cap = terms.tokens.iter().find(|cap| cap.token == target).or(terms.tokens.first());
    let amount = amount(random, cap.map_or(100, |cap| cap.per_tx));
    let first = match COIN_METHODS.iter().any(|method| is(method)) {
        // Anybody's address, the account itself, or a contract that may be called.
        true => match random.below(8) {
            0 if random.one_in(6) => U256::from_be_slice(&random.bytes(32)),
            1 => U256::from_be_slice(&random.bytes(20)),
            2 => U256::from_be_slice(world.account.as_slice()),
            3 => U256::from_be_slice(random.pick(&world.coins).as_slice()),
            _ => U256::from_be_slice(random.pick(&world.puppets).as_slice()),
        },
        false => U256::from(random.below(3)),
    };
    let mut args = [first, amount].map(|word| word.to_be_bytes::<32>()).concat();
    args.truncate(32 * words);
    args
}

fn is_payable(selector: [u8; 4]) -> bool {
    PAYABLE.iter().any(|method| keccak256(method)[..4] == selector)
}

/// An amount of which some fit into a cap, some just do not, and a few are absurd.
fn amount(random: &mut Random, cap: u128) -> U256 {
    let cap = cap.min(1 << 40) as u64;
    U256::from(match random.below(40) {
        0 => return U256::MAX >> random.below(256),
        1 => cap,
        2 => cap + 1,
        3 => 0,
        4..8 => random.below(cap + 2),
        _ => random.below(cap / 4 + 2),
    })
}

/// One byte more, less or other, or a cut.
pub(super) fn mutate(random: &mut Random, bytes: &mut Vec<u8>) {
    let at = random.below(bytes.len() as u64) as usize;
    match random.below(5) {
        0 => bytes.truncate(at),
        1 => bytes.push(random.number() as u8),
        2 => bytes.insert(at, random.number() as u8),
        3 => drop(bytes.remove(at)),
        _ => bytes[at] ^= 1 << random.below(8),
    }
}
