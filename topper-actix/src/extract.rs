//! The extractor.

use std::net::IpAddr;

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, ResponseError, dev::Payload, http::StatusCode, web,
};
use futures_util::{StreamExt as _, future::LocalBoxFuture};
use tokio::time::timeout;
use topper_core::{Admitted, Error, ReadError, RequestHead, Verifier, Webhook};

use crate::{WebhookReply, reply};

/// The extractor of a verified delivery.
///
/// It consumes the body, so a handler cannot have another extractor that does.
///
/// Never take `Option<Verified>`. It compiles, but turns a forgery into `None`, and the handler runs
/// for everyone. To see refusals, take `Result<Verified, WebhookError>`.
#[expect(clippy::exhaustive_structs, reason = "it is a wrapper, and will not grow")]
#[derive(Clone, Debug)]
pub struct Verified(pub Webhook);

topper_core::__verified!(Verified);

impl FromRequest for Verified {
    type Error = WebhookError;
    type Future = LocalBoxFuture<'static, Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let admitted = admit(request);
        // The raw payload, because `Bytes` and the methods of `web::Payload` decompress it and have
        // limits.
        let mut payload = payload.take();
        Box::pin(async move {
            let mut admitted = admitted?;
            let read = timeout(admitted.body_time_left(), read(&mut admitted, &mut payload)).await;
            Ok(Self(admitted.finish(read.unwrap_or(Err(ReadError::TimedOut)))?))
        })
    }
}

/// The verifier of the innermost scope, bare or in `web::Data`. It is not visible which of the two
/// forms is from an inner scope, so two different verifiers are refused.
fn admit(request: &HttpRequest) -> Result<Admitted, Error> {
    let head = Head(request);
    let bare = request.app_data::<Verifier>();
    let data = request.app_data::<web::Data<Verifier>>().map(|data| data.get_ref());
    match (bare, data) {
        (Some(bare), Some(data)) if !bare.is_clone_of(data) => Err(Error::not_configured(
            head.peer(),
            "app_data has a `Verifier` and another one in `web::Data`; use one form only",
        )),
        (Some(verifier), _) | (None, Some(verifier)) => verifier.admit(&head),
        (None, None) => Err(Error::not_configured(head.peer(), "put it into `app_data`")),
    }
}

async fn read(admitted: &mut Admitted, payload: &mut Payload) -> Result<(), ReadError> {
    while let Some(chunk) = payload.next().await {
        admitted.push(&chunk.map_err(|_| ReadError::BrokeOff)?)?;
    }
    Ok(())
}

pub(crate) struct Head<'a>(pub(crate) &'a HttpRequest);

impl RequestHead for Head<'_> {
    fn peer(&self) -> Option<IpAddr> {
        // Not `realip_remote_addr`: it believes a `Forwarded` header from anyone. A dual-stack socket
        // shows IPv4 addresses as IPv6.
        self.0.peer_addr().map(|address| address.ip().to_canonical())
    }

    fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.0.headers().get_all(name).map(|value| value.as_bytes())
    }
}

/// A refused delivery. As a response, it has the right status.
#[expect(clippy::exhaustive_structs, reason = "it is a wrapper, and will not grow")]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct WebhookError(#[from] pub Error);

impl ResponseError for WebhookError {
    fn status_code(&self) -> StatusCode {
        reply::status(self.0.reply())
    }

    fn error_response(&self) -> HttpResponse {
        reply::response(self.0.reply())
    }
}
