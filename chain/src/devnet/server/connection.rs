//! The devnet as an alloy transport inside the process.

use std::{
    future::ready,
    sync::Arc,
    task::{Context, Poll},
};

use alloy::{
    pubsub::{ConnectionHandle, ConnectionInterface, PubSubConnect},
    rpc::json_rpc::{
        ErrorPayload, EthNotification, Id, PubSubItem, RequestPacket, Response, ResponsePacket, ResponsePayload,
        SerializedRequest, SubId,
    },
    transports::{TransportError, TransportErrorKind, TransportFut, TransportResult},
};
use futures::{StreamExt, stream::FuturesUnordered};
use serde::Deserialize;
use serde_json::{Value, value::to_raw_value};
use tokio::sync::broadcast::error::RecvError;
use tower::Service;

use super::{
    session::{Reply, Session},
    shared::{Heard, Shared},
};
use crate::devnet::{
    Notice, RpcError,
    limits::{MAX_NOTICES_BEHIND, MAX_WAITING},
};

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
        let shared = self.shared.clone();
        Box::pin(async move {
            match packet {
                RequestPacket::Single(request) => Ok(ResponsePacket::Single(answer(&shared, &request).await)),
                RequestPacket::Batch(requests) => {
                    let mut responses = Vec::with_capacity(requests.len());
                    for request in &requests {
                        responses.push(answer(&shared, request).await);
                    }
                    Ok(ResponsePacket::Batch(responses))
                }
            }
        })
    }
}

async fn answer(shared: &Shared, request: &SerializedRequest) -> Response {
    let params = request.params().map_or(Ok(Value::Null), |raw| serde_json::from_str(raw.get()));
    let answer = match params {
        Ok(params) => shared.answer(request.method(), params).await,
        Err(error) => Err(RpcError::invalid_params(error.to_string())),
    };
    respond(request.id().clone(), answer)
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
        tokio::spawn(talk(Session::new(self.shared.clone()), interface));
        Ok(handle)
    }
}

/// A request as it comes over a pubsub connection.
#[derive(Deserialize)]
struct Incoming {
    id: Id,
    method: String,
    #[serde(default)]
    params: Value,
}

/// The far end of one pubsub connection.
async fn talk(mut session: Session, mut interface: ConnectionInterface) {
    let mut heard = session.shared.listen();
    let mut waiting = FuturesUnordered::new();
    loop {
        let items: Vec<PubSubItem> = tokio::select! {
            // What happened before a request is told before it is answered: nobody hears of blocks
            // from before the subscription.
            biased;
            heard = heard.recv() => match heard {
                Ok(Heard::Notice(notice)) => notifications(&session, &notice),
                Ok(Heard::Stopped) | Err(RecvError::Closed) => {
                    return interface.close_with_transport_error(gone());
                }
                Err(RecvError::Lagged(_)) if session.is_subscribed() => {
                    // What was missed is not known: the client reconnects and reads it again.
                    return interface.close_with_transport_error(behind());
                }
                Err(RecvError::Lagged(_)) => continue,
            },
            Some(response) = waiting.next() => vec![PubSubItem::from(response)],
            request = interface.recv_from_frontend(), if waiting.len() < MAX_WAITING => {
                let Some(request) = request else { return };
                let Ok(Incoming { id, method, params }) = serde_json::from_str(request.get())
                    .inspect_err(|error| tracing::error!(%error, "request cannot be read"))
                else {
                    continue;
                };
                match session.handle(&method, params) {
                    Reply::Now(answer) => vec![respond(id, answer).into()],
                    Reply::Later(answer) => {
                        waiting.push(async move { respond(id, answer.await) });
                        continue;
                    }
                }
            }
        };
        for item in items {
            if interface.send_to_frontend(item).is_err() {
                return;
            }
        }
    }
}

fn notifications(session: &Session, notice: &Notice) -> Vec<PubSubItem> {
    let results = session.notifications(notice).into_iter();
    results.map(|(id, result)| EthNotification { subscription: SubId::Number(id), result }.into()).collect()
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

fn behind() -> TransportError {
    TransportErrorKind::custom_str(&format!("the subscriber fell more than {MAX_NOTICES_BEHIND} notices behind"))
}
