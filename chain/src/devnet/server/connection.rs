//! The devnet as an alloy transport inside the process.

use std::{
    collections::BTreeMap,
    future::ready,
    sync::Arc,
    task::{Context, Poll},
};

use alloy::{
    primitives::U256,
    pubsub::{ConnectionHandle, ConnectionInterface, PubSubConnect},
    rpc::json_rpc::{
        ErrorPayload, EthNotification, Id, PubSubItem, RequestPacket, Response, ResponsePacket, ResponsePayload,
        SerializedRequest, SubId,
    },
    transports::{TransportError, TransportErrorKind, TransportFut, TransportResult},
};
use serde::Deserialize;
use serde_json::{Value, value::RawValue, value::to_raw_value};
use tokio::sync::broadcast::error::RecvError;
use tower::Service;

use super::{
    shared::{Heard, Shared},
    subscriptions::Topic,
};
use crate::devnet::{Notice, RpcError, limits::MAX_SUBSCRIPTIONS};

/// A connection to a [`Devnet`](super::Devnet) without sockets; clones share the chain.
///
/// As a `tower` service it answers requests on the caller's thread; through [`PubSubConnect`] it
/// carries subscriptions too. Requests fail once the devnet is dropped.
#[derive(Clone, Debug)]
pub struct Connection {
    shared: Arc<Shared>,
}

impl Connection {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    fn answer(&self, request: &SerializedRequest) -> Response {
        let params = request.params().map_or(Ok(Value::Null), |raw| serde_json::from_str(raw.get()));
        let answer = params
            .map_err(|error| RpcError::invalid_params(error.to_string()))
            .and_then(|params| self.shared.request(request.method(), params));
        respond(request.id().clone(), answer)
    }
}

impl Service<RequestPacket> for Connection {
    type Response = ResponsePacket;
    type Error = TransportError;
    type Future = TransportFut<'static>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, packet: RequestPacket) -> Self::Future {
        if self.shared.is_stopped() {
            return Box::pin(ready(Err(gone())));
        }
        let response = match packet {
            RequestPacket::Single(request) => ResponsePacket::Single(self.answer(&request)),
            RequestPacket::Batch(requests) => {
                ResponsePacket::Batch(requests.iter().map(|request| self.answer(request)).collect())
            }
        };
        Box::pin(ready(Ok(response)))
    }
}

impl PubSubConnect for Connection {
    fn is_local(&self) -> bool {
        true
    }

    async fn connect(&self) -> TransportResult<ConnectionHandle> {
        if self.shared.is_stopped() {
            return Err(gone());
        }
        let (handle, interface) = ConnectionHandle::new();
        let client = Client { shared: self.shared.clone(), subscriptions: BTreeMap::new() };
        tokio::spawn(client.run(interface));
        Ok(handle)
    }
}

/// The far end of one pubsub connection.
struct Client {
    shared: Arc<Shared>,
    subscriptions: BTreeMap<U256, Topic>,
}

/// A request as it comes over a pubsub connection.
#[derive(Deserialize)]
struct Incoming {
    id: Id,
    method: String,
    #[serde(default)]
    params: Value,
}

impl Client {
    async fn run(mut self, mut interface: ConnectionInterface) {
        let mut heard = self.shared.listen();
        loop {
            tokio::select! {
                request = interface.recv_from_frontend() => {
                    let Some(request) = request else { return };
                    let Some(response) = self.handle(&request) else { continue };
                    if interface.send_to_frontend(response.into()).is_err() {
                        return;
                    }
                }
                heard = heard.recv() => match heard {
                    Ok(Heard::Notice(notice)) => {
                        for item in self.notifications(&notice) {
                            if interface.send_to_frontend(item).is_err() {
                                return;
                            }
                        }
                    }
                    Ok(Heard::Stopped) | Err(RecvError::Closed) => {
                        return interface.close_with_transport_error(gone());
                    }
                    // What was missed is not known: the client reconnects and reads it again.
                    Err(RecvError::Lagged(_)) => return interface.close_with_error(),
                },
            }
        }
    }

    fn handle(&mut self, request: &RawValue) -> Option<Response> {
        let Incoming { id, method, params } = serde_json::from_str(request.get())
            .inspect_err(|error| tracing::error!(%error, "request cannot be read"))
            .ok()?;
        let answer = match method.as_str() {
            "eth_subscribe" => self.subscribe(&params),
            "eth_unsubscribe" => Ok(Value::Bool(self.unsubscribe(&params))),
            _ => self.shared.request(&method, params),
        };
        Some(respond(id, answer))
    }

    fn subscribe(&mut self, params: &Value) -> Result<Value, RpcError> {
        if self.subscriptions.len() >= MAX_SUBSCRIPTIONS as usize {
            return Err(RpcError::too_many_subscriptions());
        }
        let topic = Topic::parse(params)?;
        let id = U256::from(self.shared.next_subscription());
        self.subscriptions.insert(id, topic);
        Ok(Value::String(format!("{id:#x}")))
    }

    fn unsubscribe(&mut self, params: &Value) -> bool {
        let id = params.get(0).and_then(|id| U256::deserialize(id).ok());
        id.is_some_and(|id| self.subscriptions.remove(&id).is_some())
    }

    fn notifications(&self, notice: &Notice) -> Vec<PubSubItem> {
        let of = |(id, topic): (&U256, &Topic)| {
            let subscription = SubId::Number(*id);
            let results = topic.results(notice).into_iter();
            results
                .map(|result| EthNotification { subscription: subscription.clone(), result }.into())
                .collect::<Vec<_>>()
        };
        self.subscriptions.iter().flat_map(of).collect()
    }
}

fn respond(id: Id, answer: Result<Value, RpcError>) -> Response {
    let payload = match answer {
        Ok(value) => to_raw_value(&value).map_or_else(|_| ResponsePayload::internal_error(), ResponsePayload::Success),
        Err(error) => ResponsePayload::Failure(ErrorPayload {
            code: error.code.into(),
            message: error.message.into(),
            data: error.data.and_then(|data| to_raw_value(&data).ok()),
        }),
    };
    Response { id, payload }
}

fn gone() -> TransportError {
    TransportErrorKind::non_retryable_str("the devnet has stopped")
}
