//! Running a handler: panics are caught, and the result is logged once.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
};

use tracing::Span;

use crate::{Outcome, Reply, Retry, Webhook, log, meter::Handling};

/// How a handler ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum Ended {
    /// It returned an outcome.
    Outcome(Outcome),
    /// It returned an error.
    Failed(Retry),
    /// It panicked.
    Panicked,
}

impl Ended {
    /// The reply.
    pub fn reply(&self) -> Reply {
        match self {
            Self::Outcome(outcome) => (*outcome).into(),
            Self::Failed(_) => Reply::Retry,
            Self::Panicked => Reply::Panicked,
        }
    }

    /// The error, if there was one.
    pub fn failure(&self) -> Option<String> {
        match self {
            Self::Outcome(_) => None,
            Self::Failed(retry) => Some(retry.to_string()),
            // The panic's own message goes to the program's panic hook only: it can contain anything.
            Self::Panicked => Some("the handler panicked".to_owned()),
        }
    }
}

impl Webhook {
    /// Runs a handler, logs its result once, and returns the reply.
    ///
    /// | the handler | answer |
    /// |---|---|
    /// | returns an [`Outcome`] | its reply |
    /// | fails: any error through `?` | [`Reply::Retry`], and Topper sends the event again |
    /// | panics | [`Reply::Panicked`], and Topper sends the event again |
    ///
    /// `Verified::run` of the adapters does this in its own task, so a dropped connection does not stop
    /// the handler. Use `handle` if there is no adapter. If the framework drops handlers when a
    /// connection drops, spawn it on your runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # use topper::{Error, Event, Head, Outcome, Reply, Retry, Verifier, Webhook};
    /// async fn receive(verifier: &Verifier, headers: &[(String, String)], body: &[u8]) -> Reply {
    ///     match verifier.verify(&Head::new(None, headers), body) {
    ///         Ok(webhook) => webhook.handle(process).await,
    ///         Err(error) => error.reply(),
    ///     }
    /// }
    ///
    /// async fn process(webhook: Webhook) -> Result<Outcome, Retry> {
    ///     match webhook.event()? {
    ///         Event::OrderCryptoOnrampCompleted(_) => Ok(Outcome::Processed), // your work
    ///         _ => Ok(Outcome::Ignored),
    ///     }
    /// }
    /// ```
    pub async fn handle<H, F>(self, handler: H) -> Reply
    where
        H: FnOnce(Self) -> F,
        F: Future<Output = Result<Outcome, Retry>>,
    {
        let ended = run(self.clone(), handler).await;
        log::answered(&self, ended.reply(), ended.failure().as_deref(), None);
        ended.reply()
    }
}

/// Runs a handler in the span of its event, and catches a panic anywhere in it.
pub fn run<H, F>(webhook: Webhook, handler: H) -> impl Future<Output = Ended>
where
    H: FnOnce(Webhook) -> F,
    F: Future<Output = Result<Outcome, Retry>>,
{
    let (span, handling) = (log::span(&webhook), Handling::starts(&webhook));
    Caught { handler: Box::pin(async move { handler(webhook).await }), span, handling }
}

/// A handler that may panic.
struct Caught<F> {
    handler: Pin<Box<F>>,
    span: Span,
    handling: Handling,
}

impl<F: Future<Output = Result<Outcome, Retry>>> Future for Caught<F> {
    type Output = Ended;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Ended> {
        let Self { handler, span, handling } = &mut *self;
        let _entered = span.enter();
        // A panic can only leave the handler's own state half-done, and it is not polled again.
        let ended = match catch_unwind(AssertUnwindSafe(|| handler.as_mut().poll(context))) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(Ok(outcome))) => Ended::Outcome(outcome),
            Ok(Poll::Ready(Err(retry))) => Ended::Failed(retry),
            Err(_) => Ended::Panicked,
        };
        handling.ended(&ended);
        Poll::Ready(ended)
    }
}
