//! The body of a request, and the time that it may take.

use std::{future::poll_fn, pin::pin, task::Poll, time::Duration};

use bytes::Buf as _;
use http_body::Body;
use http_body_util::BodyExt as _;
use topper_core::{Admitted, Error, ReadError, Webhook};

/// Reads a body to its end, or until the timer is over, and verifies it.
pub(crate) async fn verify<S: Future<Output = ()>>(
    admitted: Result<Admitted, Error>,
    body: impl Body,
    timer: impl FnOnce(Duration) -> S,
) -> Result<Webhook, Error> {
    let mut admitted = admitted?;
    let mut deadline = pin!(timer(admitted.body_time_left()));
    let read = {
        let mut read = pin!(read(&mut admitted, body));
        poll_fn(|cx| match read.as_mut().poll(cx) {
            Poll::Pending => deadline.as_mut().poll(cx).map(|()| Err(ReadError::TimedOut)),
            read => read,
        })
        .await
    };
    admitted.finish(read)
}

async fn read(admitted: &mut Admitted, body: impl Body) -> Result<(), ReadError> {
    let mut body = pin!(body);
    while let Some(frame) = body.frame().await {
        // Trailers are not signed.
        let Ok(mut data) = frame.map_err(|_| ReadError::BrokeOff)?.into_data() else { continue };
        while data.has_remaining() {
            let chunk = data.chunk();
            admitted.push(chunk)?;
            data.advance(chunk.len());
        }
    }
    Ok(())
}
