//! The fairing: attaches the verifier, and answers refused deliveries.

use std::{collections::BTreeSet, marker::PhantomData};

use rocket::{
    Build, Catcher, Request, Rocket, catcher,
    fairing::{AdHoc, Fairing},
    http::Status,
    response::Responder as _,
};
use topper_core::{Reply, Verifier};

use crate::WebhookReply;

/// The status with which a refusal gets from the guard to [`answer`], past all catchers of the program.
///
/// In Rocket, a guard that fails cannot answer: it returns a status, and a catcher answers. No other
/// catcher is for this status. If it is sent by accident, Topper retries.
pub(crate) const REFUSED: Status = Status { code: 597 };

/// The marker of the webhook in a program with one webhook.
#[expect(clippy::exhaustive_enums, reason = "it has no values")]
#[derive(Clone, Copy, Debug)]
pub enum DefaultWebhook {}

pub(crate) struct Managed<M> {
    pub(crate) verifier: Verifier,
    marker: PhantomData<fn() -> M>,
}

/// Gives the rocket the verifier for [`Verified`](crate::Verified). Without it, a rocket with a route
/// that takes `Verified` does not launch.
pub fn fairing(verifier: Verifier) -> impl Fairing {
    fairing_for::<DefaultWebhook>(verifier)
}

/// Gives the rocket the verifier for `Verified<M>`, for a program with several webhooks. `M` is a
/// marker: any type of your own, a different one for each webhook.
///
/// If two fairings have the same marker, the rocket does not launch.
pub fn fairing_for<M: 'static>(verifier: Verifier) -> impl Fairing {
    AdHoc::try_on_ignite("Topper webhook", |rocket| async {
        if rocket.state::<Managed<M>>().is_some() {
            return Err(rocket);
        }
        Ok(register(rocket.manage(Managed::<M> { verifier, marker: PhantomData })))
    })
}

/// Adds our catcher to every path that has a catcher, because a default catcher on a longer path has
/// precedence.
fn register(rocket: Rocket<Build>) -> Rocket<Build> {
    let bases = |is_ours: bool| -> BTreeSet<String> {
        let catchers = rocket.catchers();
        let catchers = catchers.filter(|other| !is_ours || other.code == Some(REFUSED.code));
        catchers.map(|other| other.base.to_string()).collect()
    };
    let mut missing = bases(false);
    missing.insert("/".to_owned());
    let missing: Vec<String> = missing.difference(&bases(true)).cloned().collect();
    missing.into_iter().fold(rocket, |rocket, base| {
        rocket.register(base, vec![Catcher::new(REFUSED.code, answer)])
    })
}

/// The refusal of a request, stored in its local cache.
struct Refusal(Option<Reply>);

pub(crate) fn refuse(request: &Request<'_>, reply: Reply) {
    request.local_cache(|| Refusal(Some(reply)));
}

fn answer<'r>(status: Status, request: &'r Request<'_>) -> catcher::BoxFuture<'r> {
    let refusal = request.local_cache(|| Refusal(None));
    let answer = refusal.0.map_or(Err(status), |reply| WebhookReply(reply).respond_to(request));
    Box::pin(async { answer })
}
