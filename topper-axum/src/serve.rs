//! The server.

use std::convert::Infallible;

use axum::{Router, body::Body, extract::ConnectInfo};
use topper_serve::{Peer, RequestBody, ServeError, Server};
use tower_service::Service as _;

/// Serves a router until shutdown is requested and everything in flight is answered. [`Server`] has the
/// settings.
///
/// Handlers get the address of the socket's other end as `ConnectInfo<SocketAddr>`. A delivery that
/// would be answered with 404 or 405 is answered with `not_configured` instead, which Topper retries. A
/// slash at the end of its path does not matter.
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
