//! The filter, and the way back from its rejection.

use std::{
    net::{IpAddr, SocketAddr},
    pin::pin,
};

use futures_util::{Stream, StreamExt as _};
use topper_core::{Admitted, Error, RequestHead, Verifier, Webhook};
use warp::{Buf, Filter, Rejection, http::HeaderMap, reject::Reject};

use crate::WebhookReply;

/// A filter that yields deliveries that were verified, and rejects all others with
/// [`WebhookRejection`].
///
/// It consumes the body, so it comes after the filters for path and method.
pub fn verified(
    verifier: Verifier,
) -> impl Filter<Extract = (Webhook,), Error = Rejection> + Clone + Send + Sync + 'static {
    warp::addr::remote()
        .and(warp::header::headers_cloned())
        // A stream: the other body filters ask for a length, or have no limit.
        .and(warp::body::stream())
        .and_then(move |peer: Option<SocketAddr>, headers, body| {
            let admitted = verifier.admit(&Head { peer: peer.map(|peer| peer.ip()), headers });
            async move { Ok::<_, Rejection>(finish(admitted, body).await?) }
        })
}

async fn finish<B: Buf>(
    admitted: Result<Admitted, Error>,
    body: impl Stream<Item = Result<B, warp::Error>>,
) -> Result<Webhook, WebhookRejection> {
    let mut admitted = admitted?;
    match tokio::time::timeout(admitted.time_left(), read(&mut admitted, body)).await {
        Ok(Ok(())) => Ok(admitted.verify()?),
        Ok(Err(ReadError::Refused(error))) => Err(WebhookRejection(error)),
        Ok(Err(ReadError::Broken)) => Err(WebhookRejection(admitted.broke_off())),
        Err(_) => Err(WebhookRejection(admitted.timed_out())),
    }
}

async fn read<B: Buf>(
    admitted: &mut Admitted,
    body: impl Stream<Item = Result<B, warp::Error>>,
) -> Result<(), ReadError> {
    let mut body = pin!(body);
    while let Some(data) = body.next().await {
        let mut data = data.map_err(|_| ReadError::Broken)?;
        while data.has_remaining() {
            let chunk = data.chunk();
            admitted.push(chunk).map_err(ReadError::Refused)?;
            data.advance(chunk.len());
        }
    }
    Ok(())
}

enum ReadError {
    Refused(Error),
    Broken,
}

struct Head {
    peer: Option<IpAddr>,
    headers: HeaderMap,
}

impl RequestHead for Head {
    fn peer(&self) -> Option<IpAddr> {
        self.peer
    }

    fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.headers.get_all(name).iter().map(|value| value.as_bytes())
    }
}

/// A delivery that was not accepted. [`recover`] makes the right answer of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct WebhookRejection(#[from] pub Error);

impl Reject for WebhookRejection {}

/// Answers our rejections, and passes on every other; for [`Filter::recover`].
///
/// # Errors
///
/// With every rejection that is not ours.
pub async fn recover(rejection: Rejection) -> Result<WebhookReply, Rejection> {
    match rejection.find() {
        Some(WebhookRejection(error)) => Ok(WebhookReply(error.reply())),
        None => Err(rejection),
    }
}
