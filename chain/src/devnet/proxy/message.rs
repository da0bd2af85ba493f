//! JSON-RPC as text.

use serde_json::{Value, json};

/// One or several requests, or what a subscription pushes.
#[derive(Debug)]
pub(super) struct Message {
    /// Id, method and parameters of each.
    pub(super) parts: Vec<Part>,
    /// True when they stand in an array.
    pub(super) batch: bool,
}

#[derive(Debug)]
pub(super) struct Part {
    pub(super) id: Value,
    pub(super) method: String,
    pub(super) params: Value,
}

impl Message {
    /// Reads requests; what is not JSON-RPC has no parts and passes as it is.
    pub(super) fn read(text: &[u8]) -> Self {
        match serde_json::from_slice(text) {
            Ok(Value::Array(members)) => Self { parts: members.into_iter().filter_map(part).collect(), batch: true },
            Ok(single) => Self { parts: part(single).into_iter().collect(), batch: false },
            Err(_) => Self { parts: Vec::new(), batch: false },
        }
    }

    /// Id of the only request.
    pub(super) fn id(&self) -> Value {
        match &self.parts[..] {
            [only] if !self.batch => only.id.clone(),
            _ => Value::Null,
        }
    }
}

fn part(mut value: Value) -> Option<Part> {
    let method = value.get("method")?.as_str()?.to_owned();
    Some(Part { id: value["id"].take(), method, params: value["params"].take() })
}

pub(super) fn result(id: &Value, result: &Value) -> String {
    json!({ "jsonrpc": "2.0", "id": id, "result": result }).to_string()
}

pub(super) fn error(id: &Value, code: i32, message: &str) -> String {
    json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } }).to_string()
}

/// An error frame that answers nobody, as overloaded gateways send it.
pub(super) fn stray_error() -> String {
    json!({ "jsonrpc": "2.0", "error": { "code": -32_000, "message": "internal error" } }).to_string()
}

/// What an endpoint refused, in its words; nothing is read of an answer that cannot hold an error.
pub(super) fn refusals(answer: &[u8]) -> Vec<String> {
    const ERROR: &[u8] = b"\"error\"";
    if !answer.windows(ERROR.len()).any(|window| window == ERROR) {
        return Vec::new();
    }
    let words = |member: &Value| Some(member.get("error")?.get("message")?.as_str()?.to_owned());
    match serde_json::from_slice(answer) {
        Ok(Value::Array(members)) => members.iter().filter_map(words).collect(),
        Ok(single) => words(&single).into_iter().collect(),
        Err(_) => Vec::new(),
    }
}

/// The ids that a text answers: one, or those of a batch.
pub(super) fn answered(answer: &Value) -> Vec<&Value> {
    match answer {
        Value::Array(members) => members.iter().filter_map(|member| member.get("id")).collect(),
        single => single.get("id").into_iter().collect(),
    }
}

/// Changes the result of an answer, or what a notification tells; errors stay as they are.
pub(super) fn rewrite(answer: &mut Value, with: impl FnOnce(&mut Value)) {
    let place = match answer.get("params") {
        Some(_) => answer.pointer_mut("/params/result"),
        None => answer.get_mut("result"),
    };
    if let Some(result) = place {
        with(result);
    }
}
