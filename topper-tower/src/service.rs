//! The service.

use std::{convert::Infallible, fmt, net::IpAddr, pin::Pin, sync::Arc, task, time::Duration};

use bytes::Bytes;
use http::{Request, Response, request::Parts};
use http_body::Body;
use http_body_util::Full;
use topper_core::{Head, Peer, Verifier};
use tower_service::Service;

use crate::{Verified, WebhookReply, body::verify};

/// The timer of [`WebhookService::new`]: [`tokio::time::sleep`].
#[cfg(feature = "tokio")]
pub type TokioTimer = fn(Duration) -> tokio::time::Sleep;

type Answer = Result<Response<Full<Bytes>>, Infallible>;

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
impl<R, F> WebhookService<R, TokioTimer>
where
    R: Fn(Verified) -> F + Clone,
    F: Future<Output: Into<WebhookReply>>,
{
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
    pub fn new(verifier: Verifier, receive: R) -> Self {
        Self::with_timer(verifier, tokio::time::sleep, receive)
    }
}

impl<R, F, T, S> WebhookService<R, T>
where
    R: Fn(Verified) -> F + Clone,
    F: Future<Output: Into<WebhookReply>>,
    T: Fn(Duration) -> S + Clone,
    S: Future<Output = ()>,
{
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
    pub fn with_timer(verifier: Verifier, timer: T, receive: R) -> Self {
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

    /// Answers a request: what [`Service::call`] does, for hyper and others that have no use for that
    /// trait. It boxes nothing, and its future may stay on one thread if the body or your function must.
    ///
    /// # Examples
    ///
    /// ```
    /// # use topper_core::{Outcome, Verifier};
    /// use std::net::SocketAddr;
    ///
    /// use hyper::{server::conn::http1, service::service_fn};
    /// use hyper_util::rt::{TokioIo, TokioTimer};
    /// use tokio::net::TcpStream;
    /// use topper_tower::WebhookService;
    ///
    /// async fn connection(socket: TcpStream, peer: SocketAddr, verifier: Verifier) {
    ///     let webhook = WebhookService::new(verifier, async |_| Outcome::Processed)
    ///         .peer(move |_| Some(peer.ip()));
    ///     let answers = service_fn(move |request| webhook.answer(request));
    ///     let mut server = http1::Builder::new();
    ///     server.timer(TokioTimer::new()); // for its deadline for heads
    ///     let _ = server.serve_connection(TokioIo::new(socket), answers).await;
    /// }
    /// ```
    pub fn answer<B: Body>(
        &self,
        request: Request<B>,
    ) -> impl Future<Output = Answer> + use<B, R, F, T, S> {
        let (parts, body) = request.into_parts();
        let admitted = self.verifier.admit(&Head::new((self.peer)(&parts), &parts.headers));
        let (receive, timer) = (self.receive.clone(), self.timer.clone());
        async move {
            let reply = match verify(admitted, body, timer).await {
                Ok(webhook) => receive(Verified(webhook)).await.into(),
                Err(error) => error.reply().into(),
            };
            Ok(reply.into())
        }
    }
}

impl<B, R, F, T, S> Service<Request<B>> for WebhookService<R, T>
where
    B: Body + Send + 'static,
    R: Fn(Verified) -> F + Clone + Send + 'static,
    F: Future<Output: Into<WebhookReply>> + Send + 'static,
    T: Fn(Duration) -> S + Clone + Send + 'static,
    S: Future<Output = ()> + Send + 'static,
{
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn poll_ready(&mut self, _: &mut task::Context<'_>) -> task::Poll<Result<(), Infallible>> {
        task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        Box::pin(self.answer(request))
    }
}

impl<R, T> fmt::Debug for WebhookService<R, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookService").field("verifier", &self.verifier).finish_non_exhaustive()
    }
}
