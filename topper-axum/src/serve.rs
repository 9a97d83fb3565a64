//! The server.

use std::convert::Infallible;

use axum::{Router, body::Body, extract::ConnectInfo};
use topper_serve::{Peer, RequestBody, ServeError, Server};
use tower_service::Service as _;

/// Serves a router until the process is told to end and what was in flight is answered; see
/// [`Server`] for the settings, the health and the end.
///
/// Handlers know the socket's other end as `ConnectInfo<SocketAddr>`. A delivery to a path or with a
/// method that the router answers 404 or 405 is answered `not_configured`, which Topper retries; a
/// slash at the end of the path does not matter to it.
///
/// # Errors
///
/// When it cannot listen, or cannot wait for signals.
pub async fn serve(server: Server, router: Router) -> Result<(), ServeError> {
    topper_serve::serve(server, move |mut request: axum::http::Request<RequestBody>| {
        if let Some(&Peer(peer)) = request.extensions().get() {
            request.extensions_mut().insert(ConnectInfo(peer));
        }
        let response = router.clone().call(request.map(Body::new));
        async move { response.await.unwrap_or_else(|never: Infallible| match never {}) }
    })
    .await
}
