//! Rocket, on its own server.

use std::{net::Ipv4Addr, sync::Arc};

use rocket::{
    Build, Config, Data, Request, Rocket, State,
    data::ByteUnit,
    fairing::AdHoc,
    http::Status,
    log::LogLevel,
    post,
    request::{FromRequest, Outcome},
    routes,
};
use topper::{
    Verifier,
    rocket::{Verified, WebhookReply, fairing},
};
use topper_benchmarks::by_hand::{self, HEADER, Key, LIMIT};

use crate::{Result, address, process, ready};

pub(crate) async fn ours(verifier: Verifier) -> Result<()> {
    #[post("/webhooks/topper", data = "<verified>")]
    async fn receive(verified: Verified) -> WebhookReply {
        verified.run(process).await
    }
    launch(rocket()?.attach(fairing(verifier)).mount("/", routes![receive])).await
}

/// The header, for a handler by hand.
struct Token<'r>(Option<&'r str>);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Token<'r> {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        Outcome::Success(Self(request.headers().get_one(HEADER)))
    }
}

pub(crate) async fn by_hand(key: Arc<Key>) -> Result<()> {
    #[post("/webhooks/topper", data = "<data>")]
    async fn receive(
        key: &State<Arc<Key>>,
        token: Token<'_>,
        data: Data<'_>,
    ) -> (Status, &'static str) {
        let body = match data.open(ByteUnit::from(LIMIT)).into_bytes().await {
            Ok(body) if body.is_complete() => body,
            Ok(_) => return (Status::PayloadTooLarge, "too large"),
            Err(_) => return (Status::BadRequest, "incomplete"),
        };
        match key.verify(token.0.map(str::as_bytes), &body) {
            Some(verified) => (Status::Ok, by_hand::process(&verified)),
            None => (Status::Unauthorized, "unauthorized"),
        }
    }
    launch(rocket()?.manage(key).mount("/", routes![receive])).await
}

fn rocket() -> Result<Rocket<Build>> {
    let config = Config {
        address: Ipv4Addr::LOCALHOST.into(),
        port: address()?.port(),
        log_level: LogLevel::Off,
        ..Config::release_default()
    };
    Ok(rocket::custom(config))
}

async fn launch(rocket: Rocket<Build>) -> Result<()> {
    let announced = AdHoc::on_liftoff("ready", |_| {
        Box::pin(async {
            // Without it no load is sent, which says enough.
            drop(ready());
        })
    });
    match rocket.attach(announced).launch().await {
        Ok(_) => Ok(()),
        Err(error) => Err(error.to_string().into()),
    }
}
