//! HTTP and WebSocket on loopback.

use std::{
    future::Future,
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::Arc,
    thread::{self, JoinHandle},
};

use jsonrpsee::{
    RpcModule,
    core::middleware::{Batch, BatchEntry, Notification, RpcServiceBuilder, RpcServiceT},
    server::{BatchRequestConfig, BatchResponseBuilder, MethodResponse, ServerBuilder, ServerConfig},
    types::Request,
};
use tokio::{
    runtime,
    sync::{oneshot, watch},
    time::timeout,
};

use super::{
    DevnetError,
    origin::{Door, Origins},
    shared::{Shared, log_refusal},
    socket::Sockets,
    text,
};
use crate::devnet::{
    RpcError,
    limits::{MAX_BATCH, MAX_CONNECTIONS, MAX_REQUEST_BYTES, MAX_RESPONSE_BYTES, STOP_DEADLINE},
};

/// Serves a devnet over HTTP and WebSocket on loopback. Dropping it closes the port.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(super) fn start(shared: Arc<Shared>, port: u16, origins: &[String]) -> Result<Self, DevnetError> {
        let refused = |source: io::Error| match source.kind() {
            io::ErrorKind::AddrInUse => DevnetError::PortInUse(port),
            _ => DevnetError::Listen { port, source },
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(refused)?;
        listener.set_nonblocking(true).map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let origins = Origins::new(address.port(), origins);
        let runtime = runtime::Builder::new_current_thread().enable_all().build().map_err(DevnetError::Thread)?;
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new()
            .name("devnet-server".to_owned())
            .spawn(move || {
                if let Err(error) = runtime.block_on(serve(shared, listener, origins, stopped)) {
                    tracing::error!(%error, "the devnet's server has failed");
                }
            })
            .map_err(DevnetError::Thread)?;
        Ok(Self { address, stop: Some(stop), thread: Some(thread) })
    }

    /// Where the server listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// URL for HTTP clients.
    pub fn http_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// URL for WebSocket clients.
    pub fn ws_url(&self) -> String {
        format!("ws://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // An ended thread needs no word.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn serve(
    shared: Arc<Shared>,
    listener: TcpListener,
    origins: Origins,
    stopped: oneshot::Receiver<()>,
) -> io::Result<()> {
    let config = ServerConfig::builder()
        .http_only()
        .max_connections(MAX_CONNECTIONS)
        .max_request_body_size(MAX_REQUEST_BYTES)
        .max_response_body_size(MAX_RESPONSE_BYTES)
        .set_batch_request_config(BatchRequestConfig::Limit(MAX_BATCH))
        .set_tcp_no_delay(true)
        .build();
    let (close, closing) = watch::channel(false);
    let sockets = Sockets::new(shared.clone(), closing);
    let door = Door { origins, sockets: sockets.clone() };
    let server = ServerBuilder::with_config(config)
        .set_http_middleware(tower::ServiceBuilder::new().layer(door))
        .set_rpc_middleware(RpcServiceBuilder::new().layer_fn(move |_| Answers { shared: shared.clone() }))
        .build_from_tcp(listener)?;
    // The chain has its own table of methods, and its own words for what is not in it.
    let handle = server.start(RpcModule::new(()));
    // A sender that is gone asks to stop as well.
    let _ = stopped.await;
    close.send_replace(true);
    // A server that has stopped by itself is what was asked for.
    let _ = handle.stop();
    let _ = timeout(STOP_DEADLINE, async { tokio::join!(handle.stopped(), sockets.ended()) }).await;
    Ok(())
}

/// Answers what the JSON-RPC server has read.
#[derive(Clone, Debug)]
struct Answers {
    shared: Arc<Shared>,
}

impl RpcServiceT for Answers {
    type MethodResponse = MethodResponse;
    type NotificationResponse = MethodResponse;
    type BatchResponse = MethodResponse;

    fn call<'a>(&self, request: Request<'a>) -> impl Future<Output = MethodResponse> + Send + 'a {
        let shared = self.shared.clone();
        async move {
            let answer = match text::params(&request) {
                Ok(params) => shared.answer(&request.method, params).await,
                Err(error) => Err(error),
            };
            text::respond(request.id, answer)
        }
    }

    fn batch<'a>(&self, batch: Batch<'a>) -> impl Future<Output = MethodResponse> + Send + 'a {
        let service = self.clone();
        async move {
            let mut responses = BatchResponseBuilder::new_with_limit(MAX_RESPONSE_BYTES as usize);
            let mut notified = false;
            for entry in batch {
                let response = match entry {
                    Ok(BatchEntry::Call(request)) => service.call(request).await,
                    Ok(BatchEntry::Notification(_)) => {
                        notified = true;
                        continue;
                    }
                    Err(invalid) => {
                        let (error, id) = invalid.into_parts();
                        log_refusal("", &RpcError::from(error.clone().into_owned()));
                        MethodResponse::error(id, error)
                    }
                };
                if let Err(too_large) = responses.append(response) {
                    return too_large;
                }
            }
            if responses.is_empty() && notified {
                return MethodResponse::notification();
            }
            MethodResponse::from_batch(responses.finish())
        }
    }

    fn notification<'a>(&self, _: Notification<'a>) -> impl Future<Output = MethodResponse> + Send + 'a {
        // Nobody would hear what came of it.
        std::future::ready(MethodResponse::notification())
    }
}
