//! The fault proxy: each fault over HTTP and over WebSocket, against a chain that says what reached it.

use std::time::Duration;

use alloy::{
    primitives::U64,
    providers::{Provider, RootProvider},
    rpc::client::{ClientBuilder, RpcClient},
    transports::{TransportError, ws::WsConnect},
};
use latchkey::devnet::{Devnet, Fault, FaultProxy, NOTIFICATION, ProxyError, Rule, Server};
use serde_json::{Value, json};
use tokio::{runtime::Runtime, time::timeout};

use crate::devnet::wire::Wire;

/// Longest wait for what must come.
const DEADLINE: Duration = Duration::from_secs(10);

/// Wait for what must not come.
const SILENCE: Duration = Duration::from_millis(100);

struct Bench {
    devnet: Devnet,
    _server: Server,
    proxy: FaultProxy,
    runtime: Runtime,
}

impl Bench {
    fn new() -> Self {
        let devnet = Devnet::builder().on_demand().spawn().expect("a devnet");
        let server = devnet.serve(0).expect("a free port");
        let proxy = FaultProxy::start(&server.http_url(), 0).expect("a free port");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        Self { devnet, _server: server, proxy, runtime: runtime.expect("a runtime") }
    }

    fn inject(&self, rule: Rule) {
        self.proxy.inject(rule).expect("room for a rule");
    }

    fn http(&self) -> RpcClient {
        RpcClient::new_http(self.proxy.http_url().parse().expect("a URL"))
    }

    fn ws(&self) -> RpcClient {
        // No retries: what breaks is to be seen.
        let connect = WsConnect::new(self.proxy.ws_url()).with_max_retries(0);
        self.runtime.block_on(ClientBuilder::default().ws(connect)).expect("a connection")
    }

    /// Mines through a client, so that the chain's height tells what has reached it.
    fn mine(&self, client: &RpcClient) -> Option<Result<Value, TransportError>> {
        let asked = client.request::<_, Value>("evm_mine", json!([]));
        self.runtime.block_on(async { timeout(SILENCE, asked).await.ok() })
    }

    fn number(&self, client: &RpcClient) -> Option<u64> {
        let asked = client.request::<_, U64>("eth_blockNumber", ());
        self.runtime.block_on(async { timeout(DEADLINE, asked).await.expect("in time") }).ok().map(|number| number.to())
    }

    fn height(&self) -> u64 {
        self.devnet.with_chain(|chain| chain.head().number())
    }
}

#[test]
fn without_rules_everything_passes_and_is_counted() {
    let bench = Bench::new();
    for client in [bench.http(), bench.ws()] {
        assert!(bench.mine(&client).is_some_and(|answer| answer.is_ok()));
    }
    assert_eq!((bench.height(), bench.proxy.requests("evm_mine"), bench.proxy.requests("eth_chainId")), (2, 2, 0));
    assert_eq!(bench.proxy.counts().into_iter().collect::<Vec<_>>(), [("evm_mine".to_owned(), 2)]);
}

#[test]
fn a_refused_request_does_not_reach_the_endpoint() {
    let bench = Bench::new();
    bench.inject(Rule::new(Fault::Refuse).on("evm_mine").every(2));
    let http = bench.http();
    assert!(bench.mine(&http).is_some_and(|answer| answer.is_ok()));
    let refused = bench.mine(&http).expect("an answer").expect_err("a refusal");
    assert!(refused.as_transport_err().is_some_and(|error| error.to_string().contains("429")), "{refused}");
    let ws = bench.ws();
    assert!(bench.mine(&ws).is_some_and(|answer| answer.is_ok()));
    let refused = bench.mine(&ws).expect("an answer").expect_err("a refusal");
    assert_eq!(refused.as_error_resp().map(|error| error.code), Some(-32_005));
    assert_eq!((bench.height(), bench.proxy.requests("evm_mine")), (2, 4));
}

#[test]
fn a_lost_request_and_a_lost_answer_differ_at_the_endpoint_alone() {
    for (fault, height) in [(Fault::LoseRequest, 0), (Fault::LoseAnswer, 1)] {
        let bench = Bench::new();
        bench.inject(Rule::new(fault.clone()).on("evm_mine"));
        assert!(bench.mine(&bench.http()).expect("the connection breaks").is_err(), "{fault:?}");
        assert_eq!(bench.height(), height, "{fault:?} over HTTP");
        let ws = bench.ws();
        assert!(bench.mine(&ws).is_none(), "a WebSocket stays silent, {fault:?}");
        bench.proxy.clear();
        assert_eq!(bench.number(&ws), Some(2 * height), "{fault:?}, and the connection still serves");
    }
}

#[test]
fn a_delayed_request_is_overtaken() {
    let bench = Bench::new();
    bench.inject(Rule::new(Fault::DelayRequest(SILENCE)).on("evm_mine").times(1));
    bench.inject(Rule::new(Fault::DelayAnswer(SILENCE)).on("eth_blockNumber").times(1));
    for client in [bench.http(), bench.ws()] {
        let mine = client.request::<_, Value>("evm_mine", json!([]));
        let number = client.request::<_, U64>("eth_blockNumber", ());
        let both = async { timeout(DEADLINE, futures::future::join(mine, number)).await.expect("in time") };
        let (mined, number) = bench.runtime.block_on(both);
        assert!(mined.is_ok());
        // Only the first client's were delayed.
        if bench.height() == 1 {
            assert_eq!(number.expect("a number").to::<u64>(), 0, "asked later, read earlier");
        }
    }
    assert_eq!(bench.height(), 2);
}

