//! Changes to bytes that parsers dislike.

use rand::{Rng, RngExt};

/// Longest input, in bytes.
const MAX_LENGTH: usize = 8_192;

/// Pieces that mean something to the parsers behind.
const WORDS: &[&[u8]] = &[
    b"null",
    b"[]",
    b"{}",
    b"\"\"",
    b"-1",
    b"1e400",
    b"0x",
    b"\"0x0\"",
    b"\"0xffffffffffffffff\"",
    b"\"latest\"",
    b"\"pending\"",
    b"\"earliest\"",
    b"\\u0000",
    b"[[[[[[[[",
    b"]",
    b"}",
    b",",
    b":",
    b"true",
    b"18446744073709551616",
    b"\"0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\"",
    &[0x00],
    &[0x7f],
    &[0x80],
    &[0x81],
    &[0xb7],
    &[0xb8],
    &[0xbf],
    &[0xc0],
    &[0xf7],
    &[0xf8],
    &[0xff],
    &[0xff; 8],
    &[0x02],
    &[0x03],
    &[0x04],
];

/// Applies one to five changes.
pub(super) fn mutate(rng: &mut impl Rng, input: &mut Vec<u8>, corpus: &[Vec<u8>]) {
    for _ in 0..rng.random_range(1..=5) {
        change(rng, input, corpus);
    }
    input.truncate(MAX_LENGTH);
}

fn change(rng: &mut impl Rng, input: &mut Vec<u8>, corpus: &[Vec<u8>]) {
    let at = rng.random_range(0..=input.len());
    let end = rng.random_range(at..=input.len().min(at + 64));
    match rng.random_range(0..8) {
        0 if at < input.len() => input[at] ^= 1 << rng.random_range(0..8),
        1 if at < input.len() => input[at] = rng.random(),
        2 => drop(input.drain(at..end)),
        3 => {
            let piece = input[at..end].to_vec();
            input.splice(at..at, piece);
        }
        4 => {
            let word = WORDS[rng.random_range(0..WORDS.len())];
            input.splice(at..end, word.iter().copied());
        }
        5 => {
            let word = WORDS[rng.random_range(0..WORDS.len())];
            input.splice(at..at, word.iter().copied());
        }
        6 => {
            let other = &corpus[rng.random_range(0..corpus.len())];
            let from = rng.random_range(0..=other.len());
            input.truncate(at);
            input.extend_from_slice(&other[from..]);
        }
        _ => value(rng, input),
    }
}

/// Replaces a whole JSON value by another, so that the rest still parses.
fn value(rng: &mut impl Rng, input: &mut Vec<u8>) {
    let quotes: Vec<usize> = (0..input.len()).filter(|at| input[*at] == b'"').collect();
    let Some(pair) = quotes.len().checked_sub(1).filter(|pairs| *pairs > 0).map(|pairs| rng.random_range(0..pairs))
    else {
        return;
    };
    let word = WORDS[rng.random_range(0..16)];
    input.splice(quotes[pair]..=quotes[pair + 1], word.iter().copied());
}
