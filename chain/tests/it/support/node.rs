//! The chain that the tests run on: the embedded devnet, or anvil with `LATCHKEY_ENDPOINT=anvil`.

use std::time::Duration;

use alloy::primitives::{B256, Bytes};
use latchkey::Endpoint;
use latchkey::contracts::artifacts;
use latchkey::devnet::{CREATE2_PROXY, DEV_ADDRESSES, Devnet, RpcError, Server};
use serde_json::{Value, json};

use super::anvil::Anvil;

/// Blocks that a devnet keeps: a client that starts late in a long random run still reads the history from its first.
const HISTORY: usize = 1 << 17;

/// A chain with the session wallet and the game at their addresses.
#[derive(Debug)]
pub(crate) enum Node {
    /// Inside this process.
    Devnet(Devnet),
    /// As a process of its own.
    Anvil(Anvil),
}

impl Node {
    /// A chain that mines one block per `block_time`.
    pub(crate) fn every(block_time: Duration) -> Self {
        if on_anvil() {
            return Self::anvil(&["--block-time", &block_time.as_secs_f64().to_string()]);
        }
        Self::devnet(Devnet::builder().block_time(block_time))
    }

    /// A chain that mines one block per transaction. The devnet's time moves by a second with each block,
    /// anvil's follows the wall.
    pub(crate) fn automine() -> Self {
        if on_anvil() {
            return Self::anvil(&[]);
        }
        Self::devnet(Devnet::builder().automine())
    }

    /// As [`automine`](Self::automine), with a first block of this time in Unix seconds: another chain than the others.
    pub(crate) fn automine_since(unix_s: u64) -> Self {
        if on_anvil() {
            return Self::anvil(&["--timestamp", &unix_s.to_string()]);
        }
        Self::devnet(Devnet::builder().automine().genesis_time(unix_s))
    }

    fn devnet(builder: latchkey::devnet::DevnetBuilder) -> Self {
        let codes = [&artifacts::SESSION_WALLET, &artifacts::GAME_ROUTER];
        let builder = codes.into_iter().fold(builder, |builder, code| builder.create2(code.creation.clone()));
        Self::Devnet(builder.history(HISTORY).spawn().expect("a devnet starts"))
    }

    fn anvil(arguments: &[&str]) -> Self {
        let anvil = Anvil::start(arguments).expect("LATCHKEY_ENDPOINT=anvil needs anvil on the PATH");
        for code in [&artifacts::SESSION_WALLET, &artifacts::GAME_ROUTER] {
            let input: Bytes = [B256::ZERO.as_slice(), &code.creation].concat().into();
            // From an account that no test uses.
            let call = json!({ "from": DEV_ADDRESSES[9], "to": CREATE2_PROXY, "input": input, "gas": "0xf00000" });
            anvil.request("eth_sendTransaction", json!([call])).expect("a deployment");
            anvil.request("evm_mine", json!([])).expect("a block");
        }
        Self::Anvil(anvil)
    }

    /// How the engine reaches it: inside the process where that is possible.
    pub(crate) fn endpoint(&self) -> Endpoint {
        match self {
            Self::Devnet(devnet) => Endpoint::connection("devnet", devnet.connection()),
            Self::Anvil(anvil) => Endpoint::url(anvil.url()).expect("anvil's URL"),
        }
    }

    /// Its JSON-RPC over HTTP, WebSocket on the same port, for as long as the second value lives.
    pub(crate) fn serve(&self) -> (String, Option<Server>) {
        match self {
            Self::Devnet(devnet) => {
                let server = devnet.serve(0).expect("a free port");
                (server.http_url(), Some(server))
            }
            Self::Anvil(anvil) => (anvil.url().to_owned(), None),
        }
    }

    /// Answers one JSON-RPC request.
    pub(crate) fn request(&self, method: &str, params: Value) -> Result<Value, RpcError> {
        match self {
            Self::Devnet(devnet) => devnet.request(method, params),
            Self::Anvil(anvil) => anvil.request(method, params),
        }
    }

    /// Mines one block now.
    pub(crate) fn mine(&self) {
        self.request("evm_mine", json!([])).expect("a block");
    }
}

/// Reads the switch.
fn on_anvil() -> bool {
    match std::env::var("LATCHKEY_ENDPOINT").as_deref() {
        Err(_) | Ok("devnet") => false,
        Ok("anvil") => true,
        Ok(other) => panic!("LATCHKEY_ENDPOINT={other}: give devnet or anvil"),
    }
}
