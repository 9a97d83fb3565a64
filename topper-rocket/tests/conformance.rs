//! What every adapter must do, over real sockets.

#![expect(clippy::unwrap_used, reason = "tests stop at what should not happen")]

use std::net::{IpAddr, SocketAddr};

use rocket::{Config, State, fairing::AdHoc, log::LogLevel, post, routes};
use tokio::sync::oneshot;
use topper_conformance::adapter::{Adapter, Endpoint, Probe, Quirk, Server};
use topper_rocket::{Verified, WebhookReply, fairing_for};

struct Rocket;

/// The markers of the two webhooks.
struct First;
struct Second;

struct Probes {
    first: Probe,
    second: Probe,
}

impl Adapter for Rocket {
    const NAME: &'static str = "rocket";
    const QUIRKS: &'static [Quirk] = &[Quirk::HidesLinesNotUtf8, Quirk::WaitsForTheBody];

    async fn serve(bind: IpAddr, first: Endpoint, second: Endpoint) -> Server {
        let mut config =
            Config { address: bind, port: 0, log_level: LogLevel::Off, ..Config::debug_default() };
        config.shutdown.ctrlc = false;
        let (sender, port) = oneshot::channel();
        let rocket = rocket::custom(config)
            .attach(fairing_for::<First>(first.verifier))
            .attach(fairing_for::<Second>(second.verifier))
            .manage(Probes { first: first.probe, second: second.probe })
            .mount("/", routes![receive_first, receive_second])
            .attach(AdHoc::on_liftoff("port", |rocket| {
                Box::pin(async { sender.send(rocket.config().port).unwrap() })
            }));
        let task = tokio::spawn(rocket.launch());
        Server::task(SocketAddr::from((bind, port.await.unwrap())), task)
    }
}

#[post("/first", data = "<verified>")]
async fn receive_first(verified: Verified<First>, probes: &State<Probes>) -> WebhookReply {
    let probe = probes.first.clone();
    match probe.accept(&verified) {
        Some(reply) => reply.into(),
        None => verified.run(|webhook| probe.handle(webhook)).await,
    }
}

#[post("/second", data = "<verified>")]
async fn receive_second(verified: Verified<Second>, probes: &State<Probes>) -> WebhookReply {
    let probe = probes.second.clone();
    match probe.accept(&verified) {
        Some(reply) => reply.into(),
        None => verified.run(|webhook| probe.handle(webhook)).await,
    }
}

topper_conformance::adapter_conformance!(Rocket);
