//! The server.

use std::{mem, time::Duration};

use actix_web::{
    App, Error, HttpServer,
    body::{BoxBody, MessageBody},
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    http::{ConnectionType, StatusCode, Uri, header::HeaderValue},
    middleware::{Next, from_fn},
};
use topper_core::RequestHead as _;
use topper_serve::{
    Phase, Phases, ServeError, Server, is_lost, is_signed, not_configured, other_slash,
};

use crate::{extract::Head, reply};

/// How long a connection may be idle: longer than load balancers keep it.
const IDLE_TIME: Duration = Duration::from_secs(75);

/// Serves an app until shutdown is requested and everything in flight is answered. [`Server`] has the
/// settings.
///
/// A delivery that would be answered with 404 or 405 is answered with `not_configured` instead, which
/// Topper retries. A slash at the end of its path does not matter.
///
/// actix-web has two limits. Only the first request of a connection has a deadline for its head: put a
/// proxy in front that has a deadline for all. And connections that are accepted just before the server
/// stops accepting are dropped.
///
/// # Errors
///
/// When it cannot listen or wait for signals, or actix-web's server fails.
pub async fn serve<F, T, B>(server: Server, app: F) -> Result<(), ServeError>
where
    F: Fn() -> App<T> + Send + Clone + 'static,
    T: ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<B>,
            Error = Error,
            InitError = (),
        > + 'static,
    B: MessageBody + 'static,
{
    let mut running = server.start()?;
    let (phases, draining) = (running.phases(), running.phases());
    let app = move || {
        let phases = phases.clone();
        app().wrap(from_fn(move |request, next| attend(phases.clone(), request, next)))
    };
    let http = HttpServer::new(app)
        .client_request_timeout(Duration::from_secs(5))
        .keep_alive(IDLE_TIME)
        .shutdown_timeout(running.drain_time().as_secs())
        .shutdown_signal(async move { draining.reached(Phase::Draining).await })
        .listen(running.listen()?)
        .map_err(ServeError::framework)?
        .run();
    running.serving();
    http.await.map_err(ServeError::framework)?;
    running.ended();
    Ok(())
}

async fn attend<B: MessageBody + 'static>(
    phases: Phases,
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    // In memory of their own. actix-web keeps up to 256 finished requests for each worker, and their
    // headers, as read, would keep 15 KiB of each.
    let headers = request.headers_mut();
    let own = |value: HeaderValue| HeaderValue::from_bytes(value.as_bytes()).unwrap_or(value);
    *headers = mem::take(headers).into_iter().map(|(name, value)| (name, own(value))).collect();
    let is_signed = is_signed(&Head(request.request()));
    if is_signed && request.resource_map().match_pattern(request.path()).is_none() {
        set_other_slash(&mut request);
    }
    let mut response = next.call(request).await?.map_into_boxed_body();
    if is_signed && is_lost(response.status().as_u16()) {
        let request = response.request();
        let peer = Head(request).peer();
        let reply = not_configured(peer, request.method().as_str(), request.path());
        response = response.into_response(reply::response(reply));
    }
    let is_upgrade = response.status() == StatusCode::SWITCHING_PROTOCOLS;
    if phases.is_leaving() && !is_upgrade {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    Ok(response)
}

/// Uses the path with or without the slash, if there is a route for it.
fn set_other_slash(request: &mut ServiceRequest) {
    let path = request.uri().path_and_query().map(|whole| whole.as_str());
    let other = path.and_then(other_slash).map(Uri::try_from);
    let Some(Ok(uri)) = other else { return };
    if request.resource_map().match_pattern(uri.path()).is_some() {
        request.match_info_mut().get_mut().update(&uri);
        request.head_mut().uri = uri;
    }
}
