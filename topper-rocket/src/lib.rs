#![doc = include_str!("../README.md")]

mod fairing;
mod guard;
mod reply;
#[cfg(feature = "serve")]
mod serve;

pub use fairing::{DefaultWebhook, fairing, fairing_for};
pub use guard::{Verified, WebhookError};
pub use reply::WebhookReply;
#[cfg(feature = "serve")]
pub use serve::serve;
#[cfg(feature = "serve")]
pub use topper_serve::{ServeError, Server};
