//! What can go wrong with one request.

use crate::{event::EnvelopeError, jws::JwsError, protocol::SIGNATURE_HEADER};

/// Why a delivery was not accepted.
///
/// [`reply`](Self::reply) is the one conversion to a status. No variant shows anything of the
/// request: neither header nor body nor address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Sources are enforced, and the client's address is not on the list.
    #[error("the client's address is not on the list of allowed sources")]
    SourceForbidden,
    /// Sources are enforced, and the client's address is unknown.
    ///
    /// There is no socket peer, or a trusted proxy sent nothing usable, or the peer is a private
    /// address although no proxy is configured: most likely a load balancer that should be.
    #[error("the client's address is unknown: is a proxy missing from the trusted proxies?")]
    SourceUnknown,
    /// The request has no signature header.
    #[error("header `{SIGNATURE_HEADER}` is missing")]
    SignatureMissing,
    /// The signature header breaks a rule.
    #[error("header `{SIGNATURE_HEADER}` is malformed")]
    SignatureMalformed(#[source] JwsError),
    /// No configured key matches signature and body.
    #[error("signature does not match")]
    SignatureInvalid,
    /// No configured key matches signature and body, and at least one has matched nothing since it
    /// was configured, so it may be the wrong one. The log names the keys that are unproven.
    #[error("signature does not match, and a configured key has matched nothing yet")]
    KeyUnproven,
    /// The body is over the limit.
    #[error("body is over {limit} bytes")]
    #[non_exhaustive]
    BodyTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The body was not complete in time.
    #[error("body was not complete in time")]
    BodyTimeout,
    /// The body broke off.
    #[error("body broke off")]
    BodyIncomplete,
    /// The signature matches, but the body is not an event's envelope.
    #[error("signed body is not a readable event")]
    EventUnreadable(#[source] EnvelopeError),
    /// There is no verifier for the request.
    #[error("no verifier is configured")]
    NotConfigured,
}
