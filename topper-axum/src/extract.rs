//! The extractor.

use std::net::{IpAddr, SocketAddr};

use axum::{
    body::Body,
    extract::{ConnectInfo, FromRef, FromRequest, FromRequestParts as _, Request},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use http_body_util::BodyExt as _;
use topper_core::{Admitted, Error, RequestHead, Verifier, Webhook};

use crate::WebhookReply;

/// A delivery that was verified, extracted from the request.
///
/// It consumes the body, so it is a handler's last argument.
#[derive(Clone, Debug)]
pub struct Verified(pub Webhook);

impl<S> FromRequest<S> for Verified
where
    S: Send + Sync,
    Verifier: FromRef<S>,
{
    type Rejection = WebhookRejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let (mut parts, body) = request.into_parts();
        let peer = ConnectInfo::<SocketAddr>::from_request_parts(&mut parts, state).await;
        let head = Head {
            peer: peer.ok().map(|ConnectInfo(address)| address.ip()),
            headers: &parts.headers,
        };
        let mut admitted = Verifier::from_ref(state).admit(&head)?;
        match tokio::time::timeout(admitted.time_left(), read(&mut admitted, body)).await {
            Ok(Ok(())) => Ok(Self(admitted.verify()?)),
            Ok(Err(ReadError::Refused(error))) => Err(WebhookRejection(error)),
            Ok(Err(ReadError::Broken)) => Err(WebhookRejection(admitted.broke_off())),
            Err(_) => Err(WebhookRejection(admitted.timed_out())),
        }
    }
}

async fn read(admitted: &mut Admitted, mut body: Body) -> Result<(), ReadError> {
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| ReadError::Broken)?;
        if let Some(chunk) = frame.data_ref() {
            admitted.push(chunk).map_err(ReadError::Refused)?;
        }
    }
    Ok(())
}

enum ReadError {
    Refused(Error),
    Broken,
}

struct Head<'a> {
    peer: Option<IpAddr>,
    headers: &'a HeaderMap,
}

impl RequestHead for Head<'_> {
    fn peer(&self) -> Option<IpAddr> {
        self.peer
    }

    fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.headers.get_all(name).iter().map(|value| value.as_bytes())
    }
}

/// A delivery that was not accepted; as a response it has the right status.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct WebhookRejection(#[from] pub Error);

impl IntoResponse for WebhookRejection {
    fn into_response(self) -> Response {
        WebhookReply(self.0.reply()).into_response()
    }
}
