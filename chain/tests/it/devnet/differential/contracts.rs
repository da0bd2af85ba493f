//! Small contracts by hand, one for each thing that transactions of the differential run do.

/// Calls the address in its first word with its value and the rest of its data; logs success and answer.
pub(super) const FORWARD: &[u8] = &[
    0x60, 0x20, 0x36, 0x03, 0x80, 0x60, 0x20, 0x5f, 0x37, // the data after the first word, into memory
    0x5f, 0x5f, 0x82, 0x5f, 0x34, 0x5f, 0x35, 0x5a, 0xf1, // call it
    0x5f, 0x52, 0x3d, 0x5f, 0x60, 0x20, 0x3e, // success and what came back
    0x3d, 0x60, 0x20, 0x01, 0x5f, 0xa0, 0x00, // log both
];

/// Creates a contract from its data with its value, twice: by CREATE and by CREATE2; logs both addresses.
pub(super) const FACTORY: &[u8] = &[
    0x36, 0x5f, 0x5f, 0x37, // its data into memory
    0x36, 0x5f, 0x34, 0xf0, // CREATE with the value
    0x5f, 0x36, 0x5f, 0x5f, 0xf5, // CREATE2 without value, salt 0
    0x5f, 0x52, 0x60, 0x20, 0x52, 0x60, 0x40, 0x5f, 0xa0, 0x00, // log both addresses
];

/// Destroys itself in favour of the address in its data.
pub(super) const DESTROY: &[u8] = &[0x5f, 0x35, 0xff];

/// Never ends.
pub(super) const BURN: &[u8] = &[0x5b, 0x5f, 0x56];

/// Fails with the invalid instruction, which takes all gas.
pub(super) const INVALID: &[u8] = &[0xfe];

/// Init codes that create nothing, each for another reason.
pub(super) const FAILING_INIT: &[&[u8]] = &[
    &[0x60, 0xef, 0x5f, 0x53, 0x60, 0x01, 0x5f, 0xf3], // code that starts with 0xef (EIP-3541)
    &[0x5f, 0x5f, 0xfd],                               // revert
    &[0xfe],                                           // invalid
    &[0x61, 0x60, 0x01, 0x5f, 0xf3],                   // code longer than EIP-170 allows
    &[0x61, 0x20, 0x00, 0x5f, 0xf3],                   // code that costs more to store than is left
    &[0x5b, 0x5f, 0x56],                               // never ends
    &[0x50],                                           // stack underflow
];

/// Init codes that leave nothing behind but what they did: empty code, or destroyed at once.
pub(super) const FLEETING_INIT: &[&[u8]] = &[
    &[],                       // no code at all
    &[0x33, 0xff],             // destroyed, its value to the caller
    &[0x30, 0xff],             // destroyed, its value burnt (EIP-6780)
    &[0x60, 0xcc, 0xff],       // destroyed, its value to an account that did not exist
    &[0x60, 0x01, 0x5f, 0x55], // storage without code
];

/// Logs everything that a contract can learn about its surroundings, but block hashes.
pub(super) fn environment() -> Vec<u8> {
    // ADDRESS ORIGIN CALLER CALLVALUE GASPRICE COINBASE TIMESTAMP NUMBER PREVRANDAO GASLIMIT CHAINID SELFBALANCE
    // BASEFEE BLOBBASEFEE GAS
    let reads =
        [0x30, 0x32, 0x33, 0x34, 0x3a, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x4a, 0x5a].iter().enumerate();
    let mut code = Vec::new();
    for (index, read) in reads {
        let at = u16::try_from(index * 32).expect("few").to_be_bytes();
        code.extend_from_slice(&[*read, 0x61, at[0], at[1], 0x52]);
    }
    code.extend_from_slice(&[0x61, 0x01, 0xe0, 0x5f, 0xa0, 0x00]);
    code
}

/// Reads a block's hash, which is each node's own; random code must not hold it.
pub(super) const BLOCKHASH: u8 = 0x40;
