//! What is attached to a rocket: the verifier, and the answers to refusals.

use std::{collections::BTreeSet, marker::PhantomData};

use rocket::{
    Build, Catcher, Request, Rocket, catcher,
    fairing::{AdHoc, Fairing},
    http::Status,
    response::Responder as _,
};
use topper_core::{Reply, Verifier};

use crate::WebhookReply;

/// The status that takes a refusal from the guard to [`answer`], past every catcher of the program.
///
/// A guard that fails in Rocket cannot answer; it names a status, and a catcher answers. No one
/// else's catchers are for this one, and if one gets it nevertheless, Topper tries again.
pub(crate) const REFUSED: Status = Status { code: 597 };

/// The webhook of a program that has one.
#[expect(clippy::exhaustive_enums, reason = "it has no values")]
#[derive(Clone, Copy, Debug)]
pub enum DefaultWebhook {}

pub(crate) struct Managed<M> {
    pub(crate) verifier: Verifier,
    marker: PhantomData<fn() -> M>,
}

/// Lets [`Verified`](crate::Verified) guard routes. Without it a rocket with such a route does not
/// launch.
pub fn fairing(verifier: Verifier) -> impl Fairing {
    fairing_for::<DefaultWebhook>(verifier)
}

/// The same for `Verified<M>`, for a program with several webhooks. The marker is any type of
/// yours, one for each.
///
/// Attached twice with the same marker, the rocket does not launch.
pub fn fairing_for<M: 'static>(verifier: Verifier) -> impl Fairing {
    AdHoc::try_on_ignite("Topper webhook", |rocket| async {
        if rocket.state::<Managed<M>>().is_some() {
            return Err(rocket);
        }
        Ok(register(rocket.manage(Managed::<M> { verifier, marker: PhantomData })))
    })
}

/// Adds our catcher wherever there is one, for a default catcher on a longer path would go first.
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

/// The refusal of a request, kept in its local cache.
struct Refusal(Option<Reply>);

pub(crate) fn refuse(request: &Request<'_>, reply: Reply) {
    request.local_cache(|| Refusal(Some(reply)));
}

fn answer<'r>(status: Status, request: &'r Request<'_>) -> catcher::BoxFuture<'r> {
    let refusal = request.local_cache(|| Refusal(None));
    let answer = refusal.0.map_or(Err(status), |reply| WebhookReply(reply).respond_to(request));
    Box::pin(async { answer })
}
