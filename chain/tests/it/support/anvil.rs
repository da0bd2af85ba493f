//! anvil as a process, asked over HTTP.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::Duration,
};

use alloy::rpc::client::RpcClient;
use latchkey::devnet::RpcError;
use serde_json::Value;
use tokio::{runtime, time::timeout};

use super::strict;

/// Longest wait for one answer.
const DEADLINE: Duration = Duration::from_secs(30);

/// An anvil on a free port, ended with the value.
#[derive(Debug)]
pub(crate) struct Anvil {
    process: Child,
    url: String,
    runtime: runtime::Runtime,
    client: RpcClient,
}

impl Anvil {
    /// Starts anvil with the devnet's rules and further arguments.
    ///
    /// `None`, with the reason printed, where anvil is not installed; on a build server that is a failure.
    pub(crate) fn start(arguments: &[&str]) -> Option<Self> {
        let mut command = Command::new("anvil");
        command.args(["--port", "0", "--hardfork", "osaka"]).args(arguments);
        let mut process = match command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn() {
            Ok(process) => process,
            Err(error) => {
                assert!(!strict(), "anvil must be on the PATH when CI=true: {error}");
                println!("skipped: no anvil on the PATH ({error})");
                return None;
            }
        };
        let output = process.stdout.take().expect("it was asked to be piped");
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        let url = lines.find_map(|line| line.strip_prefix("Listening on ").map(|address| format!("http://{address}")));
        let url = url.expect("anvil says where it listens");
        // anvil stops answering when nobody reads what it prints; this ends with the process.
        std::thread::spawn(move || lines.for_each(drop));
        let runtime = runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let client = RpcClient::new_http(url.parse().expect("a URL"));
        Some(Self { process, url, runtime, client })
    }

    /// URL of its JSON-RPC over HTTP.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Asks as [`latchkey::devnet::Devnet::request`] does.
    pub(crate) fn request(&self, method: &str, params: Value) -> Result<Value, RpcError> {
        let answer = async { timeout(DEADLINE, self.client.request::<_, Value>(method.to_owned(), params)).await };
        let answer = self.runtime.block_on(answer).unwrap_or_else(|_| panic!("{method}: no answer in {DEADLINE:?}"));
        answer.map_err(|error| {
            let payload = error.as_error_resp().unwrap_or_else(|| panic!("{method}: {error}"));
            RpcError {
                code: i32::try_from(payload.code).expect("a code of JSON-RPC"),
                message: payload.message.to_string(),
                data: payload.data.as_ref().map(|data| serde_json::from_str(data.get()).expect("JSON")),
            }
        })
    }
}

impl Drop for Anvil {
    fn drop(&mut self) {
        // Both fail only when the process is gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
