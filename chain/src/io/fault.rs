//! Why a request brought no result.

use std::error::Error;
use std::time::Duration;

use alloy::primitives::Bytes;
use alloy::transports::{RpcError, TransportError, TransportErrorKind};

use super::http::TooLong;
use super::rpc::ANSWER_DEADLINE;

/// HTTP status of an endpoint that asks for fewer requests.
const TOO_MANY: u16 = 429;

/// Why a request brought no result.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RpcFault {
    /// No answer in time. The request may or may not have been carried out.
    #[error("{method}: no answer within {} s", ANSWER_DEADLINE.as_secs())]
    Silent {
        /// Method that was called.
        method: String,
    },
    /// The transport failed, or the endpoint is overloaded. The request may or may not have been carried out.
    #[error("{method}: {reason}")]
    Transport {
        /// Method that was called.
        method: String,
        /// What the transport said.
        reason: String,
    },
    /// The endpoint asks for fewer requests (HTTP 429). The request was not carried out.
    #[error("{method}: too many requests")]
    Overloaded {
        /// Method that was called.
        method: String,
        /// Pause that the endpoint asks for, where it names one.
        retry_after: Option<Duration>,
    },
    /// The endpoint answered with an error.
    #[error("{method}: {message} (code {code})")]
    Refused {
        /// Method that was called.
        method: String,
        /// JSON-RPC error code.
        code: i64,
        /// The endpoint's words.
        message: String,
        /// Revert data, where the endpoint gave any.
        data: Option<Bytes>,
    },
    /// The endpoint answered with something that is no valid result.
    #[error("{method}: the answer cannot be understood: {reason}")]
    Malformed {
        /// Method that was called.
        method: String,
        /// What is wrong with it.
        reason: String,
    },
}

pub(super) fn fault(method: &str, error: TransportError) -> RpcFault {
    let method = method.to_owned();
    match error {
        RpcError::ErrorResp(payload) => RpcFault::Refused {
            code: payload.code,
            data: payload.as_revert_data(),
            message: payload.message.into_owned(),
            method,
        },
        RpcError::DeserError { err, .. } => RpcFault::Malformed { method, reason: err.to_string() },
        RpcError::Transport(TransportErrorKind::Custom(error)) if error.is::<TooLong>() => {
            RpcFault::Malformed { method, reason: error.to_string() }
        }
        RpcError::NullResp => RpcFault::Malformed { method, reason: "the result is null".to_owned() },
        RpcError::Transport(TransportErrorKind::HttpErrorWithRetryAfter { error, retry_after })
            if error.status == TOO_MANY =>
        {
            RpcFault::Overloaded { method, retry_after: Some(retry_after) }
        }
        RpcError::Transport(TransportErrorKind::HttpError(error)) if error.status == TOO_MANY => {
            RpcFault::Overloaded { method, retry_after: None }
        }
        other => RpcFault::Transport { method, reason: told(&other) },
    }
}

/// The error with its root cause: transports say that sending failed, and the reason lies below.
fn told(error: &TransportError) -> String {
    let mut text = without_url(&error.to_string());
    let root = std::iter::successors(error.source(), |cause| (*cause).source()).last();
    if let Some(cause) = root.map(ToString::to_string).filter(|cause| !text.contains(cause)) {
        text.push_str(": ");
        text.push_str(&without_url(&cause));
    }
    text
}

/// Transport errors quote the URL, whose path and query may hold an access key.
fn without_url(text: &str) -> String {
    let words = text.split(' ').map(|word| match word.split_once("://") {
        Some((scheme, rest)) => format!("{scheme}://…{}", if rest.ends_with(')') { ")" } else { "" }),
        None => word.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_access_key_in_a_url_stays_out_of_messages() {
        let told = super::without_url("error sending request for url (https://node.example/v3/SECRET) now");
        assert_eq!(told, "error sending request for url (https://…) now");
    }
}
