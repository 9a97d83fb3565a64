//! The extractor.

use std::net::IpAddr;

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, ResponseError, dev::Payload, http::StatusCode, web,
};
use futures_util::{StreamExt as _, future::LocalBoxFuture};
use topper_core::{Admitted, Error, RequestHead, Verifier, Webhook};

use crate::reply;

/// A delivery that was verified, extracted from the request.
///
/// It consumes the body, so a handler has no other extractor that does.
///
/// `Option<Verified>` compiles, and turns a forgery into `None`: the handler then runs for anyone.
/// Take `Result<Verified, WebhookError>` to see refusals.
#[derive(Clone, Debug)]
pub struct Verified(pub Webhook);

impl FromRequest for Verified {
    type Error = WebhookError;
    type Future = LocalBoxFuture<'static, Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let admitted = admit(request);
        // The payload and not `Bytes` or `web::Payload`'s methods: these decompress and limit.
        let mut payload = payload.take();
        Box::pin(async move {
            let mut admitted = admitted?;
            match tokio::time::timeout(admitted.time_left(), read(&mut admitted, &mut payload))
                .await
            {
                Ok(Ok(())) => Ok(Self(admitted.verify()?)),
                Ok(Err(ReadError::Refused(error))) => Err(WebhookError(error)),
                Ok(Err(ReadError::Broken)) => Err(WebhookError(admitted.broke_off())),
                Err(_) => Err(WebhookError(admitted.timed_out())),
            }
        })
    }
}

fn admit(request: &HttpRequest) -> Result<Admitted, Error> {
    request.app_data::<Verifier>().ok_or(Error::NotConfigured)?.admit(&Head(request))
}

async fn read(admitted: &mut Admitted, payload: &mut Payload) -> Result<(), ReadError> {
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| ReadError::Broken)?;
        admitted.push(&chunk).map_err(ReadError::Refused)?;
    }
    Ok(())
}

enum ReadError {
    Refused(Error),
    Broken,
}

struct Head<'a>(&'a HttpRequest);

impl RequestHead for Head<'_> {
    fn peer(&self) -> Option<IpAddr> {
        // Not `realip_remote_addr`: it believes a `Forwarded` header from anyone.
        self.0.peer_addr().map(|address| address.ip())
    }

    fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.0.headers().get_all(name).map(|value| value.as_bytes())
    }
}

/// A delivery that was not accepted; as a response it has the right status.
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
