//! One connection, from its first byte to its end.

use std::{error::Error, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{
    HeaderValue, Request, Response, StatusCode, Uri, Version,
    header::{CONNECTION, CONTENT_TYPE},
};
use http_body::Body;
use http_body_util::Full;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{net::TcpStream, select, time::interval};

use crate::{
    Peer, Phase, Phases, RequestBody,
    activity::{Activity, InFlight, Overdue, Watched},
    body::{AnswerBody, Source, Unread},
    misplaced::{is_lost, is_signed, not_configured, other_slash},
};

/// How often a connection's deadlines are checked.
const TICK: Duration = Duration::from_secs(1);
/// The maximum that is buffered of a connection, and so the longest head.
const BUFFER: usize = 64 * 1024;
/// The time between the last accepted connection and closing connections without a request, so that
/// requests that are already sent are still read.
const LINGER: Duration = Duration::from_millis(500);

/// Answers the requests of one connection until it ends.
pub(crate) async fn attend<S, F, B>(
    socket: TcpStream,
    peer: SocketAddr,
    phases: Phases,
    service: Arc<S>,
) where
    S: Fn(Request<RequestBody>) -> F + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let activity = Activity::new();
    let io = TokioIo::new(Watched { socket, activity: Arc::clone(&activity) });
    let answers = service_fn({
        let (activity, phases) = (Arc::clone(&activity), phases.clone());
        move |request: Request<Incoming>| {
            let in_flight = activity.request(request.version() == Version::HTTP_2);
            let (service, phases) = (Arc::clone(&service), phases.clone());
            async move {
                let is_http1 = request.version() < Version::HTTP_2;
                let mut response = answer(&*service, request, peer, in_flight).await;
                let is_upgrade = response.status() == StatusCode::SWITCHING_PROTOCOLS;
                // Always, because the next request must go to another server.
                if is_http1 && !is_upgrade && phases.is_leaving() {
                    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
                }
                Ok::<_, std::convert::Infallible>(response)
            }
        }
    });
    let builder = builder();
    #[cfg(feature = "http2")]
    let connection = builder.serve_connection_with_upgrades(io, answers);
    #[cfg(not(feature = "http2"))]
    let connection = builder.serve_connection(io, answers).with_upgrades();
    let mut connection = pin!(connection);
    let mut ends = pin!(async {
        phases.reached(Phase::Draining).await;
        tokio::time::sleep(LINGER).await;
    });
    let mut leaves = pin!(phases.reached(Phase::Leaving));
    let (mut is_leaving, mut is_ending) = (false, false);
    let mut ticks = interval(TICK);
    loop {
        select! {
            biased;
            // An error is the client's fault: it disconnected, or does not speak HTTP.
            _ = connection.as_mut() => return,
            () = &mut ends, if !is_ending => {
                is_ending = true;
                connection.as_mut().graceful_shutdown();
            }
            () = &mut leaves, if !is_leaving => {
                is_leaving = true;
                // HTTP/2 can announce the end without losing a request.
                if activity.is_http2() {
                    connection.as_mut().graceful_shutdown();
                }
            }
            _ = ticks.tick() => match activity.overdue(is_leaving) {
                // A connection that was accepted in the meantime.
                None if is_leaving && activity.is_http2() => connection.as_mut().graceful_shutdown(),
                None => {}
                Some(Overdue::Head) => return,
                Some(Overdue::Idle) => connection.as_mut().graceful_shutdown(),
            }
        }
    }
}

#[cfg(feature = "http2")]
type Builder = hyper_util::server::conn::auto::Builder<hyper_util::rt::TokioExecutor>;
#[cfg(not(feature = "http2"))]
type Builder = hyper::server::conn::http1::Builder;

fn builder() -> Builder {
    #[cfg(feature = "http2")]
    let mut builder = Builder::new(hyper_util::rt::TokioExecutor::new());
    #[cfg(feature = "http2")]
    builder.http2().timer(TokioTimer::new()).max_concurrent_streams(200);
    #[cfg(not(feature = "http2"))]
    let mut builder = Builder::new();
    #[cfg(feature = "http2")]
    let mut http1 = builder.http1();
    #[cfg(not(feature = "http2"))]
    let http1 = &mut builder;
    // Hyper's own deadline also runs between requests. It would close connections that load balancers
    // keep.
    http1.timer(TokioTimer::new()).header_read_timeout(None).max_buf_size(BUFFER);
    builder
}

/// The service's answer, if it does not lose a delivery.
async fn answer<S, F, B>(
    service: &S,
    mut request: Request<Incoming>,
    peer: SocketAddr,
    in_flight: InFlight,
) -> Response<AnswerBody<B>>
where
    S: Fn(Request<RequestBody>) -> F,
    F: Future<Output = Response<B>>,
    B: Body<Data = Bytes>,
{
    request.extensions_mut().insert(Peer(peer));
    let wrap = |body| AnswerBody { body, _in_flight: in_flight };
    let of_service = |body| Source::Service(Box::pin(body));
    if !is_signed(request.headers()) {
        return service(request.map(RequestBody::new)).await.map(of_service).map(wrap);
    }
    let (parts, body) = request.into_parts();
    let mut again = parts.clone();
    let unread = Unread::default();
    let request = Request::from_parts(parts, RequestBody::or_back(body, unread.clone()));
    let response = service(request).await;
    if !is_lost(response.status().as_u16()) {
        return response.map(of_service).map(wrap);
    }
    let (method, uri) = (again.method.clone(), again.uri.clone());
    let other = uri.path_and_query().and_then(|whole| other_slash(whole.as_str()));
    // Path and query only, as in most requests: a route does not need the authority.
    if let (Some(body), Some(Ok(other))) = (unread.take(), other.map(Uri::try_from)) {
        again.uri = other;
        let response = service(Request::from_parts(again, RequestBody::new(body))).await;
        if !is_lost(response.status().as_u16()) {
            return response.map(of_service).map(wrap);
        }
    }
    let reply = not_configured(Some(peer.ip()), method.as_str(), uri.path());
    let mut response = Response::new(wrap(Source::Own(Full::from(reply.code()))));
    *response.status_mut() =
        StatusCode::from_u16(reply.status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, plain);
    response
}
