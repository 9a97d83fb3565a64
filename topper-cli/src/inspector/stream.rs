//! New deliveries as they come: server-sent events.

use std::{convert::Infallible, sync::Arc, time::Duration};

use http_body_util::channel::{Channel, Sender};
use hyper::{Request, body::Bytes};
use serde_json::{Value, json};
use tokio::{
    sync::{OwnedSemaphorePermit, broadcast, broadcast::error::RecvError, watch},
    time::interval,
};

use super::{
    Inspector,
    response::{Result, stream},
};

/// A sign of life, so that a connection that has died is noticed.
const PULSE: Duration = Duration::from_secs(15);

/// An event of the stream, as it is sent.
pub(super) type Message = Arc<str>;

pub(super) fn of_row(number: u64, row: &Value) -> Message {
    format!("event: row\nid: {number}\ndata: {row}\n\n").into()
}

pub(super) fn of_dropped(dropped: u64) -> Message {
    format!("event: dropped\ndata: {{\"dropped\":{dropped}}}\n\n").into()
}

pub(super) fn of_resync() -> Message {
    "event: resync\ndata: {}\n\n".into()
}

pub(super) fn of_problem(problem: Option<&str>) -> Message {
    format!("event: problem\ndata: {}\n\n", json!({"problem": problem})).into()
}

/// All deliveries after the header `Last-Event-ID`, if there is one, and then the new ones.
pub(super) fn follow<B>(inspector: &Arc<Inspector>, request: &Request<B>) -> Result {
    let permit = inspector.limits.stream()?;
    let last = request.headers().get("last-event-id");
    let last = last.and_then(|it| it.to_str().ok()?.parse().ok());
    let (missed, messages) = inspector.follow(last);
    let (sender, channel) = Channel::new(16);
    let ending = inspector.ending();
    tokio::spawn(send(sender, missed, messages, ending, permit));
    Ok(stream("text/event-stream", channel))
}

async fn send(
    mut sender: Sender<Bytes, Infallible>,
    missed: Vec<Message>,
    mut messages: broadcast::Receiver<Message>,
    mut ending: watch::Receiver<bool>,
    _permit: OwnedSemaphorePermit,
) {
    let mut pulse = interval(PULSE);
    for message in missed {
        if sender.send_data(bytes(&message)).await.is_err() {
            return;
        }
    }
    loop {
        let piece = tokio::select! {
            biased;
            message = messages.recv() => match message {
                Ok(message) => bytes(&message),
                // Too slow: what is missed is read again from the list.
                Err(RecvError::Lagged(_)) => bytes(&of_resync()),
                Err(RecvError::Closed) => return,
            },
            () = ended(&mut ending) => {
                // It may be gone already.
                let _ = sender.send_data(Bytes::from_static(b"event: ended\ndata: {}\n\n")).await;
                return;
            }
            _ = pulse.tick() => Bytes::from_static(b": here\n\n"),
        };
        if sender.send_data(piece).await.is_err() {
            return;
        }
    }
}

async fn ended(ending: &mut watch::Receiver<bool>) {
    let _ = ending.wait_for(|&has_ended| has_ended).await;
}

fn bytes(message: &Message) -> Bytes {
    Bytes::copy_from_slice(message.as_bytes())
}
