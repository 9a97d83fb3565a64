//! Running a handler: a panic is caught, and how it ended is logged once.

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
    /// It said what it made of the event.
    Outcome(Outcome),
    /// It failed.
    Failed(Retry),
    /// It panicked.
    Panicked,
}

impl Ended {
    /// What to answer.
    pub fn reply(&self) -> Reply {
        match self {
            Self::Outcome(outcome) => (*outcome).into(),
            Self::Failed(_) => Reply::Retry,
            Self::Panicked => Reply::Panicked,
        }
    }

    /// What went wrong, if something did.
    pub fn failure(&self) -> Option<String> {
        match self {
            Self::Outcome(_) => None,
            Self::Failed(retry) => Some(retry.to_string()),
            // The panic's own message is left to the program's panic hook: it may show anything.
            Self::Panicked => Some("the handler panicked".to_owned()),
        }
    }
}

impl Webhook {
    /// Runs a handler, logs how it ended, once, and says what to answer.
    ///
    /// | the handler | answer |
    /// |---|---|
    /// | returns an [`Outcome`] | its reply |
    /// | fails: any error through `?` | [`Reply::Retry`], and Topper sends the event again |
    /// | panics | [`Reply::Panicked`], and Topper sends the event again |
    ///
    /// The adapters' `Verified::run` does this in a task of its own, so that a dropped connection does
    /// not stop the handler. Use this one where there is no adapter, and where the framework does not
    /// drop a handler half-way, or spawn it on your own runtime.
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

/// Runs a handler in a span of its event; a panic anywhere in it is caught.
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
        // What a panic leaves half-done is the handler's own; it is not polled again.
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
