//! Why Topper's API gave nothing.

use std::{error::Error, fmt, sync::Arc};

use super::{Answer, AnswerTooLong, BoxError};
use crate::{ClaimsError, SignError};

/// Why there is no price and no list.
///
/// No message shows a token, or anything of an answer. The causes of [`Client`](Self::Client) are those
/// of your client.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApiError {
    /// The configuration breaks a rule.
    #[error(transparent)]
    Claims(#[from] ClaimsError),
    /// The token could not be signed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The flow is not one that Topper has lists for.
    #[error("Topper's lists are for the flows crypto_onramp and crypto_offramp, not for this one")]
    Flow,
    /// The client failed: there is no connection, or no whole answer in time.
    #[error("Topper's API cannot be asked: check the network, or try again later")]
    Client(#[source] Arc<dyn Error + Send + Sync>),
    /// The answer is longer than [`Answer::MOST_BYTES`].
    #[error("{0}, so it is not one of Topper's API: check the proxy in between")]
    TooLong(AnswerTooLong),
    /// Status 429: there were too many requests.
    #[error(
        "Topper allows no more requests for now (status 429): wait, and keep lists for some minutes; \
         Topper raises the limit for your addresses if you ask"
    )]
    RateLimited,
    /// Another status of 400 to 499: Topper does not accept the request.
    #[error("{0}")]
    Refused(Refusal),
    /// A status of 500 to 599: Topper failed.
    #[error("Topper's API failed with status {status}: try again later")]
    #[non_exhaustive]
    Unavailable {
        /// The status.
        status: u16,
    },
    /// A status that Topper's API has no use for, such as a redirect.
    #[error("status {status} is not an answer of Topper's API: check the proxy in between")]
    #[non_exhaustive]
    Status {
        /// The status.
        status: u16,
    },
    /// The body is not what was asked for.
    #[error("Topper's answer cannot be read: {problem}")]
    #[non_exhaustive]
    Unreadable {
        /// What is wrong with which field, such as `simulation.origin.amount is missing`. It has only
        /// names of fields that this version knows.
        problem: Box<str>,
    },
}

impl ApiError {
    /// Whether the same request may succeed later: the client failed, there were too many requests, or
    /// Topper failed.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Client(_) | Self::RateLimited | Self::Unavailable { .. })
    }

    pub(super) fn from_client(error: BoxError) -> Self {
        match error.downcast::<AnswerTooLong>() {
            Ok(error) => Self::TooLong(*error),
            Err(error) => Self::Client(error.into()),
        }
    }
}

/// Topper does not accept a request.
///
/// Its text has the status and what to check. `Debug` does not show the body.
#[derive(Clone)]
pub struct Refusal {
    answer: Answer,
    has_token: bool,
}

impl Refusal {
    pub(super) fn new(answer: Answer, has_token: bool) -> Self {
        Self { answer, has_token }
    }

    /// The status: 400 to 499, and not 429.
    pub fn status(&self) -> u16 {
        self.answer.status()
    }

    /// The body as received: what Topper says is wrong. Escape it before you show it, and keep it out
    /// of logs, because it may quote the token.
    pub fn body(&self) -> &[u8] {
        self.answer.body()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (status, advice) = (self.status(), self.advice());
        write!(f, "Topper's API refuses the request with status {status}: {advice}")
    }
}

impl Refusal {
    fn advice(&self) -> &'static str {
        match (self.status(), self.has_token) {
            (404 | 405 | 410, _) => "it may have another path by now: look for a newer version",
            (_, true) => {
                "check that widget id, key id and private key are of the same environment, and the \
                 token with `Inspector`"
            }
            (_, false) => "check that the client sends the method and the URL as they are",
        }
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refusal").field("status", &self.status()).finish_non_exhaustive()
    }
}
