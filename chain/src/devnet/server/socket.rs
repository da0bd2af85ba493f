//! WebSocket: one task per connection, which reads the next message only when the last is answered.
//!
//! A client that does not read what it is sent is not read from either, and so takes no memory
//! beyond its one answer; when it stays like that, or falls too far behind the chain, its connection
//! is closed with the reason.

use std::{sync::Arc, time::Duration};

use futures::{SinkExt, StreamExt, stream::FuturesUnordered};
use hyper_util::rt::TokioIo;
use jsonrpsee::server::{HttpBody, HttpRequest, HttpResponse};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, broadcast::error::RecvError, watch},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error, Message,
        handshake::server::create_response_with_body,
        protocol::{CloseFrame, Role, WebSocketConfig, frame::coding::CloseCode},
    },
};

use super::{
    session::Session,
    shared::{Heard, Shared},
    text::{self, Text},
};
use crate::devnet::limits::{
    MAX_CONNECTIONS, MAX_NOTICES_BEHIND, MAX_REQUEST_BYTES, MAX_WAITING, STOP_DEADLINE, WRITE_DEADLINE,
};

/// Everything that WebSockets share.
#[derive(Clone, Debug)]
pub(super) struct Sockets {
    shared: Arc<Shared>,
    places: Arc<Semaphore>,
    stop: watch::Receiver<bool>,
}

/// Why a connection ends.
enum End {
    /// The client has closed it, or is gone.
    Gone,
    /// The chain or the server stops.
    Stopped,
    /// The client does not keep up.
    Refused(String),
}

impl Sockets {
    pub(super) fn new(shared: Arc<Shared>, stop: watch::Receiver<bool>) -> Self {
        Self { shared, places: Arc::new(Semaphore::new(MAX_CONNECTIONS as usize)), stop }
    }

    /// Waits until every connection has ended.
    pub(super) async fn ended(&self) {
        // The semaphore is never closed.
        let _ = self.places.acquire_many(MAX_CONNECTIONS).await;
    }

    /// Answers a request to speak WebSocket, and serves the connection from then on.
    pub(super) fn upgrade<B>(&self, mut request: HttpRequest<B>) -> HttpResponse {
        let Ok(place) = self.places.clone().try_acquire_owned() else {
            return refusal(503, "too many connections\n");
        };
        let response = match create_response_with_body(&request, HttpBody::empty) {
            Ok(response) => response,
            Err(error) => return refusal(400, format!("{error}\n")),
        };
        let upgrade = hyper::upgrade::on(&mut request);
        let sockets = self.clone();
        tokio::spawn(async move {
            match upgrade.await {
                Ok(upgraded) => sockets.serve(TokioIo::new(upgraded), place).await,
                Err(error) => tracing::info!(%error, "refused: the connection did not become a WebSocket"),
            }
        });
        response
    }

    async fn serve<S>(mut self, stream: S, _place: OwnedSemaphorePermit)
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    {
        let most = Some(MAX_REQUEST_BYTES as usize);
        let config = WebSocketConfig::default().max_message_size(most).max_frame_size(most);
        let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await;
        let frame = match self.talk(&mut socket).await {
            End::Gone => return,
            End::Stopped => CloseFrame { code: CloseCode::Away, reason: "the devnet has stopped".into() },
            End::Refused(reason) => {
                tracing::info!(reason, "closed a connection");
                CloseFrame { code: CloseCode::Policy, reason: reason.into() }
            }
        };
        // Whoever does not take the reason within the deadline is left without.
        let _ = timeout(STOP_DEADLINE, socket.close(Some(frame))).await;
    }

    async fn talk<S>(&mut self, socket: &mut WebSocketStream<S>) -> End
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    {
        let mut session = Session::new(self.shared.clone());
        let mut heard = self.shared.listen();
        let mut waiting = FuturesUnordered::new();
        loop {
            let texts = tokio::select! {
                // What happened before a request is told before it is answered: nobody hears of
                // blocks from before the subscription.
                biased;
                _ = self.stop.changed() => return End::Stopped,
                heard = heard.recv() => match heard {
                    Ok(Heard::Notice(notice)) => {
                        let notifications = session.notifications(&notice).into_iter();
                        notifications.map(|(id, result)| text::notification(id, &result)).collect()
                    }
                    Err(RecvError::Lagged(_)) if session.is_subscribed() => {
                        return End::Refused(format!("the subscriber fell more than {MAX_NOTICES_BEHIND} notices behind"));
                    }
                    Err(RecvError::Lagged(_)) => continue,
                    Ok(Heard::Stopped) | Err(RecvError::Closed) => return End::Stopped,
                },
                Some(text) = waiting.next() => vec![text],
                message = socket.next(), if waiting.len() < MAX_WAITING => {
                    let message = match message {
                        Some(Ok(message)) => message,
                        Some(Err(Error::Capacity(error))) => return End::Refused(error.to_string()),
                        Some(Err(_)) | None => return End::Gone,
                    };
                    let text = match message {
                        Message::Text(text) => text,
                        Message::Binary(bytes) => match bytes.try_into() {
                            Ok(text) => text,
                            Err(_) => return End::Refused("a message that is not UTF-8".to_owned()),
                        },
                        // Pings are answered by the library.
                        _ => continue,
                    };
                    match text::answer(&mut session, &text) {
                        Text::Now(text) => Vec::from_iter(text),
                        Text::Later(text) => {
                            waiting.push(text);
                            continue;
                        }
                    }
                }
            };
            for text in texts {
                match timeout(WRITE_DEADLINE, socket.send(Message::text(text))).await {
                    Ok(Ok(())) => {}
                    Ok(Err(_)) => return End::Gone,
                    Err(_) => return End::Refused(slow(WRITE_DEADLINE)),
                }
            }
        }
    }
}

fn slow(deadline: Duration) -> String {
    format!("nothing that was sent has been read for {deadline:?}")
}

pub(super) fn refusal(status: u16, body: impl Into<HttpBody>) -> HttpResponse {
    let mut response = HttpResponse::new(body.into());
    // The few codes used are valid.
    *response.status_mut() = status.try_into().unwrap_or_default();
    response
}
