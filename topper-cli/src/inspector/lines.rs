//! Work whose results are answered line by line, in JSON.

use std::pin::Pin;

use hyper::body::Bytes;
use serde_json::{Value, json};
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::{
    Inspector,
    pieces::Pieces,
    response::{Answer, stream},
};

/// Where the work puts its lines. It never waits: how many lines there are, and how long they are, is
/// limited by the work itself.
#[derive(Clone)]
pub(super) struct Lines(mpsc::UnboundedSender<Bytes>);

impl Lines {
    pub(super) fn add(&self, line: &Value) {
        // After the end no one receives it.
        let _ = self.0.send(bytes(line));
    }
}

fn bytes(line: &Value) -> Bytes {
    Bytes::from(format!("{line}\n"))
}

/// Begins the work. It is dropped when the client hangs up or the program ends; then its place is free.
pub(super) fn answer<W>(
    inspector: &Inspector,
    place: OwnedSemaphorePermit,
    work: impl FnOnce(Lines) -> W,
) -> Answer
where
    W: Future<Output = ()> + Send + 'static,
{
    let (lines, made) = mpsc::unbounded_channel();
    stream_of(inspector, place, Box::pin(work(Lines(lines))), made)
}

/// The same for all work, so that it is compiled once.
fn stream_of(
    inspector: &Inspector,
    place: OwnedSemaphorePermit,
    work: Pin<Box<dyn Future<Output = ()> + Send>>,
    mut made: mpsc::UnboundedReceiver<Bytes>,
) -> Answer {
    let (mut client, hung_up, pieces) = Pieces::new();
    let mut ending = inspector.ending();
    tokio::spawn(async move {
        let _place = place;
        let sending = async {
            // Ends with the work, which holds the other end.
            while let Some(line) = made.recv().await {
                if client.send_data(line).await.is_err() {
                    return;
                }
            }
        };
        tokio::select! {
            biased;
            _ = hung_up => (),
            _ = ending.wait_for(|&has_ended| has_ended) => {
                // There may be no room for it, or no client.
                let line = bytes(&json!({"error": "topper ends, so this was stopped"}));
                let _ = client.try_send(hyper::body::Frame::data(line));
            }
            ((), ()) = async { tokio::join!(work, sending) } => (),
        }
    });
    stream("application/x-ndjson", pieces)
}
