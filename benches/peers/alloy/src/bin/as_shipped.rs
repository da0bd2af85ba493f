//! alloy's default signer with the features that alloy itself asks for.

use alloy::signers::local::PrivateKeySigner;
use latchkey_peers::{Alloy, KEY, serve};

fn main() {
    let signer = PrivateKeySigner::from_slice(&KEY).expect("a valid key");
    serve("alloy", "2.5.0", &Alloy(signer));
}
