//! What the user's function is given.

use topper_core::Webhook;

#[cfg(feature = "tokio")]
use crate::WebhookReply;

/// A delivery that was verified.
#[expect(clippy::exhaustive_structs, reason = "it is a wrapper, and will not grow")]
#[derive(Clone, Debug)]
pub struct Verified(pub Webhook);

#[cfg(feature = "tokio")]
topper_core::__verified!(Verified);
#[cfg(not(feature = "tokio"))]
topper_core::__verified_webhook!(Verified);
