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

/// A delivery that was verified, as the data of a route.
///
/// Its verifier comes from [`fairing`](crate::fairing), and for a marker `M` from
/// [`fairing_for`](crate::fairing_for).
///
/// `Option<Verified>` compiles, and turns a forgery into `None`: the handler then runs for anyone.
/// Take `Result<Verified, WebhookError>` to see refusals.
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
            // No sentinel has seen the guard: it is inside another one. Nor is our catcher there.
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

/// What Rocket reads of every body before any guard, in search of a form's `_method=delete`.
const PEEKED: usize = 14;

async fn read(admitted: &mut Admitted, mut data: Data<'_>) -> Result<(), ReadError> {
    // Rocket forgets an error it meets there: the body then seems to end where it broke off.
    if !data.peek_complete() && data.peek(PEEKED).await.len() < PEEKED {
        return Err(ReadError::BrokeOff);
    }
    // Without a limit of Rocket's, which would cut the body silently.
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
        // Not `client_ip`: it believes an `X-Real-IP` header from anyone. A socket of both families
        // writes IPv4 as IPv6.
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

/// A delivery that was not accepted; as a response it has the right status.
#[expect(clippy::exhaustive_structs, reason = "it is a wrapper, and will not grow")]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct WebhookError(#[from] pub Error);

impl<'r> Responder<'r, 'static> for WebhookError {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        WebhookReply(self.0.reply()).respond_to(request)
    }
}
