//! Connections, and requests over HTTP.

use std::{net, sync::Arc, time::Duration};

use alloy::transports::http::reqwest;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{CONTENT_TYPE, HeaderValue, ORIGIN, RETRY_AFTER},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use jsonrpsee::server::ws::is_upgrade_request;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::oneshot,
    time::sleep,
};

use super::{
    message::{self, Message},
    rule::Fault,
    shared::Shared,
    socket,
};
use crate::devnet::limits::{MAX_REQUEST_BYTES, MAX_RESPONSE_BYTES};

/// Seconds after which a refused client may try again, as gateways say.
const RETRY_AFTER_S: &str = "1";

/// Pause after the system had no connection to give, so that the thread does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

/// A request without an answer; the connection breaks.
#[derive(Debug, thiserror::Error)]
#[error("lost on purpose")]
struct Lost;

type Answer = Result<Response<Full<Bytes>>, Lost>;

/// Accepts connections until it is stopped.
pub(super) async fn serve(shared: Arc<Shared>, listener: net::TcpListener, mut stopped: oneshot::Receiver<()>) {
    let listener = match TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => return tracing::error!(%error, "the fault proxy cannot listen"),
    };
    loop {
        let stream = tokio::select! {
            _ = &mut stopped => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "the fault proxy got no connection");
                    sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
        };
        // A connection that there is no place for breaks, as every one does during an outage.
        if let Ok(place) = shared.places.clone().try_acquire_owned()
            && let Some(cut) = shared.until_cut()
        {
            let connection = connection(shared.clone(), stream);
            tokio::spawn(async move {
                tokio::select! {
                    () = cut => {}
                    () = connection => {}
                }
                drop(place);
            });
        }
    }
}

async fn connection(shared: Arc<Shared>, stream: TcpStream) {
    // Without it small answers wait for the system to gather more.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| answer(shared.clone(), request));
    let serving = http1::Builder::new().serve_connection(TokioIo::new(stream), service).with_upgrades();
    // Whether the client went away or met a fault: the connection is over.
    let _ = serving.await;
}

async fn answer(shared: Arc<Shared>, request: Request<Incoming>) -> Answer {
    if request.headers().contains_key(ORIGIN) {
        // The endpoint behind it cannot tell any more that a web page asks.
        return Ok(status(StatusCode::FORBIDDEN, "the fault proxy does not serve browsers\n"));
    }
    if is_upgrade_request(&request) {
        return Ok(socket::upgrade(shared, request).await);
    }
    let Ok(body) = Limited::new(request.into_body(), MAX_REQUEST_BYTES as usize).collect().await else {
        return Ok(status(StatusCode::PAYLOAD_TOO_LARGE, "the request is too large\n"));
    };
    let body = body.to_bytes();
    let message = Message::read(&body);
    match shared.decide(&message) {
        None => forward(&shared, body).await,
        Some(Fault::Refuse) => {
            let mut refusal = status(StatusCode::TOO_MANY_REQUESTS, "too many requests\n");
            refusal.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_S));
            Ok(refusal)
        }
        Some(Fault::LoseRequest) => Err(Lost),
        Some(Fault::LoseAnswer) => {
            forward(&shared, body).await?;
            Err(Lost)
        }
        Some(Fault::DelayRequest(by)) => {
            sleep(by).await;
            forward(&shared, body).await
        }
        Some(Fault::DelayAnswer(by)) => {
            let answer = forward(&shared, body).await;
            sleep(by).await;
            answer
        }
        Some(Fault::Answer(value)) => Ok(json(message::result(&message.id(), &value))),
        Some(Fault::Error(code, words)) => Ok(json(message::error(&message.id(), code, words))),
        Some(Fault::Rewrite(with)) => {
            let (status, text) = ask(&shared, body).await.map_err(|_| Lost)?;
            let Ok(mut value) = serde_json::from_slice(&text) else { return Ok(passed(status, text)) };
            message::rewrite(&mut value, with);
            Ok(json(value.to_string()))
        }
    }
}

/// Asks the endpoint. One that does not answer breaks the client's connection as well.
async fn forward(shared: &Shared, body: Bytes) -> Answer {
    match ask(shared, body).await {
        Ok((status, text)) => Ok(passed(status, text)),
        Err(error) => {
            tracing::info!(error = %error.without_url(), "the endpoint behind the fault proxy failed");
            Err(Lost)
        }
    }
}

async fn ask(shared: &Shared, body: Bytes) -> Result<(StatusCode, Vec<u8>), reqwest::Error> {
    let request = shared.client.post(shared.target.clone()).header(CONTENT_TYPE, "application/json").body(body);
    let mut response = request.send().await?;
    let mut text = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if text.len() + chunk.len() > MAX_RESPONSE_BYTES as usize {
            return Ok((StatusCode::BAD_GATEWAY, b"the answer is too large\n".to_vec()));
        }
        text.extend_from_slice(&chunk);
    }
    shared.answered(&text);
    Ok((response.status(), text))
}

fn passed(code: StatusCode, text: Vec<u8>) -> Response<Full<Bytes>> {
    let mut response = json(text);
    *response.status_mut() = code;
    response
}

fn json(text: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(text.into()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

pub(super) fn status(code: StatusCode, words: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(words.into()));
    *response.status_mut() = code;
    response
}
