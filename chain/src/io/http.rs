//! JSON-RPC over HTTP. An answer is read only as far as it may go, whatever the endpoint sends.

use std::task::{Context, Poll};
use std::time::Duration;

use alloy::rpc::client::RpcClient;
use alloy::rpc::json_rpc::{RequestPacket, ResponsePacket};
use alloy::transports::http::reqwest::header::RETRY_AFTER;
use alloy::transports::http::reqwest::{Client, Response, Url};
use alloy::transports::{TransportError, TransportErrorKind, TransportFut};
use tower::Service;

/// Longest answer that lists logs or receipts, in bytes: a hundred thousand logs of 640 bytes each, more than a block's
/// gas pays for. A history with more of them is asked for over fewer blocks.
pub(super) const MAX_LIST_BYTES: usize = 64 << 20;

/// Longest answer of any other kind, in bytes: a block's header with the hashes of fifty thousand transactions.
const MAX_ANSWER_BYTES: usize = 4 << 20;

/// Methods that list.
const LISTS: [&str; 2] = ["eth_getLogs", "eth_getBlockReceipts"];

/// An answer went on beyond what it may hold.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the answer is longer than {0} bytes")]
pub(super) struct TooLong(pub(super) usize);

/// One endpoint. Clones share its connections.
#[derive(Clone, Debug)]
pub(super) struct Http {
    client: Client,
    url: Url,
}

impl Http {
    /// Nothing is connected before the first request.
    pub(super) fn client(url: Url) -> RpcClient {
        RpcClient::new(Self { client: Client::new(), url }, false)
    }

    async fn ask(self, request: RequestPacket) -> Result<ResponsePacket, TransportError> {
        let lists = request.method_names().any(|method| LISTS.contains(&method));
        let most = if lists { MAX_LIST_BYTES } else { MAX_ANSWER_BYTES };
        let asked = self.client.post(self.url).json(&request).headers(request.headers());
        let response = asked.send().await.map_err(TransportErrorKind::custom)?;
        let (status, pause) = (response.status(), retry_after(&response));
        let body = read(response, most).await?;
        let answer = serde_json::from_slice::<ResponsePacket>(&body);
        if status.is_success() {
            return answer.map_err(|error| TransportError::deser_err(error, String::from_utf8_lossy(&body)));
        }
        match answer {
            // Some endpoints say what is wrong in JSON-RPC as well.
            Ok(told) if told.is_error() => Ok(told),
            _ => {
                let words = String::from_utf8_lossy(&body).into_owned();
                Err(TransportErrorKind::http_error_with_retry_after(status.as_u16(), words, pause))
            }
        }
    }
}

/// The pause that an endpoint asks for, where it names it in seconds.
fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

async fn read(mut response: Response, most: usize) -> Result<Vec<u8>, TransportError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(TransportErrorKind::custom)? {
        if body.len() + chunk.len() > most {
            return Err(TransportErrorKind::custom(TooLong(most)));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

impl Service<RequestPacket> for Http {
    type Response = ResponsePacket;
    type Error = TransportError;
    type Future = TransportFut<'static>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: RequestPacket) -> Self::Future {
        Box::pin(self.clone().ask(request))
    }
}
