//! The extractor.

use std::net::SocketAddr;

use axum::{
    body::Body,
    extract::{ConnectInfo, FromRef, FromRequest, FromRequestParts as _, Request},
    response::{IntoResponse, Response},
};
use http_body_util::BodyExt as _;
use tokio::time::timeout;
use topper_core::{Admitted, Error, Head, ReadError, Verifier, Webhook};

use crate::WebhookReply;

/// The extractor of a verified delivery.
///
/// It consumes the body, so it must be the last argument of a handler.
#[expect(clippy::exhaustive_structs, reason = "it is a wrapper, and will not grow")]
#[derive(Clone, Debug)]
pub struct Verified(pub Webhook);

topper_core::__verified!(Verified);

impl<S> FromRequest<S> for Verified
where
    S: Send + Sync,
    Verifier: FromRef<S>,
{
    type Rejection = WebhookRejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let (mut parts, body) = request.into_parts();
        let peer = ConnectInfo::<SocketAddr>::from_request_parts(&mut parts, state).await;
        let head = Head::new(peer.ok().map(|ConnectInfo(address)| address.ip()), &parts.headers);
        let mut admitted = Verifier::from_ref(state).admit(&head)?;
        let read = timeout(admitted.body_time_left(), read(&mut admitted, body)).await;
        Ok(Self(admitted.finish(read.unwrap_or(Err(ReadError::TimedOut)))?))
    }
}

async fn read(admitted: &mut Admitted, mut body: Body) -> Result<(), ReadError> {
    while let Some(frame) = body.frame().await {
        if let Some(chunk) = frame.map_err(|_| ReadError::BrokeOff)?.data_ref() {
            admitted.push(chunk)?;
        }
    }
    Ok(())
}

/// A refused delivery. As a response, it has the right status.
#[expect(clippy::exhaustive_structs, reason = "it is a wrapper, and will not grow")]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct WebhookRejection(#[from] pub Error);

impl IntoResponse for WebhookRejection {
    fn into_response(self) -> Response {
        WebhookReply(self.0.reply()).into_response()
    }
}
