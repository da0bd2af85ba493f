//! The chain that a test plays on: the embedded devnet, or anvil with `LATCHKEY_ENDPOINT=anvil`.

use std::time::{Duration, Instant};

use alloy::primitives::{B256, Bytes};
use alloy::rpc::client::RpcClient;
use alloy::rpc::types::TransactionReceipt;
use latchkey::Endpoint;
use latchkey::contracts::artifacts::Artifact;
use latchkey::devnet::{CREATE2_PROXY, DEV_ADDRESSES, Devnet, RpcError};
use latchkey_tests::{Node, anvil};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

/// Longest wait for one answer of anvil.
const DEADLINE: Duration = Duration::from_secs(30);

/// Time from one block to the next; all of it is stepped.
const BLOCK_TIME_S: u64 = 1;

/// A chain that mines a block for each transaction, or when asked once that is switched off.
pub(crate) enum Ground {
    /// Inside this process.
    Devnet(Devnet),
    /// As a process of its own.
    Anvil { node: Node, client: RpcClient, runtime: Runtime },
}

impl Ground {
    /// A chain whose time begins at `genesis`, in Unix seconds, with these contracts on it.
    pub(crate) fn new(genesis: u64, contracts: &[&Artifact]) -> Self {
        match std::env::var("LATCHKEY_ENDPOINT").as_deref() {
            Err(_) | Ok("devnet") => {
                let builder =
                    Devnet::builder().automine().block_time(Duration::from_secs(BLOCK_TIME_S)).genesis_time(genesis);
                let builder = contracts.iter().fold(builder, |builder, code| builder.create2(code.creation.clone()));
                Self::Devnet(builder.spawn().expect("a devnet starts"))
            }
            Ok("anvil") => Self::anvil(genesis, contracts),
            Ok(other) => panic!("LATCHKEY_ENDPOINT={other}: give devnet or anvil"),
        }
    }

    fn anvil(genesis: u64, contracts: &[&Artifact]) -> Self {
        let node = anvil(&["--timestamp", &genesis.to_string()]).expect("LATCHKEY_ENDPOINT=anvil needs anvil");
        let client = RpcClient::new_http(node.url.parse().expect("a URL"));
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let ground = Self::Anvil { node, client, runtime };
        for code in contracts {
            let input: Bytes = [B256::ZERO.as_slice(), &code.creation].concat().into();
            // From an account that no test uses.
            let call = json!({ "from": DEV_ADDRESSES[9], "to": CREATE2_PROXY, "input": input, "gas": "0xf00000" });
            ground.request("eth_sendTransaction", json!([call])).expect("a deployment");
        }
        ground
    }

    /// How the engine reaches it: inside the process where that is possible.
    pub(crate) fn endpoint(&self) -> Endpoint {
        match self {
            Self::Devnet(devnet) => Endpoint::connection("devnet", devnet.connection()),
            Self::Anvil { node, .. } => Endpoint::url(&node.url).expect("anvil's URL"),
        }
    }

    /// Answers one JSON-RPC request.
    pub(crate) fn request(&self, method: &str, params: Value) -> Result<Value, RpcError> {
        let (client, runtime) = match self {
            Self::Devnet(devnet) => return devnet.request(method, params),
            Self::Anvil { client, runtime, .. } => (client, runtime),
        };
        let answer = async { timeout(DEADLINE, client.request::<_, Value>(method.to_owned(), params)).await };
        let answer = runtime.block_on(answer).unwrap_or_else(|_| panic!("{method}: no answer in {DEADLINE:?}"));
        answer.map_err(|error| {
            let payload = error.as_error_resp().unwrap_or_else(|| panic!("{method}: {error}"));
            RpcError {
                code: i32::try_from(payload.code).expect("a code of JSON-RPC"),
                message: payload.message.to_string(),
                data: payload.data.as_ref().map(|data| serde_json::from_str(data.get()).expect("JSON")),
            }
        })
    }

    /// The receipt of a transaction that is mined at once; anvil may answer before it has done so.
    pub(crate) fn receipt(&self, hash: &Value) -> TransactionReceipt {
        let end = Instant::now() + DEADLINE;
        loop {
            let receipt = self.request("eth_getTransactionReceipt", json!([hash])).expect("an answer");
            if !receipt.is_null() {
                return serde_json::from_value(receipt).expect("a receipt");
            }
            assert!(Instant::now() < end, "{hash} was not mined within {DEADLINE:?}");
            std::thread::yield_now();
        }
    }

    /// Mines a block one step later; its number.
    pub(crate) fn mine(&self) -> u64 {
        if let Self::Anvil { .. } = self {
            self.request("evm_increaseTime", json!([BLOCK_TIME_S])).expect("time goes on");
        }
        self.request("evm_mine", json!([])).expect("a block");
        self.number("eth_blockNumber")
    }

    /// Transactions that wait for a block.
    pub(crate) fn pending(&self) -> u64 {
        match self {
            Self::Devnet(devnet) => devnet.with_chain(|chain| chain.pending()) as u64,
            Self::Anvil { .. } => {
                let status = self.request("txpool_status", json!([])).expect("anvil can");
                quantity(&status["pending"])
            }
        }
    }

    fn number(&self, method: &str) -> u64 {
        quantity(&self.request(method, json!([])).expect("a number"))
    }
}

/// A JSON-RPC quantity.
fn quantity(value: &Value) -> u64 {
    let digits = value.as_str().and_then(|text| text.strip_prefix("0x")).expect("a quantity");
    u64::from_str_radix(digits, 16).expect("hexadecimal digits")
}
