//! Refuses requests that a browser makes on behalf of another site.

use std::task::{Context, Poll};

use futures::future::{Either, Ready, ready};
use jsonrpsee::server::{HttpBody, HttpRequest, HttpResponse, http::response::host_not_allowed};
use tower::{Layer, Service};

/// Lets requests through that carry no `Origin`, or the server's own.
///
/// Without it any web page that is open on the same machine could use the chain.
#[derive(Clone, Debug)]
pub(super) struct SameOrigin {
    port: u16,
}

impl SameOrigin {
    pub(super) fn new(port: u16) -> Self {
        Self { port }
    }

    fn allows(&self, origin: &[u8]) -> bool {
        ["127.0.0.1", "localhost"].iter().any(|host| format!("http://{host}:{}", self.port).as_bytes() == origin)
    }
}

impl<S> Layer<S> for SameOrigin {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Guarded<S> {
        Guarded { inner, rule: self.clone() }
    }
}

/// A service behind [`SameOrigin`].
#[derive(Clone, Debug)]
pub(super) struct Guarded<S> {
    inner: S,
    rule: SameOrigin,
}

impl<S, B> Service<HttpRequest<B>> for Guarded<S>
where
    S: Service<HttpRequest<B>, Response = HttpResponse>,
{
    type Response = HttpResponse;
    type Error = S::Error;
    type Future = Either<Ready<Result<HttpResponse, S::Error>>, S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: HttpRequest<B>) -> Self::Future {
        let foreign = request.headers().get_all("origin").iter().any(|origin| !self.rule.allows(origin.as_bytes()));
        if foreign {
            tracing::warn!("refused a cross-origin request");
            let mut response = host_not_allowed();
            *response.body_mut() = HttpBody::from("cross-origin request refused\n");
            return Either::Left(ready(Ok(response)));
        }
        Either::Right(self.inner.call(request))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_servers_own_origin_is_allowed() {
        let rule = SameOrigin::new(8545);
        let check = |origin: &str, expected| assert_eq!(rule.allows(origin.as_bytes()), expected);
        check("http://127.0.0.1:8545", true);
        check("http://localhost:8545", true);
        check("http://localhost:3000", false);
        check("http://localhost:8545.evil.example", false);
        check("https://evil.example", false);
        check("null", false);
    }
}
