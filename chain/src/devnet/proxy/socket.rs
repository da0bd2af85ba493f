//! WebSockets: one task per connection, between the client's socket and one of its own to the endpoint.

use std::{collections::HashMap, sync::Arc, time::Duration};

use futures::{FutureExt, SinkExt, StreamExt, future::BoxFuture, stream::FuturesUnordered};
use http_body_util::Full;
use hyper::{
    Request, Response, StatusCode,
    body::{Bytes, Incoming},
    upgrade::Upgraded,
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{
    net::TcpStream,
    sync::broadcast,
    time::{sleep, timeout},
};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        Message as Frame,
        handshake::server::create_response_with_body,
        protocol::{Role, WebSocketConfig},
    },
};

use super::{
    http::status,
    message::{self, Message},
    rule::Fault,
    shared::{Order, Shared},
};
use crate::devnet::limits::{MAX_REQUEST_BYTES, MAX_RESPONSE_BYTES, MAX_WAITING, WRITE_DEADLINE};

/// Longest wait for the endpoint to take a connection; it stands on the same machine or a fast network.
const CONNECT_DEADLINE: Duration = Duration::from_secs(5);

/// Error code with which gateways refuse by frequency (EIP-1474, "limit exceeded").
const LIMIT_EXCEEDED: i32 = -32_005;

/// Where a text goes.
enum To {
    Client(String),
    Endpoint(String),
}

/// Answers a request to speak WebSocket, and relays from then on.
pub(super) async fn upgrade(shared: Arc<Shared>, mut request: Request<Incoming>) -> Response<Full<Bytes>> {
    let Ok(response) = create_response_with_body(&request, Full::default) else {
        return status(StatusCode::BAD_REQUEST, "not a WebSocket handshake\n");
    };
    let Some(endpoint) = connect(&shared).await else {
        return status(StatusCode::BAD_GATEWAY, "the endpoint takes no WebSocket\n");
    };
    let Some(cut) = shared.until_cut() else {
        return status(StatusCode::BAD_GATEWAY, "the link is cut\n");
    };
    let Ok(place) = shared.places.clone().try_acquire_owned() else {
        return status(StatusCode::SERVICE_UNAVAILABLE, "too many connections\n");
    };
    // From here on, so that a client which has its answer hears every order.
    let orders = shared.orders.subscribe();
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        if let Ok(upgraded) = upgrade.await {
            let config = limits(MAX_REQUEST_BYTES);
            let client = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config)).await;
            let relay =
                Relay { shared, orders, client, endpoint, awaited: HashMap::new(), late: FuturesUnordered::new() };
            tokio::select! {
                () = cut => {}
                _ = relay.run() => {}
            }
        }
        drop(place);
    });
    response
}

async fn connect(shared: &Shared) -> Option<WebSocketStream<TcpStream>> {
    let mut url = shared.target.clone();
    // TLS towards the endpoint is spoken over HTTP only.
    (url.scheme() == "http").then_some(())?;
    url.set_scheme("ws").ok()?;
    let address = (url.host_str()?.to_owned(), url.port_or_known_default()?);
    let connecting = async {
        let stream = TcpStream::connect(address).await.ok()?;
        stream.set_nodelay(true).ok()?;
        let config = Some(limits(MAX_RESPONSE_BYTES));
        client_async_with_config(url.as_str(), stream, config).await.ok().map(|(socket, _)| socket)
    };
    timeout(CONNECT_DEADLINE, connecting).await.ok().flatten()
}

fn limits(bytes: u32) -> WebSocketConfig {
    let most = Some(bytes as usize);
    WebSocketConfig::default().max_message_size(most).max_frame_size(most)
}

struct Relay {
    shared: Arc<Shared>,
    orders: broadcast::Receiver<Order>,
    client: WebSocketStream<TokioIo<Upgraded>>,
    endpoint: WebSocketStream<TcpStream>,
    /// Requests whose answer will meet a fault, by id.
    awaited: HashMap<String, Fault>,
    late: FuturesUnordered<BoxFuture<'static, To>>,
}

