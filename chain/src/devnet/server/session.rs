//! One client with its subscriptions, whatever carries its messages.

use std::{collections::BTreeMap, sync::Arc};

use alloy::primitives::U256;
use futures::future::BoxFuture;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{
    shared::{Shared, log_refusal},
    subscriptions::Topic,
};
use crate::devnet::{Notice, RpcError, limits::MAX_SUBSCRIPTIONS, rpc::SEND_SYNC};

/// What a request is answered with.
pub(super) type Answer = Result<Value, RpcError>;

/// An answer, or what will be one.
pub(super) enum Reply {
    Now(Answer),
    Later(BoxFuture<'static, Answer>),
}

/// A client that can subscribe.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) shared: Arc<Shared>,
    subscriptions: BTreeMap<U256, Topic>,
}

impl Session {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, subscriptions: BTreeMap::new() }
    }

    pub(super) fn handle(&mut self, method: &str, params: Value) -> Reply {
        let answer = match method {
            "eth_subscribe" => self.subscribe(&params),
            "eth_unsubscribe" => Ok(Value::Bool(self.unsubscribe(&params))),
            SEND_SYNC => {
                let shared = self.shared.clone();
                return Reply::Later(Box::pin(async move { shared.answer(SEND_SYNC, params).await }));
            }
            _ => return Reply::Now(self.shared.request(method, params)),
        };
        Reply::Now(answer.inspect_err(|error| log_refusal(method, error)))
    }

    /// Whether anything of a notice could be missed.
    pub(super) fn is_subscribed(&self) -> bool {
        !self.subscriptions.is_empty()
    }

    /// What a notice means to this client: results, each with the subscription it is for.
    pub(super) fn notifications(&self, notice: &Notice) -> Vec<(U256, Box<RawValue>)> {
        let results = |(id, topic): (&U256, &Topic)| {
            let id = *id;
            topic.results(notice).into_iter().map(move |result| (id, result))
        };
        self.subscriptions.iter().flat_map(results).collect()
    }

    fn subscribe(&mut self, params: &Value) -> Answer {
        if self.subscriptions.len() >= MAX_SUBSCRIPTIONS {
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
}