#[test]
fn an_endpoint_can_be_made_to_lie() {
    let bench = Bench::new();
    bench.devnet.mine();
    for client in [bench.http(), bench.ws()] {
        bench.proxy.clear();
        bench.inject(Rule::new(Fault::Answer(json!("0x63"))).on("eth_blockNumber").times(1));
        bench.inject(Rule::new(Fault::Error(-32_000, "header not found")).on("eth_blockNumber").after(1).times(1));
        bench.inject(Rule::new(Fault::Rewrite(|result| *result = json!("0x2a"))).on("eth_blockNumber").after(2));
        assert_eq!([1, 2, 3].map(|_| bench.number(&client)), [Some(99), None, Some(42)]);
    }
}

#[test]
fn a_rule_can_be_about_one_parameter() {
    let bench = Bench::new();
    let rule = Rule::new(Fault::Answer(Value::Null)).on("eth_getBlockByNumber").mentioning("latest");
    let rule = bench.proxy.inject(rule).expect("room");
    let client = bench.http();
    let block = |at: &str| {
        let asked = client.request::<_, Value>("eth_getBlockByNumber", json!([at, false]));
        bench.runtime.block_on(async { timeout(DEADLINE, asked).await.expect("in time") }).expect("an answer")
    };
    assert_eq!(block("latest"), Value::Null);
    assert_ne!(block("0x0"), Value::Null);
    assert_eq!((bench.proxy.fired(rule), bench.proxy.remove(rule), bench.proxy.fired(rule)), (1, 1, 0));
    assert_ne!(block("latest"), Value::Null);
}

#[test]
fn an_outage_breaks_everything_until_it_ends() {
    let bench = Bench::new();
    let (http, ws) = (bench.http(), bench.ws());
    assert_eq!((bench.number(&http), bench.number(&ws)), (Some(0), Some(0)));
    bench.proxy.cut();
    bench.proxy.cut();
    assert_eq!((bench.number(&http), bench.number(&ws)), (None, None));
    bench.proxy.restore();
    assert_eq!((bench.number(&http), bench.number(&bench.ws())), (Some(0), Some(0)));
    assert_eq!(bench.proxy.requests("eth_blockNumber"), 4, "what came during the outage is not counted");
}

#[test]
fn what_is_pushed_meets_faults_too() {
    let bench = Bench::new();
    let provider: RootProvider = RootProvider::new(bench.ws());
    let mut heads = bench.runtime.block_on(provider.subscribe_blocks().into_future()).expect("a subscription");
    bench.inject(Rule::new(Fault::LoseAnswer).on(NOTIFICATION).times(1));
    bench.devnet.mine();
    bench.devnet.mine();
    let head = bench.runtime.block_on(async { timeout(DEADLINE, heads.recv()).await.expect("in time") });
    assert_eq!(head.expect("a head").number, 2, "the first one was lost on its way");
    assert_eq!(bench.proxy.requests(NOTIFICATION), 2);
}

#[test]
fn sockets_can_be_closed_and_confused() {
    let bench = Bench::new();
    let address = bench.proxy.http_url().strip_prefix("http://").and_then(|address| address.parse().ok());
    let open = || Wire::open(address.expect("an address")).and_then(Wire::upgrade).expect("a WebSocket");
    let number = json!({ "jsonrpc": "2.0", "id": 1, "method": "eth_blockNumber" }).to_string();
    let mut socket = open();
    bench.proxy.stray_error();
    socket.message(&number).expect("it takes a request");
    let stray = socket.heard().expect("a frame");
    assert!(stray.get("id").is_none() && stray.get("error").is_some(), "{stray}");
    assert_eq!(socket.heard().expect("the answer")["result"], "0x0", "and goes on serving");
    bench.proxy.close_sockets();
    assert!(socket.heard().is_err(), "broken off");
    let mut other = open();
    other.message(&number).expect("it takes a request");
    assert_eq!(other.heard().expect("the answer")["result"], "0x0", "new ones are served");
}

#[test]
fn submissions_and_refusals_are_remembered() {
    let bench = Bench::new();
    for client in [bench.http(), bench.ws()] {
        let sent = client.request::<_, Value>("eth_sendRawTransaction", json!(["0x00"]));
        let answer = bench.runtime.block_on(async { timeout(DEADLINE, sent).await.expect("in time") });
        assert!(answer.is_err(), "no transaction");
    }
    assert_eq!(bench.proxy.take_submissions(), ["0x00", "0x00"]);
    assert_eq!(bench.proxy.refusals().into_values().sum::<u64>(), 2, "{:?}", bench.proxy.refusals());
}

#[test]
fn a_web_page_cannot_use_it() {
    let bench = Bench::new();
    let client = alloy::transports::http::reqwest::Client::new();
    let asked = client.post(bench.proxy.http_url()).header("origin", "http://127.0.0.1").body("{}");
    let status = bench.runtime.block_on(async { timeout(DEADLINE, asked.send()).await.expect("in time") });
    assert_eq!(status.expect("an answer").status(), 403);
}

#[test]
fn what_cannot_be_done_is_refused_with_the_reason() {
    for url in ["", "localhost", "ws://127.0.0.1:1"] {
        assert!(matches!(FaultProxy::start(url, 0), Err(ProxyError::Target { .. })), "{url:?}");
    }
    let bench = Bench::new();
    let taken = bench.proxy.http_url().rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    assert!(matches!(FaultProxy::start("http://127.0.0.1:1", taken), Err(ProxyError::Listen { .. })));
    let refused = (0..100).find_map(|_| bench.proxy.inject(Rule::new(Fault::Refuse)).err());
    assert!(matches!(refused, Some(ProxyError::TooManyRules)));
}
