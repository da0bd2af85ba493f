//! What a user can switch on: alloy with k256's tables, alloy over libsecp256k1, and libsecp256k1 itself.

use alloy::primitives::B256;
use alloy::signers::local::{PrivateKeySigner, Secp256k1Signer};
// Never called: naming it is what keeps the feature in the build.
use k256 as _;
use latchkey_peers::libsecp::Raw;
use latchkey_peers::{Alloy, KEY, serve};

fn main() -> std::process::ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("tables") => {
            serve("alloy", "2.5.0", &Alloy(PrivateKeySigner::from_slice(&KEY).expect("a valid key")));
        }
        Some("secp256k1-signer") => {
            serve("alloy", "2.5.0", &Alloy(Secp256k1Signer::from_bytes(&B256::from(KEY)).expect("a valid key")));
        }
        Some("libsecp256k1") => serve("secp256k1-sys", "0.14.1", &Raw::default()),
        _ => {
            eprintln!("usage: alloy-tuned tables | secp256k1-signer | libsecp256k1");
            return std::process::ExitCode::from(2);
        }
    }
    std::process::ExitCode::SUCCESS
}
