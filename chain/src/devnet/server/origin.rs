//! Refuses requests that a browser makes on behalf of another site, unless that site is allowed.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use futures::future::BoxFuture;
use hyper::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue, ORIGIN, VARY,
};
use jsonrpsee::server::{HttpBody, HttpRequest, HttpResponse};
use tower::{Layer, Service};

use super::socket::{Sockets, refusal};

/// Lets requests through that carry no `Origin`, the server's own, or one that was allowed.
///
/// Without it any web page that is open on the same machine could use the chain.
#[derive(Clone, Debug)]
pub(super) struct Origins {
    port: u16,
    allowed: Arc<[String]>,
}

impl Origins {
    /// `*` allows every site.
    pub(super) fn new(port: u16, allowed: &[String]) -> Self {
        Self { port, allowed: allowed.into() }
    }

    fn allows(&self, origin: &[u8]) -> bool {
        let own = |host: &&str| format!("http://{host}:{}", self.port).as_bytes() == origin;
        self.allowed.iter().any(|allowed| allowed == "*" || allowed.as_bytes() == origin)
            || ["127.0.0.1", "localhost"].iter().any(own)
    }
}

/// What every HTTP request passes first: the rule about origins, and the way to a WebSocket.
#[derive(Clone, Debug)]
pub(super) struct Door {
    pub(super) origins: Origins,
    pub(super) sockets: Sockets,
}

impl<S> Layer<S> for Door {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Guarded<S> {
        Guarded { inner, door: self.clone() }
    }
}

/// A service behind the [`Door`].
#[derive(Clone, Debug)]
pub(super) struct Guarded<S> {
    inner: S,
    door: Door,
}

impl<S, B> Service<HttpRequest<B>> for Guarded<S>
where
    S: Service<HttpRequest<B>, Response = HttpResponse>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = HttpResponse;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<HttpResponse, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: HttpRequest<B>) -> Self::Future {
        let headers = request.headers();
        let origin = headers.get(ORIGIN).cloned();
        if headers.get_all(ORIGIN).iter().any(|origin| !self.door.origins.allows(origin.as_bytes())) {
            tracing::info!(?origin, "refused a cross-origin request");
            return ready(refusal(403, "cross-origin request refused: start the devnet with --allow-origin\n"));
        }
        let answer = if request.method() == "OPTIONS" && origin.is_some() {
            ready(refusal(204, HttpBody::empty()))
        } else if jsonrpsee::server::ws::is_upgrade_request(&request) {
            ready(self.door.sockets.upgrade(request))
        } else {
            Box::pin(self.inner.call(request))
        };
        Box::pin(async move {
            let mut response = answer.await?;
            if response.status().is_client_error() || response.status().is_server_error() {
                tracing::info!(status = response.status().as_u16(), "refused an HTTP request");
            }
            if let Some(origin) = origin {
                let headers = response.headers_mut();
                headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
                headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
                headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type"));
                headers.insert(VARY, HeaderValue::from_static("origin"));
            }
            Ok(response)
        })
    }
}

fn ready<E: Send + 'static>(response: HttpResponse) -> BoxFuture<'static, Result<HttpResponse, E>> {
    Box::pin(std::future::ready(Ok(response)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_servers_own_origin_is_allowed() {
        let rule = Origins::new(8545, &["https://game.example".to_owned()]);
        let check = |origin: &str, expected| assert_eq!(rule.allows(origin.as_bytes()), expected, "{origin}");
        check("http://127.0.0.1:8545", true);
        check("http://localhost:8545", true);
        check("https://game.example", true);
        check("http://game.example", false);
        check("http://localhost:3000", false);
        check("http://localhost:8545.evil.example", false);
        check("https://evil.example", false);
        check("null", false);
        assert!(Origins::new(8545, &["*".to_owned()]).allows(b"null"));
    }
}
