//! The data guard.

use std::{fmt, marker::PhantomData, net::IpAddr};

use rocket::{
    Data, Ignite, Request, Rocket, Sentinel,
    data::{ByteUnit, FromData, Outcome},
    http::Status,
    response::{self, Responder},
};
use tokio::{io::AsyncReadExt as _, time::timeout};
use topper_core::{Admitted, Error, ReadError, RequestHead, Verifier, Webhook};

use crate::{
    WebhookReply,
    fairing::{DefaultWebhook, Managed, REFUSED, refuse},
};

/// The data guard of a verified delivery.
///
/// The verifier comes from [`fairing`](crate::fairing), or from [`fairing_for`](crate::fairing_for) for
/// a marker `M`.
///
/// Never take `Option<Verified>`. It compiles, but turns a forgery into `None`, and the handler runs
/// for everyone. To see refusals, take `Result<Verified, WebhookError>`.
pub struct Verified<M = DefaultWebhook>(pub Webhook, PhantomData<fn() -> M>);

topper_core::__verified!(Verified<M>);

impl<M> From<Webhook> for Verified<M> {
    fn from(webhook: Webhook) -> Self {
        Self(webhook, PhantomData)
    }
}

impl<M> Clone for Verified<M> {
    fn clone(&self) -> Self {
        self.0.clone().into()
    }
}

impl<M> fmt::Debug for Verified<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Verified").field(&self.0).finish()
    }
}

#[rocket::async_trait]
impl<'r, M: 'static> FromData<'r> for Verified<M> {
    type Error = WebhookError;

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r, Self> {
        let Some(managed) = request.rocket().state::<Managed<M>>() else {
            // The sentinel did not see this guard, because it is inside another guard. So our catcher
            // is missing too.
            let error = Error::not_configured(Head(request).peer(), "attach the fairing");
            let error = WebhookError(error);
            return Outcome::Error((Status::new(error.0.reply().status()), error));
        };
        match verify(&managed.verifier, request, data).await {
            Ok(webhook) => Outcome::Success(webhook.into()),
            Err(error) => {
                refuse(request, error.reply());
                Outcome::Error((REFUSED, WebhookError(error)))
            }
        }
    }
}

async fn verify(
    verifier: &Verifier,
    request: &Request<'_>,
    data: Data<'_>,
) -> Result<Webhook, Error> {
    let mut admitted = verifier.admit(&Head(request))?;
    let read = timeout(admitted.body_time_left(), read(&mut admitted, data)).await;
    admitted.finish(read.unwrap_or(Err(ReadError::TimedOut)))
}

/// How many bytes Rocket reads of every body before any guard, to find `_method=delete` of a form.
const PEEKED: usize = 14;

async fn read(admitted: &mut Admitted, mut data: Data<'_>) -> Result<(), ReadError> {
    // Rocket drops an error that happens there. The body then seems to end early.
    if !data.peek_complete() && data.peek(PEEKED).await.len() < PEEKED {
        return Err(ReadError::BrokeOff);
    }
    // Without Rocket's limit, which would silently truncate the body.
    let mut body = data.open(ByteUnit::max_value());
    let mut chunk = Vec::with_capacity(8 * 1024);
    while body.read_buf(&mut chunk).await.map_err(|_| ReadError::BrokeOff)? > 0 {
        admitted.push(&chunk)?;
        chunk.clear();
    }
    Ok(())
}

pub(crate) struct Head<'a>(pub(crate) &'a Request<'a>);

impl RequestHead for Head<'_> {
    fn peer(&self) -> Option<IpAddr> {
        // Not `client_ip`: it believes an `X-Real-IP` header from anyone. A dual-stack socket shows
        // IPv4 addresses as IPv6.
        self.0.remote().map(|address| address.ip().to_canonical())
    }

    fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.0.headers().get(name).map(str::as_bytes)
    }
}

impl<M: 'static> Sentinel for Verified<M> {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        rocket.state::<Managed<M>>().is_none()
    }
}

/// A refused delivery. As a response, it has the right status.
#[expect(clippy::exhaustive_structs, reason = "it is a wrapper, and will not grow")]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct WebhookError(#[from] pub Error);

impl<'r> Responder<'r, 'static> for WebhookError {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        WebhookReply(self.0.reply()).respond_to(request)
    }
}
