//! The server.

use std::{convert::Infallible, net::SocketAddr};

use topper_serve::{Peer, RequestBody, ServeError, Server};
use tower_service::Service;
use warp::{Filter, http::Request, reply::Response};

/// Serves `warp::service(filter)` until shutdown is requested and everything in flight is answered.
/// [`Server`] has the settings.
///
/// [`verified`](crate::verified) and [`peer`] know the address of the socket's other end.
/// `warp::addr::remote` does not: only warp's own server can set it.
///
/// A delivery that would be answered with 404 or 405 is answered with `not_configured` instead, which
/// Topper retries. A slash at the end of its path does not matter.
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

/// Returns a filter for the address of the socket's other end, like `warp::addr::remote`, which also
/// works with [`serve`].
pub fn peer() -> impl Filter<Extract = (Option<SocketAddr>,), Error = Infallible> + Copy {
    warp::addr::remote().and(warp::ext::optional::<Peer>()).map(
        |remote: Option<SocketAddr>, peer: Option<Peer>| {
            remote.or(peer.map(|Peer(address)| address))
        },
    )
}
