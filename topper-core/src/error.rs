//! What can go wrong with one request.

use crate::{event::EnvelopeError, jws::JwsError, protocol::SIGNATURE_HEADER};

/// Why a delivery was not accepted.
///
/// [`reply`](Self::reply) converts it to a reply. No variant or message contains anything from the
/// request: no header, body or address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Sources are enforced, and the client's address is not on the list.
    #[error("the client's address is not on the list of allowed sources")]
    SourceForbidden,
    /// Sources are enforced, and the client's address is unknown.
    ///
    /// There is no socket peer; or a trusted proxy did not send a usable address; or the peer has a
    /// private address and no proxy is configured, so it is most likely a load balancer that should be
    /// configured.
    #[error("the client's address is unknown: is a proxy missing from the trusted proxies?")]
    SourceUnknown,
    /// The request has no signature header.
    #[error("header `{SIGNATURE_HEADER}` is missing")]
    SignatureMissing,
    /// The signature header is malformed.
    #[error("header `{SIGNATURE_HEADER}` is malformed")]
    SignatureMalformed(#[source] JwsError),
    /// No configured key matches the signature and the body.
    #[error("signature does not match")]
    SignatureInvalid,
    /// No configured key matches, and at least one key has matched no delivery since it was configured.
    /// That key may be the wrong one. The log names such keys.
    #[error("signature does not match, and a configured key has not matched any delivery yet")]
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
    /// The body ended before it was complete.
    #[error("body ended early")]
    BodyIncomplete,
    /// The signature matches, but the body is not an event's envelope.
    #[error("signed body is not a readable event")]
    EventUnreadable(#[source] EnvelopeError),
    /// There is no verifier for the request.
    #[error("no verifier is configured")]
    NotConfigured,
}
