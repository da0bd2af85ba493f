//! HTTP and WebSocket on loopback.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::Arc,
    thread::{self, JoinHandle},
};

use jsonrpsee::{
    PendingSubscriptionSink, RpcModule,
    server::{BatchRequestConfig, IdProvider, RegisterMethodError, ServerBuilder, ServerConfig},
    types::{ErrorObjectOwned, Params, SubscriptionId},
};
use serde_json::Value;
use tokio::{runtime, sync::oneshot, time::timeout};

use super::{
    DevnetError,
    origin::SameOrigin,
    shared::{Heard, Shared},
    subscriptions::Topic,
};
use crate::devnet::{
    RpcError,
    limits::{
        MAX_BATCH, MAX_CONNECTIONS, MAX_REQUEST_BYTES, MAX_RESPONSE_BYTES, MAX_SOCKET_MESSAGES, MAX_SUBSCRIPTIONS,
        STOP_DEADLINE,
    },
    rpc::METHODS,
};

/// Serves a devnet over HTTP and WebSocket on loopback. Dropping it closes the port.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(super) fn start(shared: Arc<Shared>, port: u16) -> Result<Self, DevnetError> {
        let refused = |source: io::Error| match source.kind() {
            io::ErrorKind::AddrInUse => DevnetError::PortInUse(port),
            _ => DevnetError::Listen { port, source },
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(refused)?;
        listener.set_nonblocking(true).map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let runtime = runtime::Builder::new_current_thread().enable_all().build().map_err(DevnetError::Thread)?;
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new()
            .name("devnet-server".to_owned())
            .spawn(move || {
                if let Err(error) = runtime.block_on(serve(shared, listener, address, stopped)) {
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
    address: SocketAddr,
    stopped: oneshot::Receiver<()>,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let config = ServerConfig::builder()
        .max_connections(MAX_CONNECTIONS)
        .max_request_body_size(MAX_REQUEST_BYTES)
        .max_response_body_size(MAX_RESPONSE_BYTES)
        .max_subscriptions_per_connection(MAX_SUBSCRIPTIONS)
        .set_batch_request_config(BatchRequestConfig::Limit(MAX_BATCH))
        .set_message_buffer_capacity(MAX_SOCKET_MESSAGES)
        .set_id_provider(Ids(shared.clone()))
        .set_tcp_no_delay(true)
        .build();
    let server = ServerBuilder::with_config(config)
        .set_http_middleware(tower::ServiceBuilder::new().layer(SameOrigin::new(address.port())))
        .build_from_tcp(listener)?;
    let handle = server.start(methods(shared)?);
    // A sender that is gone asks to stop as well.
    let _ = stopped.await;
    // A server that has stopped by itself is what was asked for.
    let _ = handle.stop();
    let _ = timeout(STOP_DEADLINE, handle.stopped()).await;
    Ok(())
}

fn methods(shared: Arc<Shared>) -> Result<RpcModule<Shared>, RegisterMethodError> {
    let mut module = RpcModule::from_arc(shared);
    for (name, _) in METHODS {
        module.register_method(name, |params, shared, _| {
            let params: Value = params.parse()?;
            shared.request(name, params).map_err(ErrorObjectOwned::from)
        })?;
    }
    module.register_subscription(
        "eth_subscribe",
        "eth_subscription",
        "eth_unsubscribe",
        |params, pending, shared, _| subscribe(params, pending, shared),
    )?;
    Ok(module)
}

async fn subscribe(params: Params<'static>, pending: PendingSubscriptionSink, shared: Arc<Shared>) {
    let topic = match params.parse().map_err(RpcError::from).and_then(|params| Topic::parse(&params)) {
        Ok(topic) => topic,
        Err(error) => return pending.reject(error).await,
    };
    let mut heard = shared.listen();
    // A client that is gone before it is answered needs nothing more.
    let Ok(sink) = pending.accept().await else { return };
    loop {
        tokio::select! {
            () = sink.closed() => return,
            heard = heard.recv() => {
                // Whoever fell behind loses the subscription rather than single notices.
                let Ok(Heard::Notice(notice)) = heard else { return };
                for result in topic.results(&notice) {
                    if sink.send(result).await.is_err() {
                        return;
                    }
                }
            }
        }
    }
}

impl From<RpcError> for ErrorObjectOwned {
    fn from(error: RpcError) -> Self {
        Self::owned(error.code, error.message, error.data)
    }
}

impl From<ErrorObjectOwned> for RpcError {
    fn from(error: ErrorObjectOwned) -> Self {
        Self::invalid_params(error.message())
    }
}

/// Subscription ids as Ethereum clients expect them: hex quantities.
#[derive(Debug)]
struct Ids(Arc<Shared>);

impl IdProvider for Ids {
    fn next_id(&self) -> SubscriptionId<'static> {
        SubscriptionId::Str(format!("{:#x}", self.0.next_subscription()).into())
    }
}
