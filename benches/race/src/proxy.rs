//! A proxy that counts JSON-RPC requests and, when asked to, answers every so manieth with 429.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use alloy::transports::http::reqwest;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

/// Largest request that is passed on, in bytes: far above what any client here sends.
const BODY_MAX: usize = 1024 * 1024;

#[derive(Default)]
struct State {
    on: AtomicBool,
    requests: AtomicU64,
    posts: AtomicU64,
    fault_every: AtomicU64,
}

/// Listens on a free port until it is dropped.
pub(crate) struct Proxy {
    port: u16,
    state: Arc<State>,
    task: AbortHandle,
}

impl Proxy {
    pub(crate) async fn start(target: &str) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let state = Arc::new(State::default());
        let task = tokio::spawn(listen(listener, target.into(), Arc::clone(&state))).abort_handle();
        Ok(Self { port, state, task })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Counts from now on, and refuses one request in `fault_every`; none when that is 0.
    pub(crate) fn begin(&self, fault_every: u64) {
        self.state.fault_every.store(fault_every, Ordering::Relaxed);
        self.state.on.store(true, Ordering::Relaxed);
    }

    /// Counts no further; gives the number of requests, the refused ones too.
    pub(crate) fn end(&self) -> u64 {
        self.state.on.store(false, Ordering::Relaxed);
        self.state.requests.load(Ordering::Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(listener: TcpListener, target: Arc<str>, state: Arc<State>) {
    let client = reqwest::Client::new();
    while let Ok((stream, _)) = listener.accept().await {
        let (client, target, state) = (client.clone(), Arc::clone(&target), Arc::clone(&state));
        let service =
            service_fn(move |request| answer(request, client.clone(), Arc::clone(&target), Arc::clone(&state)));
        // A client that breaks its connection off is its own affair.
        tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn answer(
    request: Request<Incoming>,
    client: reqwest::Client,
    target: Arc<str>,
    state: Arc<State>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let Ok(body) = Limited::new(request.into_body(), BODY_MAX).collect().await else {
        return Ok(status(StatusCode::PAYLOAD_TOO_LARGE));
    };
    let body = body.to_bytes();
    if state.on.load(Ordering::Relaxed) && state.refuses(&body) {
        return Ok(status(StatusCode::TOO_MANY_REQUESTS));
    }
    let sent = client.post(&*target).header("content-type", "application/json").body(body).send().await;
    let text = match sent {
        Ok(response) => response.bytes().await,
        Err(error) => Err(error),
    };
    Ok(match text {
        Ok(text) => {
            let mut response = Response::new(Full::new(text));
            let json = hyper::header::HeaderValue::from_static("application/json");
            response.headers_mut().insert(hyper::header::CONTENT_TYPE, json);
            response
        }
        Err(_) => status(StatusCode::BAD_GATEWAY),
    })
}

impl State {
    /// Counts a post, a batch by its members; true when it is one of those to be refused.
    fn refuses(&self, body: &[u8]) -> bool {
        let members = match serde_json::from_slice(body) {
            Ok(serde_json::Value::Array(members)) => members.len() as u64,
            _ => 1,
        };
        self.requests.fetch_add(members, Ordering::Relaxed);
        let post = self.posts.fetch_add(1, Ordering::Relaxed) + 1;
        let every = self.fault_every.load(Ordering::Relaxed);
        every > 0 && post.is_multiple_of(every)
    }
}

fn status(code: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = code;
    response
}
