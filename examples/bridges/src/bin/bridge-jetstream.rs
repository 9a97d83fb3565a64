//! Publishes the events of an inbox to a stream of NATS JetStream.
//!
//! ```text
//! TOPPER_STORE_URL=sqlite://topper.db NATS_URL=nats://localhost:4222 cargo run --bin bridge-jetstream
//! ```
//!
//! An event goes to the subject of its name, such as `topper.order.crypto-onramp.completed`, or to
//! `topper.unknown`. The stream `TOPPER`, with the subjects `topper.>`, is created if it is missing. The message is
//! the body as received, with the headers `Nats-Msg-Id` (`label:id`), `Topper-Label` and
//! `Topper-Signature`: `Verifier::verify_stored` verifies it.
//!
//! # Guarantees
//!
//! - **Each event gets into the stream at least once**: it is done when JetStream has acknowledged it. When
//!   NATS is down, events wait in the inbox.
//! - **JetStream drops a repetition** by its `Nats-Msg-Id`, within the stream's duplicate window: one day, if
//!   the bridge created the stream. A bridge that is killed between the acknowledgement and the mark publishes
//!   the event again when its lease has expired, after 5 s. The event is only repeated if the bridge stays
//!   down for longer than the window.
//! - **Consumers get a message at least once**: key their work on `Nats-Msg-Id`.
//! - **An acknowledged event is as durable as the stream.** By default a server syncs its files every two
//!   minutes; set `sync_interval: always` (2.10 or later). A stream with three replicas survives the loss of
//!   one server.

use std::{error::Error, process::ExitCode, time::Duration};

use async_nats::{
    HeaderMap, HeaderValue,
    jetstream::{self, Context, stream},
};
use topper::{Outcome, Retry, Webhook, store::Inbox};
use topper_bridges::{run, setting, work_until_told_to_end};

#[tokio::main]
async fn main() -> ExitCode {
    run(bridge()).await
}

async fn bridge() -> Result<(), Box<dyn Error>> {
    let inbox = Inbox::open(&setting("TOPPER_STORE_URL", "sqlite://topper.db")?).await?;
    let nats = async_nats::connect(setting("NATS_URL", "nats://localhost:4222")?).await?;
    let jetstream = jetstream::new(nats);
    let stream = stream::Config {
        name: "TOPPER".to_owned(),
        subjects: vec!["topper.>".to_owned()],
        duplicate_window: Duration::from_secs(24 * 3600),
        ..stream::Config::default()
    };
    jetstream.get_or_create_stream(stream).await?;
    let worker = inbox.work(move |webhook| publish(jetstream.clone(), webhook));
    // An event takes milliseconds, so another bridge can soon take over.
    let worker = worker.lease_term(Duration::from_secs(5));
    work_until_told_to_end(worker.start()).await
}

async fn publish(jetstream: Context, webhook: Webhook) -> Result<Outcome, Retry> {
    let name = webhook.event().ok().and_then(|event| event.known_name());
    let subject = name.map_or("unknown".to_owned(), |name| name.as_str().replace(':', "."));
    let mut headers = HeaderMap::new();
    let id = format!("{}:{}", webhook.label(), webhook.id());
    headers.insert("Nats-Msg-Id", id.parse::<HeaderValue>()?);
    headers.insert("Topper-Label", webhook.label().parse::<HeaderValue>()?);
    headers.insert("Topper-Signature", webhook.signature().parse::<HeaderValue>()?);
    let (subject, body) = (format!("topper.{subject}"), webhook.body().to_vec());
    // The second wait is for the acknowledgement.
    jetstream.publish_with_headers(subject, headers, body.into()).await?.await?;
    Ok(Outcome::Processed)
}
