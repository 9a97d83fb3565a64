//! warp, on its own server.

use std::sync::Arc;

use topper::{
    Verifier,
    warp::{recover, run, verified},
};
use topper_benchmarks::by_hand::{self, HEADER, Key, LIMIT};
use warp::{
    Filter as _,
    http::{HeaderValue, StatusCode},
    hyper::body::Bytes,
};

use crate::{Result, listener, process};

pub(crate) async fn ours(verifier: Verifier) -> Result<()> {
    let webhook = warp::path!("webhooks" / "topper")
        .and(warp::post())
        .and(verified(verifier))
        .then(|webhook| run(webhook, process))
        .recover(recover);
    warp::serve(webhook).incoming(listener().await?).run().await;
    Ok(())
}

pub(crate) async fn by_hand(key: Arc<Key>) -> Result<()> {
    let webhook = warp::path!("webhooks" / "topper")
        .and(warp::post())
        .and(warp::body::content_length_limit(LIMIT as u64))
        .and(warp::header::optional::<HeaderValue>(HEADER))
        .and(warp::body::bytes())
        .map(move |token: Option<HeaderValue>, body: Bytes| {
            let (status, text) = match key.verify(token.as_ref().map(HeaderValue::as_bytes), &body)
            {
                Some(verified) => (StatusCode::OK, by_hand::process(&verified)),
                None => (StatusCode::UNAUTHORIZED, "unauthorized"),
            };
            warp::reply::with_status(text, status)
        });
    warp::serve(webhook).incoming(listener().await?).run().await;
    Ok(())
}
