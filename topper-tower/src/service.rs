//! The service.

use std::{
    convert::Infallible,
    fmt,
    net::IpAddr,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response, request::Parts};
use http_body::Body;
use http_body_util::Full;
use topper_core::{Head, Peer, Verifier};
use tower_service::Service;

use crate::{ResponseFuture, Verified, WebhookReply};

/// The timer of [`WebhookService::new`]: [`tokio::time::sleep`].
#[cfg(feature = "tokio")]
pub type TokioTimer = fn(Duration) -> tokio::time::Sleep;

/// Answers Topper's deliveries, as a [`tower_service::Service`] over [`http::Request`]s with any body.
///
/// What is refused is answered with the right status and never reaches your function; it never fails.
/// Every request that it is given is a delivery to it, whatever the method and the path: route
/// `POST` of the webhook's path to it.
///
/// `R` is your function, from a [`Verified`] delivery to a [`WebhookReply`] or what becomes one, and `T`
/// the timer, from a duration to a future that is ready when it is over. A clone is for the same
/// webhook. For several webhooks make several services, each with keys and a label of its own.
#[derive(Clone)]
pub struct WebhookService<R, T> {
    verifier: Verifier,
    receive: R,
    timer: T,
    peer: Arc<FindPeer>,
}

type FindPeer = dyn Fn(&Parts) -> Option<IpAddr> + Send + Sync;

#[cfg(feature = "tokio")]
impl<R> WebhookService<R, TokioTimer> {
    /// A service that calls a function with each verified delivery, and answers what it returns.
    ///
    /// A body that is not complete when it arrives is timed by tokio, so the runtime needs its timer.
    ///
    /// # Examples
    ///
    /// ```
    /// use topper_core::{Event, Outcome, Retry, Verifier, Webhook};
    /// use topper_tower::WebhookService;
    ///
    /// # fn service(verifier: Verifier) {
    /// let service = WebhookService::new(verifier, |verified| verified.run(process));
    /// # }
    ///
    /// async fn process(webhook: Webhook) -> Result<Outcome, Retry> {
    ///     match webhook.event()? {
    ///         Event::OrderCryptoOnrampCompleted(_) => Ok(Outcome::Processed), // your work
    ///         _ => Ok(Outcome::Ignored),
    ///     }
    /// }
    /// ```
    pub fn new<F>(verifier: Verifier, receive: R) -> Self
    where
        R: Fn(Verified) -> F,
        F: Future<Output: Into<WebhookReply>>,
    {
        Self::with_timer(verifier, tokio::time::sleep, receive)
    }
}

impl<R, T> WebhookService<R, T> {
    /// The same with a timer of your own, for a runtime other than tokio.
    ///
    /// It is called when the rest of a body has to be waited for, and the body is given up when its
    /// future is ready.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use topper_core::{Outcome, Retry, Verifier, Webhook};
    /// use topper_tower::WebhookService;
    ///
    /// # async fn sleep(_: Duration) {}
    /// # async fn process(_: Webhook) -> Result<Outcome, Retry> { Ok(Outcome::Ignored) }
    /// # fn service(verifier: Verifier) {
    /// let service = WebhookService::with_timer(
    ///     verifier,
    ///     |time: Duration| sleep(time), // your runtime's
    ///     |verified| verified.into_inner().handle(process),
    /// );
    /// # }
    /// ```
    pub fn with_timer<F, S>(verifier: Verifier, timer: T, receive: R) -> Self
    where
        T: Fn(Duration) -> S,
        S: Future<Output = ()>,
        R: Fn(Verified) -> F,
        F: Future<Output: Into<WebhookReply>>,
    {
        let peer = |parts: &Parts| parts.extensions.get().map(|Peer(address)| address.ip());
        Self { verifier, receive, timer, peer: Arc::new(peer) }
    }

    /// Where the address of the socket's other end is; default: in the extension [`Peer`].
    ///
    /// Never take it from a header: the verifier reads those itself, from proxies it trusts.
    ///
    /// # Examples
    ///
    /// ```
    /// # use topper_core::{Outcome, Verifier};
    /// # use topper_tower::WebhookService;
    /// use std::net::SocketAddr;
    ///
    /// use axum::{Router, extract::ConnectInfo};
    ///
    /// # fn router(verifier: Verifier) -> Router {
    /// let service = WebhookService::new(verifier, async |_| Outcome::Processed).peer(|request| {
    ///     let info = request.extensions.get::<ConnectInfo<SocketAddr>>();
    ///     info.map(|ConnectInfo(address)| address.ip())
    /// });
    /// Router::new().route_service("/webhooks/topper", service)
    /// # }
    /// ```
    #[must_use]
    pub fn peer(mut self, peer: impl Fn(&Parts) -> Option<IpAddr> + Send + Sync + 'static) -> Self {
        self.peer = Arc::new(peer);
        self
    }
}

impl<B, R, F, T, S> Service<Request<B>> for WebhookService<R, T>
where
    B: Body,
    R: Fn(Verified) -> F + Clone,
    F: Future<Output: Into<WebhookReply>>,
    T: Fn(Duration) -> S + Clone,
    S: Future<Output = ()>,
{
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = ResponseFuture<B, R, F, T, S>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (parts, body) = request.into_parts();
        let head = Head::new((self.peer)(&parts), &parts.headers);
        match self.verifier.admit(&head) {
            Ok(admitted) => {
                ResponseFuture::read(admitted, body, self.receive.clone(), self.timer.clone())
            }
            Err(error) => ResponseFuture::refuse(&error),
        }
    }
}

impl<R, T> fmt::Debug for WebhookService<R, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookService").field("verifier", &self.verifier).finish_non_exhaustive()
    }
}