impl Relay {
    /// Relays until either side is gone; `None` is that end.
    async fn run(mut self) -> Option<()> {
        loop {
            let text = tokio::select! {
                // An order is obeyed before anything that came after it.
                biased;
                order = self.orders.recv() => match order {
                    Ok(Order::Tell(text)) => Some(To::Client(text)),
                    Ok(Order::Close) | Err(_) => return None,
                },
                Some(late) = self.late.next() => Some(late),
                frame = self.endpoint.next() => match text(frame)? {
                    Some(text) => self.heard(text),
                    None => None,
                },
                // A client with too much on its way is not read from.
                frame = self.client.next(), if self.awaited.len() + self.late.len() < MAX_WAITING => {
                    match text(frame)? {
                        Some(text) => self.asked(text),
                        None => None,
                    }
                }
            };
            let sending = match text {
                Some(To::Client(text)) => timeout(WRITE_DEADLINE, self.client.send(Frame::text(text))).left_future(),
                Some(To::Endpoint(text)) => {
                    timeout(WRITE_DEADLINE, self.endpoint.send(Frame::text(text))).right_future()
                }
                None => continue,
            };
            sending.await.ok()?.ok()?;
        }
    }

    fn asked(&mut self, text: String) -> Option<To> {
        let message = Message::read(text.as_bytes());
        match self.shared.decide(&message) {
            None => Some(To::Endpoint(text)),
            Some(Fault::Refuse) => Some(To::Client(message::error(&message.id(), LIMIT_EXCEEDED, "too many requests"))),
            Some(Fault::LoseRequest) => None,
            Some(Fault::DelayRequest(by)) => self.later(by, To::Endpoint(text)),
            Some(Fault::Answer(value)) => Some(To::Client(message::result(&message.id(), &value))),
            Some(Fault::Error(code, words)) => Some(To::Client(message::error(&message.id(), code, words))),
            Some(fault @ (Fault::LoseAnswer | Fault::DelayAnswer(_) | Fault::Rewrite(_))) => {
                if let Some(part) = message.parts.first() {
                    self.awaited.insert(part.id.to_string(), fault);
                }
                Some(To::Endpoint(text))
            }
        }
    }

    fn heard(&mut self, text: String) -> Option<To> {
        self.shared.answered(text.as_bytes());
        let pushed = Message::read(text.as_bytes());
        let is_pushed = Shared::is_pushed(&pushed);
        let fault = match is_pushed {
            true => self.shared.decide(&pushed),
            // Nothing is read twice while nothing is to be changed.
            false if self.awaited.is_empty() => None,
            false => {
                let answer: Value = serde_json::from_str(&text).unwrap_or_default();
                message::answered(&answer).into_iter().find_map(|id| self.awaited.remove(&id.to_string()))
            }
        };
        match fault {
            None => Some(To::Client(text)),
            Some(Fault::Refuse | Fault::LoseRequest | Fault::LoseAnswer | Fault::Error(..)) => None,
            Some(Fault::DelayRequest(by) | Fault::DelayAnswer(by)) => self.later(by, To::Client(text)),
            Some(Fault::Answer(value)) => changed(&text, |result| *result = value),
            Some(Fault::Rewrite(with)) => changed(&text, with),
        }
    }

    fn later(&mut self, by: Duration, what: To) -> Option<To> {
        self.late.push(sleep(by).map(|()| what).boxed());
        None
    }
}

fn changed(text: &str, with: impl FnOnce(&mut Value)) -> Option<To> {
    let mut value: Value = serde_json::from_str(text).ok()?;
    message::rewrite(&mut value, with);
    Some(To::Client(value.to_string()))
}

/// The text of a frame, `Some(None)` for one without, `None` at the end of the connection.
fn text(frame: Option<Result<Frame, tokio_tungstenite::tungstenite::Error>>) -> Option<Option<String>> {
    match frame? {
        Ok(Frame::Text(text)) => Some(Some(text.as_str().to_owned())),
        Ok(Frame::Binary(bytes)) => Some(String::from_utf8(bytes.to_vec()).ok()),
        Ok(Frame::Close(_)) | Err(_) => None,
        // Pings are answered by the library.
        Ok(_) => Some(None),
    }
}
