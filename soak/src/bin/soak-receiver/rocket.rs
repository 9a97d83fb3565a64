//! Rocket.

use rocket::{Config, State, log::LogLevel, post, routes};
use topper::{
    Verifier,
    rocket::{Verified, WebhookReply, fairing},
    serve::Server,
};

use crate::{Processing, Result};

pub(crate) async fn serve(
    server: Server,
    verifier: Verifier,
    processing: Processing,
) -> Result<()> {
    let config = Config { log_level: LogLevel::Off, ..Config::release_default() };
    let rocket = rocket::custom(config)
        .attach(fairing(verifier))
        .manage(processing)
        .mount("/", routes![receive]);
    Ok(topper::rocket::serve(server, rocket).await?)
}

#[post("/webhooks/topper", data = "<verified>")]
async fn receive(processing: &State<Processing>, verified: Verified) -> WebhookReply {
    processing.receive(verified).await.into()
}
