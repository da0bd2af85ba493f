//! Any bytes at all as a batch: the model and the contract read them alike.

use latchkey::devnet::create2_address;
use latchkey::{FrequencyCap, Policy};

use super::random::Random;
use super::scenario::{Answers, Entry, Scenario};
use super::world::{PUPPETS, puppet_code};
use super::{CASES, SEED, generate, in_parallel, setting};

/// Strings of bytes for each case of the other test; they cost a single call each.
const PER_CASE: u64 = 5;

/// Strings of bytes read by one session.
const EACH: u64 = 1_000;

/// Longest string without any shape.
const LONGEST: u64 = 60;

/// First bytes of items: rules and selectors that the session has, some with value and some it has not.
const HEADS: [u8; 12] = [0x00, 0x00, 0x00, 0x10, 0x10, 0x20, 0x01, 0x11, 0x02, 0x08, 0x18, 0x30];

#[test]
fn any_bytes_are_read_alike() {
    let (cases, seed) = (setting("LATCHKEY_CASES", CASES) * PER_CASE, setting("LATCHKEY_SEED", SEED));
    let answers = in_parallel(cases.div_ceil(EACH), |index| {
        eprintln!("LATCHKEY_SEED={seed}, session {index}");
        read(Random::new(!seed, index))
    });
    let total: u64 = answers.values().sum();
    println!("{total} strings of bytes under seed {seed}: {answers:#?}");
    for needed in ["MalformedBatch", "RuleIndex", "SelectorIndex", "TooManyActions", "IsolateForbidden", "accepted"] {
        assert!(answers.contains_key(needed), "{needed} never came up in {total} strings under seed {seed}");
    }
}

fn read(mut random: Random) -> Answers {
    let puppets: Vec<_> = (0..PUPPETS).map(|at| create2_address(&puppet_code(at))).collect();
    // No tokens, because what an isolated call with little gas moves is not foreseen; a method without arguments
    // under every rule, so that most that can be read goes through.
    let policy = puppets.iter().fold(Policy::builder("fuzz"), |builder, puppet| {
        builder.method(*puppet, "Puppet", "nothing()").method(*puppet, "Puppet", "touch(uint256)")
    });
    let policy = policy
        .native_per_tx((1 << 80) - 1)
        .native_total(1_000)
        .max_actions_per_tx(random.between(1, 6) as u8)
        .frequency(FrequencyCap::new(60_000, 1))
        .gas_money(1_000_000_000_000_000_000)
        .build()
        .expect("a sound policy");
    let mut scenario = Scenario::granted(random, puppets, &policy);
    scenario.begin();
    let mut answers = Answers::new();
    for at in 0..EACH {
        let bytes = string(&mut scenario.random);
        // As the EntryPoint, which is only asked: nothing changes between two strings.
        let args = [scenario.key.address().as_slice(), &bytes].concat();
        let answer = scenario.agreed(&Entry::Operation { args }, &format!("string {at}"));
        *answers.entry(answer).or_default() += 1;
    }
    answers
}

/// Half of the strings have the shape of a batch, and half of those are damaged.
fn string(random: &mut Random) -> Vec<u8> {
    if random.one_in(2) {
        let length = random.below(LONGEST + 1) as usize;
        return random.bytes(length);
    }
    let mut bytes = if random.one_in(3) { [&[1][..], &random.bytes(3)].concat() } else { vec![0] };
    for _ in 0..random.between(1, 7) {
        let head = if random.one_in(12) { random.number() as u8 } else { random.pick(&HEADS) };
        bytes.push(head);
        if head & 0b1000 != 0 {
            bytes.extend_from_slice(&[0; 8]);
            bytes.extend_from_slice(&random.bytes(2));
        }
        let length = random.pick(&[0, 0, 0, 1, 32]);
        bytes.extend_from_slice(&[0, length]);
        bytes.extend(random.bytes(length.into()));
    }
    if random.one_in(2) {
        generate::mutate(random, &mut bytes);
    }
    bytes
}
