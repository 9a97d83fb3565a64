//! The way of one request: its body is read, it is verified, and your function answers.

use std::{
    convert::Infallible,
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Buf as _, Bytes};
use http::Response;
use http_body::Body;
use http_body_util::Full;
use pin_project_lite::pin_project;
use topper_core::{Admitted, Error, ReadError, Reply};

use crate::{Verified, WebhookReply};

pin_project! {
    /// The answer of a [`WebhookService`](crate::WebhookService) to one request.
    ///
    /// It may be sent to another thread if the body, your function and the timer may.
    pub struct ResponseFuture<B, R, F, T, S> {
        #[pin]
        state: State<B, R, F, T, S>,
    }
}

pin_project! {
    #[project = Current]
    #[project_replace = Taken]
    enum State<B, R, F, T, S> {
        Reading { admitted: Admitted, #[pin] body: B, receive: R, timer: T, #[pin] deadline: Option<S> },
        Receiving { #[pin] reply: F },
        Replied { reply: Reply },
    }
}

impl<B, R, F, T, S> ResponseFuture<B, R, F, T, S> {
    pub(crate) fn read(admitted: Admitted, body: B, receive: R, timer: T) -> Self {
        Self { state: State::Reading { admitted, body, receive, timer, deadline: None } }
    }

    pub(crate) fn refuse(error: &Error) -> Self {
        Self { state: State::Replied { reply: error.reply() } }
    }
}

impl<B, R, F, T, S> Future for ResponseFuture<B, R, F, T, S>
where
    B: Body,
    R: Fn(Verified) -> F,
    F: Future<Output: Into<WebhookReply>>,
    T: Fn(Duration) -> S,
    S: Future<Output = ()>,
{
    type Output = Result<Response<Full<Bytes>>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let read = match state.as_mut().project() {
                Current::Replied { reply } => return answer(*reply),
                Current::Receiving { reply } => return answer(ready!(reply.poll(cx))),
                Current::Reading { admitted, body, timer, mut deadline, .. } => {
                    match read(admitted, body, cx) {
                        Poll::Ready(read) => read,
                        Poll::Pending => {
                            // Most bodies are there at once, and need no timer.
                            if deadline.is_none() {
                                deadline.set(Some(timer(admitted.body_time_left())));
                            }
                            if let Some(deadline) = deadline.as_pin_mut() {
                                ready!(deadline.poll(cx));
                            }
                            Err(ReadError::TimedOut)
                        }
                    }
                }
            };
            // What is left of the body is dropped here.
            let taken = state.as_mut().project_replace(State::Replied { reply: Reply::Retry });
            if let Taken::Reading { admitted, receive, .. } = taken {
                state.set(match admitted.finish(read) {
                    Ok(webhook) => State::Receiving { reply: receive(Verified(webhook)) },
                    Err(error) => State::Replied { reply: error.reply() },
                });
            }
        }
    }
}

fn read<B: Body>(
    admitted: &mut Admitted,
    mut body: Pin<&mut B>,
    cx: &mut Context<'_>,
) -> Poll<Result<(), ReadError>> {
    while let Some(frame) = ready!(body.as_mut().poll_frame(cx)) {
        // Trailers are not signed.
        let Ok(mut data) = frame.map_err(|_| ReadError::BrokeOff)?.into_data() else { continue };
        while data.has_remaining() {
            let chunk = data.chunk();
            admitted.push(chunk)?;
            let taken = chunk.len();
            data.advance(taken);
        }
    }
    Poll::Ready(Ok(()))
}

fn answer<E>(reply: impl Into<WebhookReply>) -> Poll<Result<Response<Full<Bytes>>, E>> {
    Poll::Ready(Ok(reply.into().into()))
}

impl<B, R, F, T, S> fmt::Debug for ResponseFuture<B, R, F, T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
