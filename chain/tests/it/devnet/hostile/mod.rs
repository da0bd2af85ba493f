//! What a hostile or broken client sends: an error in geth's words, bounded memory, no panic, and answers afterwards.

mod requests;
mod sockets;
mod transactions;

use latchkey::devnet::{Devnet, Server};
use serde_json::{Value, json};

use super::{
    support::on_demand,
    wire::{Wire, panics, resident},
};

/// Growth of memory that a test allows, in bytes. Other tests of the process grow it, too; what is tested would take
/// gibibytes without its limit.
const GROWTH: u64 = 256 * 1024 * 1024;

/// A served devnet that must be alive, small and without a panic at the end.
struct Target {
    devnet: Devnet,
    server: Server,
    panics: usize,
    resident: Option<u64>,
}

impl Target {
    fn new() -> Self {
        let devnet = on_demand();
        let server = devnet.serve(0).expect("a free port");
        Self { devnet, server, panics: panics(), resident: resident() }
    }

    fn wire(&self) -> Wire {
        Wire::open(self.server.local_addr()).expect("it listens")
    }

    /// Posts on a connection of its own and reads the JSON of the answer.
    fn post(&self, body: &[u8]) -> Value {
        self.wire().post(body).expect("an answer").json()
    }

    /// Asserts that it still works and that nothing was left behind.
    fn survives(self) {
        let answer = self.post(br#"{"jsonrpc":"2.0","id":7,"method":"eth_chainId"}"#);
        assert_eq!(answer, json!({ "jsonrpc": "2.0", "id": 7, "result": "0x7a69" }));
        assert_eq!(panics(), self.panics, "a thread of the devnet has panicked");
        if let (Some(before), Some(after)) = (self.resident, resident()) {
            let growth = after.saturating_sub(before);
            println!("memory grew by {} KiB", growth / 1024);
            assert!(growth < GROWTH, "memory grew by {growth} bytes");
        }
    }
}
