//! The filter, and the recovery from its rejection.

use std::{net::SocketAddr, pin::pin};

use futures_util::{Stream, StreamExt as _};
use tokio::time::timeout;
use topper_core::{Admitted, Error, Head, Outcome, ReadError, Retry, Verifier, Webhook, internal};
#[cfg(not(feature = "serve"))]
use warp::addr::remote as peer;
use warp::{Buf, Filter, Rejection, http::HeaderMap, reject::Reject};

use crate::WebhookReply;
#[cfg(feature = "serve")]
use crate::peer;

/// Returns a filter that extracts verified deliveries, and rejects all others with a
/// [`WebhookRejection`].
///
/// It consumes the body, so put it after the filters for path and method.
pub fn verified(
    verifier: Verifier,
) -> impl Filter<Extract = (Webhook,), Error = Rejection> + Clone + Send + Sync + 'static {
    peer()
        .and(warp::header::headers_cloned())
        // A stream, because the other body filters require a length, or have no limit.
        .and(warp::body::stream())
        .and_then(move |peer: Option<SocketAddr>, headers: HeaderMap, body| {
            let admitted = verifier.admit(&Head::new(peer.map(|peer| peer.ip()), &headers));
            async move { Ok::<_, Rejection>(finish(admitted, body).await?) }
        })
}

async fn finish<B: Buf>(
    admitted: Result<Admitted, Error>,
    body: impl Stream<Item = Result<B, warp::Error>>,
) -> Result<Webhook, WebhookRejection> {
    let mut admitted = admitted?;
    let read = timeout(admitted.body_time_left(), read(&mut admitted, body)).await;
    Ok(admitted.finish(read.unwrap_or(Err(ReadError::TimedOut)))?)
}

async fn read<B: Buf>(
    admitted: &mut Admitted,
    body: impl Stream<Item = Result<B, warp::Error>>,
) -> Result<(), ReadError> {
    let mut body = pin!(body);
    while let Some(data) = body.next().await {
        let mut data = data.map_err(|_| ReadError::BrokeOff)?;
        while data.has_remaining() {
            let chunk = data.chunk();
            admitted.push(chunk)?;
            data.advance(chunk.len());
        }
    }
    Ok(())
}

/// Runs a handler and returns the reply; see [`Webhook::handle`].
///
/// The handler runs in its own task, so a dropped connection does not stop it half-way.
pub async fn run<H, F>(webhook: Webhook, handler: H) -> WebhookReply
where
    H: FnOnce(Webhook) -> F + Send + 'static,
    F: Future<Output = Result<Outcome, Retry>> + Send + 'static,
{
    let reply = tokio::spawn(webhook.clone().handle(handler)).await;
    // A task that does not finish was dropped with its runtime.
    reply.unwrap_or_else(|_| internal::runtime_ended(&webhook, None)).into()
}

/// A refused delivery. [`recover`] turns it into the right reply.
#[expect(clippy::exhaustive_structs, reason = "it is a wrapper, and will not grow")]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct WebhookRejection(#[from] pub Error);

impl Reject for WebhookRejection {}

/// Answers [`WebhookRejection`]s, and passes on other rejections. Pass it to [`Filter::recover`].
///
/// # Errors
///
/// Every rejection that is not a [`WebhookRejection`].
pub async fn recover(rejection: Rejection) -> Result<WebhookReply, Rejection> {
    match rejection.find() {
        Some(WebhookRejection(error)) => Ok(WebhookReply(error.reply())),
        None => Err(rejection),
    }
}
