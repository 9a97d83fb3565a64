//! axum, on its own server.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode},
    routing::post,
};
use topper::{
    Verifier,
    axum::{Verified, WebhookReply},
};
use topper_benchmarks::{
    PATH,
    by_hand::{self, HEADER, Key, LIMIT},
};

use crate::{Result, listener, process};

pub(crate) async fn ours(verifier: Verifier) -> Result<()> {
    async fn receive(verified: Verified) -> WebhookReply {
        verified.run(process).await
    }
    serve(Router::new().route(PATH, post(receive)).with_state(verifier)).await
}

pub(crate) async fn by_hand(key: Arc<Key>) -> Result<()> {
    async fn receive(
        State(key): State<Arc<Key>>,
        headers: HeaderMap,
        body: Bytes,
    ) -> (StatusCode, &'static str) {
        match key.verify(headers.get(HEADER).map(|value| value.as_bytes()), &body) {
            Some(verified) => (StatusCode::OK, by_hand::process(&verified)),
            None => (StatusCode::UNAUTHORIZED, "unauthorized"),
        }
    }
    let router = Router::new().route(PATH, post(receive)).with_state(key);
    serve(router.layer(DefaultBodyLimit::max(LIMIT))).await
}

pub(crate) async fn serve(router: Router) -> Result<()> {
    Ok(axum::serve(listener().await?, router).await?)
}
