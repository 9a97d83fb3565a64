//! The bodies of requests and answers.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use hyper::body::Incoming;

use crate::activity::InFlight;

/// The body of a request.
///
/// A body that is dropped before it is read can be passed to a second route.
#[derive(Debug)]
pub struct RequestBody {
    /// Present until the drop.
    body: Option<Incoming>,
    unread: Option<Unread>,
}

/// Where an unread body is kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unread(Arc<Mutex<Option<Incoming>>>);

impl Unread {
    pub(crate) fn take(&self) -> Option<Incoming> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl RequestBody {
    pub(crate) fn new(body: Incoming) -> Self {
        Self { body: Some(body), unread: None }
    }

    pub(crate) fn or_back(body: Incoming, unread: Unread) -> Self {
        Self { body: Some(body), unread: Some(unread) }
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        if let Some(unread) = &self.unread {
            *unread.0.lock().unwrap_or_else(PoisonError::into_inner) = self.body.take();
        }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        self.unread = None;
        match &mut self.body {
            Some(body) => Pin::new(body).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Incoming::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map(Incoming::size_hint).unwrap_or_default()
    }
}

/// The body of an answer, from the service or from us. The request is in flight until its end.
pub(crate) struct AnswerBody<B> {
    pub(crate) body: Source<B>,
    pub(crate) _in_flight: InFlight,
}

pub(crate) enum Source<B> {
    Service(Pin<Box<B>>),
    Own(Full<Bytes>),
}

impl<B: Body<Data = Bytes>> Body for AnswerBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        match &mut self.body {
            Source::Service(body) => body.as_mut().poll_frame(cx),
            // It never fails.
            Source::Own(body) => Pin::new(body).poll_frame(cx).map(|frame| Some(Ok(frame?.ok()?))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.body {
            Source::Service(body) => body.is_end_stream(),
            Source::Own(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.body {
            Source::Service(body) => body.size_hint(),
            Source::Own(body) => body.size_hint(),
        }
    }
}
