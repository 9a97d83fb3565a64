//! The body of an answer that comes in pieces.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use http_body_util::channel::{Channel, Sender};
use hyper::body::{Body, Bytes, Frame};
use tokio::sync::oneshot;

/// Pieces that wait for a slow client.
const MOST_WAITING: usize = 16;

pub(super) struct Pieces {
    channel: Channel<Bytes, Infallible>,
    /// Dropped with the connection.
    _client: Option<oneshot::Sender<Infallible>>,
}

/// Completes when the client has hung up.
pub(super) type HungUp = oneshot::Receiver<Infallible>;

impl Pieces {
    pub(super) fn new() -> (Sender<Bytes, Infallible>, HungUp, Self) {
        let (sender, channel) = Channel::new(MOST_WAITING);
        let (client, hung_up) = oneshot::channel();
        (sender, hung_up, Self { channel, _client: Some(client) })
    }
}

impl From<Channel<Bytes, Infallible>> for Pieces {
    fn from(channel: Channel<Bytes, Infallible>) -> Self {
        Self { channel, _client: None }
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Pin::new(&mut self.channel).poll_frame(context)
    }
}
