//! JSON-RPC as text: requests and batches in, responses and notifications out.

use alloy::primitives::U256;
use futures::future::BoxFuture;
use jsonrpsee::{
    server::{BatchResponseBuilder, MethodResponse, ResponsePayload},
    types::{
        ErrorCode, ErrorObjectOwned, Id, InvalidRequest, Notification, Request, error::reject_too_big_batch_request,
    },
};
use serde::de::IgnoredAny;
use serde_json::{Value, json, value::RawValue};

use super::{
    session::{Answer, Reply, Session},
    shared::log_refusal,
};
use crate::devnet::{
    RpcError,
    limits::{MAX_BATCH, MAX_RESPONSE_BYTES},
};

/// A text to send, or what will be one; notifications of the client are not answered.
pub(super) enum Text {
    Now(Option<String>),
    Later(BoxFuture<'static, String>),
}

/// One response of a batch.
enum Item {
    Now(Option<MethodResponse>),
    Later(BoxFuture<'static, MethodResponse>),
}

/// Answers a text of a client.
pub(super) fn answer(session: &mut Session, text: &str) -> Text {
    if text.trim_ascii_start().starts_with('[') {
        return batch(session, text);
    }
    match single(session, text) {
        Item::Now(response) => Text::Now(response.map(write)),
        Item::Later(response) => Text::Later(Box::pin(async move { write(response.await) })),
    }
}

/// The response to a request.
pub(super) fn respond(id: Id<'_>, answer: Answer) -> MethodResponse {
    match answer {
        Ok(value) => MethodResponse::response(id, ResponsePayload::success(value), MAX_RESPONSE_BYTES as usize),
        Err(error) => MethodResponse::error(id, ErrorObjectOwned::from(error)),
    }
}

/// The parameters of a request.
pub(super) fn params(request: &Request<'_>) -> Result<Value, RpcError> {
    let read = |raw: &RawValue| serde_json::from_str(raw.get());
    let read = request.params.as_deref().map_or(Ok(Value::Null), read);
    read.map_err(|error| RpcError::invalid_params(error.to_string()))
}

/// What a subscriber is sent.
pub(super) fn notification(subscription: U256, result: &RawValue) -> String {
    let params = json!({ "subscription": format!("{subscription:#x}"), "result": result });
    json!({ "jsonrpc": "2.0", "method": "eth_subscription", "params": params }).to_string()
}

fn single(session: &mut Session, text: &str) -> Item {
    let Ok(request) = serde_json::from_str::<Request<'_>>(text) else {
        if serde_json::from_str::<Notification<'_, IgnoredAny>>(text).is_ok() {
            return Item::Now(None);
        }
        let (id, code) = match serde_json::from_str::<InvalidRequest<'_>>(text) {
            Ok(invalid) => (invalid.id, ErrorCode::InvalidRequest),
            Err(_) => (Id::Null, ErrorCode::ParseError),
        };
        return Item::Now(Some(refuse(id, code.into())));
    };
    let reply = match params(&request) {
        Ok(params) => session.handle(&request.method, params),
        Err(error) => Reply::Now(Err(error)),
    };
    match reply {
        Reply::Now(answer) => Item::Now(Some(respond(request.id, answer))),
        Reply::Later(answer) => {
            let id = request.id.into_owned();
            Item::Later(Box::pin(async move { respond(id, answer.await) }))
        }
    }
}

fn batch(session: &mut Session, text: &str) -> Text {
    let refused = match serde_json::from_str::<Vec<&RawValue>>(text) {
        Ok(requests) if requests.len() > MAX_BATCH as usize => reject_too_big_batch_request(MAX_BATCH as usize),
        Ok(requests) if requests.is_empty() => ErrorCode::InvalidRequest.into(),
        Ok(requests) => {
            let items: Vec<Item> = requests.iter().map(|request| single(session, request.get())).collect();
            return join(items);
        }
        Err(_) => ErrorCode::ParseError.into(),
    };
    Text::Now(Some(write(refuse(Id::Null, refused))))
}

/// One text of all responses of a batch, in their order.
fn join(items: Vec<Item>) -> Text {
    let waits = items.iter().any(|item| matches!(item, Item::Later(_)));
    if waits {
        return Text::Later(Box::pin(async move {
            let mut responses = Vec::with_capacity(items.len());
            for item in items {
                match item {
                    Item::Now(response) => responses.extend(response),
                    Item::Later(response) => responses.push(response.await),
                }
            }
            write_all(responses)
        }));
    }
    let responses: Vec<_> =
        items.into_iter().filter_map(|item| if let Item::Now(now) = item { now } else { None }).collect();
    Text::Now((!responses.is_empty()).then(|| write_all(responses)))
}

fn write_all(responses: Vec<MethodResponse>) -> String {
    let mut batch = BatchResponseBuilder::new_with_limit(MAX_RESPONSE_BYTES as usize);
    for response in responses {
        if let Err(too_large) = batch.append(response) {
            return write(too_large);
        }
    }
    write(MethodResponse::from_batch(batch.finish()))
}

fn refuse(id: Id<'_>, error: ErrorObjectOwned) -> MethodResponse {
    log_refusal("", &RpcError::from(error.clone()));
    MethodResponse::error(id, error)
}

fn write(response: MethodResponse) -> String {
    Box::<str>::from(response.into_json()).into()
}

impl From<RpcError> for ErrorObjectOwned {
    fn from(error: RpcError) -> Self {
        Self::owned(error.code, error.message, error.data)
    }
}

impl From<ErrorObjectOwned> for RpcError {
    fn from(error: ErrorObjectOwned) -> Self {
        Self { code: error.code(), message: error.message().to_owned(), data: None }
    }
}
