//! What a server says before it is asked: that it has too many clients, that a certificate is
//! missing, or something that is not Redis at all. The client drops it, and only reports that the
//! connection ended.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use redis::Value;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::answer::{Failure, NOT_REDIS};
use crate::cause::Cause;

/// As long as a line of the server may be.
const MOST: usize = 512;

/// The first that was heard, until there is an answer.
#[derive(Clone, Default)]
pub(super) struct Ear(Arc<Mutex<Heard>>);

#[derive(Default)]
struct Heard {
    bytes: Vec<u8>,
    cause: Option<Cause>,
    has_answer: bool,
}

impl Ear {
    /// From now on what ends the connection is not what it began with.
    pub(super) fn has_answer(&self) {
        self.lock().has_answer = true;
    }

    /// Why there was no answer, where that was said.
    pub(super) fn failure(&self, failure: Failure) -> Failure {
        let mut heard = self.lock();
        if heard.has_answer || !matches!(failure, Failure::Broken(_)) {
            return failure;
        }
        if let Some(cause) = heard.cause.take() {
            return Failure::Broken(cause);
        }
        match heard.bytes.first() {
            Some(b'-') => match redis::parse_redis_value(&heard.bytes) {
                Ok(Value::ServerError(error)) => Failure::Answer(error),
                _ => failure,
            },
            Some(b'+' | b':' | b'$' | b'*') | None => failure,
            Some(_) => Failure::Broken(Cause::Unusable(NOT_REDIS.to_owned())),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn with_advice(cause: Cause) -> Cause {
    match cause {
        Cause::Tls(error) if error.contains("CertificateRequired") => Cause::Tls(format!(
            "{error}; the server wants a client certificate: add `?sslcert=FILE&sslkey=FILE` to \
             the URL"
        )),
        cause => cause,
    }
}

/// A stream that is listened to.
pub(super) struct Stream<S> {
    stream: S,
    ear: Ear,
    /// Enough was heard.
    is_over: bool,
}

impl<S> Stream<S> {
    pub(super) fn new(stream: S, ear: Ear) -> Self {
        Self { stream, ear, is_over: false }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Stream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        if self.is_over {
            return polled;
        }
        let mut heard = self.ear.lock();
        match &polled {
            Poll::Pending => {}
            Poll::Ready(Err(error)) => heard.cause = Cause::find(error).map(with_advice),
            Poll::Ready(Ok(())) => {
                let room = MOST.saturating_sub(heard.bytes.len());
                let read = buffer.filled().get(before..).unwrap_or_default();
                heard.bytes.extend(read.iter().take(room));
            }
        }
        let is_over = heard.has_answer || heard.bytes.len() >= MOST;
        drop(heard);
        self.is_over = is_over;
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Stream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests;
