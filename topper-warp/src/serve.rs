//! The server.

use std::{convert::Infallible, net::SocketAddr};

use topper_serve::{Peer, RequestBody, ServeError, Server};
use tower_service::Service;
use warp::{Filter, http::Request, reply::Response};

/// Serves `warp::service(filter)` until the process is told to end and what was in flight is answered;
/// see [`Server`] for the settings, the health and the end.
///
/// [`verified`](crate::verified) knows the socket's other end, as [`peer`] does. `warp::addr::remote`
/// does not: only warp's own server can set it.
///
/// A delivery to a path or with a method that the filter answers 404 or 405 is answered
/// `not_configured`, which Topper retries; a slash at the end of the path does not matter to it.
///
/// # Errors
///
/// When it cannot listen, or cannot wait for signals.
pub async fn serve<S>(server: Server, service: S) -> Result<(), ServeError>
where
    S: Service<Request<RequestBody>, Response = Response, Error = Infallible>,
    S: Clone + Send + Sync + 'static,
    S::Future: Send + 'static,
{
    topper_serve::serve(server, move |request| {
        let response = service.clone().call(request);
        async move { response.await.unwrap_or_else(|never| match never {}) }
    })
    .await
}

/// The address of the socket's other end, as `warp::addr::remote` but also under [`serve`].
pub fn peer() -> impl Filter<Extract = (Option<SocketAddr>,), Error = Infallible> + Copy {
    warp::addr::remote().and(warp::ext::optional::<Peer>()).map(
        |remote: Option<SocketAddr>, peer: Option<Peer>| {
            remote.or(peer.map(|Peer(address)| address))
        },
    )
}
